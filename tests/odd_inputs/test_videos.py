"""All odd videos in one run of predict.py: the batch goes on, and each video has its poses or its message."""

import json
import os
import sys

import numpy as np
import pytest

from keras_pose.poses import video_poses
from tests import conftest
from tests.helpers import exported_runs, tiny
from tests.odd_inputs.kinds import NOTED, REFUSED, USED
from tests.odd_inputs.videos import KINDS


class Batch:
    """What predict.py did with all kinds at once."""

    def __init__(self, folder):
        run = exported_runs.write_run(folder / "run", input_size="32")[2]
        self.paths = {}
        for kind in KINDS.all:
            place = folder / "videos" / kind.name
            place.mkdir(parents=True)
            self.paths[kind.name] = str(kind.write(place))
        self.out_dir = folder / "out"
        command = [sys.executable, str(conftest.ROOT / "predict.py"), f"--run_dir={run}", f"--out_dir={self.out_dir}"]
        command += [f"--video={path}" for path in self.paths.values()]
        self.status, self.output = tiny.run([*command, "--formats=npz,csv"], PYTHONIOENCODING="utf-8")
        entries = json.loads((self.out_dir / "summary.json").read_text(encoding="utf-8"))["videos"]
        self.num_entries = len(entries)
        self.entries = {entry["path"]: entry for entry in entries}

    def warnings(self, path):
        return [line for line in self.output.splitlines() if line.startswith(f"warning: {path}: ")]


@pytest.fixture(scope="module")
def batch(tmp_path_factory):
    return Batch(tmp_path_factory.mktemp("odd"))


def test_the_batch_goes_on_and_the_status_says_that_videos_failed(batch):
    refused = sum(kind.outcome == REFUSED for kind in KINDS.all)
    assert batch.status == 1, batch.output
    assert f"{refused} of {len(KINDS.all)} videos failed" in batch.output
    assert "Traceback" not in batch.output
    assert batch.num_entries == len(batch.entries) == len(KINDS.all)
    assert set(batch.entries) == set(batch.paths.values())


@pytest.mark.parametrize("kind", [kind for kind in KINDS.all if kind.outcome == REFUSED], ids=lambda kind: kind.name)
def test_a_video_that_cannot_be_used_has_a_message_that_names_it(batch, kind):
    path = batch.paths[kind.name]
    entry = batch.entries[path]
    assert entry["status"] == "failed"
    assert entry["error"].startswith(path)
    assert kind.text in entry["error"]
    assert f"{path}: failed: {entry['error']}" in batch.output
    assert not (batch.out_dir / f"{entry['name']}.csv").exists()


@pytest.mark.parametrize("kind", [kind for kind in KINDS.all if kind.outcome != REFUSED], ids=lambda kind: kind.name)
def test_a_video_that_can_be_used_has_its_poses(batch, kind):
    path = batch.paths[kind.name]
    entry = batch.entries[path]
    assert entry["status"] == "done", entry
    poses = video_poses.load(batch.out_dir / f"{entry['name']}.npz")
    lost = kind.facts.get("missing", [])
    assert poses.frames.tolist() == list(range(kind.facts["frames"]))
    assert np.flatnonzero(~poses.decoded).tolist() == lost
    assert entry["missing"] == len(lost)
    assert np.isfinite(poses.joints[poses.decoded]).all()
    assert np.isnan(poses.joints[~poses.decoded]).all()
    assert poses.video.size_hw == kind.facts.get("size_hw", poses.video.size_hw)
    if "times_s" in kind.facts:
        np.testing.assert_allclose(poses.times_s, kind.facts["times_s"], atol=1e-3)
    assert os.path.getsize(batch.out_dir / f"{entry['name']}_labelled.mp4") > 0
    warnings = batch.warnings(path)
    assert any(kind.text in line for line in warnings) == (kind.outcome == NOTED), warnings
    assert kind.outcome != USED or warnings == []
    # Each of them is shown once, and kept in the summary.
    assert [f"warning: {text}" for text in entry["warnings"]] == warnings
