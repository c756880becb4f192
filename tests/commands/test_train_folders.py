"""Run folders of any name, full disks, and runs that become longer or whose data moves: all from the command line."""

import os
import shutil
import sys

import pytest

from keras_pose import files
from keras_pose.data.synthetic import signers
from keras_pose.evaluation import scoring
from keras_pose.evaluation.config import EvaluateConfig
from keras_pose.inference import loading
from serving.local_server.servable import Servable
from tests import conftest
from tests.helpers import small_project, tiny

EIGHT = {"steps": 8, "validate_every": 2, "warmup_steps": 0, "batch_size": 2, "test_data": ""}


def checkpoints(run_dir):
    return sorted(os.listdir(os.path.join(run_dir, "checkpoints")))


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return small_project.write_project(tmp_path_factory.mktemp("data") / "project [1]", ("earL", "earR", "tail"))


def test_a_folder_of_any_name_trains_resumes_evaluates_and_exports(project, tmp_path):
    run_dir = str(tmp_path / "run [lr=1e-3], a*b what? %d {x} ü")
    code, output = tiny.run(tiny.arguments(run_dir, **{**EIGHT, "steps": 4, "data": project}))
    assert code == 0, output
    assert "mirror pairs: earL–earR; on the midline: tail\n" in output
    code, output = tiny.run(tiny.arguments(run_dir, **EIGHT, data=project + "/"))
    assert code == 0, output
    assert "resuming at step 4 of 8" in output
    assert "--steps: 4 before, 8 from step 4 on" in output
    assert checkpoints(run_dir) == ["step-00000006.npz", "step-00000008.npz"]
    kept = os.stat(os.path.join(run_dir, "checkpoints", "step-00000008.npz"))
    # The same flags again: nothing is left to do.
    _, output = tiny.train(run_dir, **EIGHT, data=project + "/")
    assert "resuming at step 8 of 8" in output
    assert "step 2/8" not in output
    assert os.stat(os.path.join(run_dir, "checkpoints", "step-00000008.npz")).st_mtime_ns == kept.st_mtime_ns
    assert any("tfevents" in file for _, _, found in os.walk(os.path.join(run_dir, "logs")) for file in found)
    # Every other command names the folder, too: twice in one figure, and by a flagfile.
    shutil.copytree(run_dir, tmp_path / "other, of it")
    runs = [run_dir, str(tmp_path / "other, of it")]
    scoring.evaluate(EvaluateConfig(run_dir=tuple(runs)), lambda line: None)
    assert files.read_json(os.path.join(run_dir, "eval", "metrics.json"))["scored"]["runs"] == runs
    files.write_text(tmp_path / "flags [1]" / "a.txt", f"--run_dir={run_dir}\n")
    export = [sys.executable, str(conftest.ROOT / "export.py"), f"--flagfile={tmp_path / 'flags [1]' / 'a.txt'}"]
    code, output = tiny.run(export)
    assert code == 0, output
    version = os.path.join(run_dir, "export", "pose", "1")
    assert f"pose version 1: {version}" in output
    frames = signers.generate("test", 0, 2, (64, 64)).frames
    assert loading.load(version).predict(frames).joints.shape == (2, 3, 2)
    assert Servable(version, 1).run("predict_frames", {"frames": frames})["keypoints"].shape == (2, 3, 2)
    assert loading.load(run_dir).predict(frames).joints.shape == (2, 3, 2)


@pytest.mark.slow
def test_more_steps_end_like_a_run_of_that_many(tmp_path):
    flags = {"schedule": "constant", "steps": 9, "test_data": ""}
    whole = str(tmp_path / "whole")
    tiny.train(whole, **flags)
    longer = str(tmp_path / "longer")
    tiny.train(longer, **{**flags, "steps": 6})
    _, output = tiny.train(longer, **flags)
    assert "the learning rate is from now on that of a run of 9 steps" in output
    tiny.assert_same_arrays(tiny.checkpoint_arrays(longer, 9), tiny.checkpoint_arrays(whole, 9))
    code, output = tiny.run(tiny.arguments(longer, **{**flags, "steps": 6}))
    assert code == 1
    assert "--steps: expected at least 9, the step that the run in" in output


def limited(kilobytes, *arguments):
    """Runs a command whose files cannot grow beyond a size."""
    return tiny.run(["bash", "-c", f'ulimit -f {kilobytes}; exec "$@"', "bash", *arguments])


@pytest.mark.slow
def test_a_full_disk_is_one_line_and_the_same_command_resumes(tmp_path):
    flags = {"steps": 6, "test_data": ""}
    whole = str(tmp_path / "whole")
    tiny.train(whole, **flags)
    weights = os.path.getsize(os.path.join(whole, "model.weights.h5")) // 1024
    checkpoint = os.path.getsize(os.path.join(whole, "checkpoints", "step-00000006.npz")) // 1024
    run_dir = str(tmp_path / "run")
    sizes = {weights // 2: "model.weights.h5", (weights + checkpoint) // 2: "checkpoints/step-00000003.npz"}
    for size, name in sizes.items():
        code, output = limited(size, *tiny.arguments(run_dir, **flags))
        assert code == 1
        assert output.splitlines()[-1] == f"train.py: {run_dir}/{name}: cannot be written: File too large"
        for word in ("Traceback", "ZipFile", "Exception ignored"):
            assert word not in output
        folders = [run_dir, os.path.join(run_dir, "checkpoints")]
        assert not [f for folder in folders if os.path.isdir(folder) for f in os.listdir(folder) if "writing" in f]
    tiny.train(run_dir, **flags)
    tiny.assert_same_arrays(tiny.checkpoint_arrays(run_dir, 6), tiny.checkpoint_arrays(whole, 6))
