"""The notebook runs from top to bottom, and what it shows in the repository comes from its code."""

import json

import nbformat
import numpy as np
import pytest

from keras_pose.media.video import VideoFrames
from keras_pose.poses import formats
from tests import conftest
from tests.helpers import notebooks

PATH = conftest.ROOT / "examples" / "your_video.ipynb"
MOST_BYTES = 300_000


@pytest.fixture(scope="module")
def notebook():
    return nbformat.read(PATH, as_version=4)


@pytest.fixture(scope="module")
def folder(notebook, tmp_path_factory):
    """What a quick run of the notebook writes."""
    pytest.importorskip("tables", reason="PyTables, which writes DeepLabCut's tables, is not installed")
    folder = tmp_path_factory.mktemp("notebook")
    notebooks.run(nbformat.from_dict(notebook), folder, QUICK="1")
    return folder / "runs" / "your_video"


@pytest.mark.slow
def test_it_ends_with_poses_a_labelled_video_and_frames_to_label(folder):
    poses = formats.read(folder / "predictions" / "signer_5.npz")
    assert poses.num_frames == 30
    assert np.isfinite(poses.joints).all()
    table = formats.read(folder / "predictions" / "signer_5.csv")
    np.testing.assert_allclose(table.joints, poses.joints, atol=1e-3)
    video = VideoFrames(folder / "predictions" / "signer_5_labelled.mp4")
    assert video.num_frames == 30
    video.close()
    assert (folder / "to_label_1" / "suggested.csv").is_file()
    assert list((folder / "to_label_1" / "labeled-data" / "signer_5").glob("*.png"))


@pytest.mark.slow
def test_its_net_is_tested_on_a_clip_that_it_was_not_trained_on(folder):
    split = json.loads((folder / "run" / "split.json").read_text(encoding="utf-8"))
    assert split["test"]
    assert not set(split["test"]) & (set(split["train"]) | set(split["validation"]))


def test_what_it_shows_comes_from_its_code(notebook):
    assert notebook.metadata[notebooks.DIGEST] == notebooks.digest_code(notebook), (
        "the code has changed since: python -m tests.helpers.notebooks examples/your_video.ipynb"
    )
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert not [output for cell in cells for output in cell.outputs if output.output_type == "error"]


def test_it_is_small_and_names_no_place_on_the_machine_that_ran_it(notebook):
    assert PATH.stat().st_size < MOST_BYTES
    text = PATH.read_text(encoding="utf-8")
    assert str(conftest.ROOT) not in text
    assert "/tmp/" not in text
