"""The DeepLabCut project: machine labels as DeepLabCut makes them, labels that our importer reads back."""

import os

import numpy as np
import pandas as pd
import pytest

from keras_pose.data.open_source import open_source
from keras_pose.labelling.writers import deeplabcut_project
from tests.helpers import suggested_frames

pytest.importorskip("tables")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return suggested_frames.make_suggestions(tmp_path_factory.mktemp("videos"))


def save_as_labels(folder, scorer):
    """What DeepLabCut's labelling window does when machine labels are saved."""
    table = pd.read_hdf(os.path.join(folder, "machinelabels-iter0.h5"))
    table = table.drop("likelihood", axis=1, level="coords").rename(columns={"mine": scorer}, level="scorer")
    table.to_csv(os.path.join(folder, f"CollectedData_{scorer}.csv"))
    table.to_hdf(os.path.join(folder, f"CollectedData_{scorer}.h5"), key="df_with_missing", mode="w")


def check_read_back(made, source):
    assert source.skeleton.joints == made.skeleton.joints
    assert source.problems == ()
    assert [clip.name for clip in source.clips] == list(made.videos)
    for clip in source.clips:
        frames = made.of_clip(clip.name)
        assert clip.labelled.tolist() == [frame.number for frame in frames]
        assert clip.frames.num_frames == 12  # the video was found, and fits
        np.testing.assert_allclose(clip.joints, [frame.joints for frame in frames], atol=0.01)


def test_machine_labels_are_those_of_deeplabcut(made, tmp_path):
    path = deeplabcut_project.write(str(tmp_path), made, "Ann")
    assert path == str(tmp_path / "config.yaml")
    folder = tmp_path / "labeled-data" / "one"
    assert sorted(os.listdir(folder)) == ["img02.png", "img10.png", "machinelabels-iter0.h5", "machinelabels.csv"]
    table = pd.read_hdf(folder / "machinelabels-iter0.h5", key="df_with_missing")
    assert table.index.tolist() == [("labeled-data", "one", "img02.png"), ("labeled-data", "one", "img10.png")]
    np.testing.assert_allclose(table["mine"]["left"]["likelihood"], 0.25)
    with pytest.raises(ValueError, match="no label table|found none"):  # nothing counts as a label yet
        open_source(str(tmp_path))


def test_corrected_machine_labels_are_read_back(made, tmp_path):
    deeplabcut_project.write(str(tmp_path), made, "Ann")
    for clip in made.videos:
        save_as_labels(tmp_path / "labeled-data" / clip, "Ann")
    check_read_back(made, open_source(str(tmp_path)))


def test_starting_labels_as_labels_are_read_back(made, tmp_path):
    deeplabcut_project.write(str(tmp_path), made, "Ann", as_labels=True)
    check_read_back(made, open_source(str(tmp_path)))
