"""What an evaluation scores, and what it refuses before TensorFlow loads."""

import shutil

import pytest

from keras_pose.evaluation import chosen_clips
from keras_pose.evaluation.config import EvaluateConfig
from tests.helpers import tiny
from tests.helpers.tested_runs import write_tested_run


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory):
    return write_tested_run(tmp_path_factory.mktemp("runs") / "first", **tiny.FLAGS)


def choose(run_dir, **flags):
    lines = []
    return chosen_clips.choose(EvaluateConfig(run_dir=run_dir, **flags), lines.append), lines


def test_the_test_clips_of_the_run_are_chosen(run_dir):
    chosen, lines = choose(run_dir)
    assert (chosen.run_dirs, chosen.part) == ([run_dir], "test frames")
    assert sum(clip.num_labelled for clip in chosen.clips) == 8
    assert lines == [f"scoring the test frames of {run_dir}"]


def test_files_and_folders_are_checked_first(run_dir, tmp_path):
    with pytest.raises(ValueError, match="nothing: expected a run of train.py"):
        choose(f"{run_dir},{tmp_path / 'nothing'}")
    with pytest.raises(ValueError, match="nothing.txt: expected a file of clip names"):
        choose(run_dir, clips=str(tmp_path / "nothing.txt"))
    with pytest.raises(ValueError, match="nothing: no such file or folder"):
        choose(run_dir, data=str(tmp_path / "nothing"))
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="--eval_dir: expected a folder that can be written.*file is a file"):
        choose(run_dir, eval_dir=str(tmp_path / "file" / "eval"))
    assert not (tmp_path / "eval").exists()


def test_two_runs_of_one_name_are_refused(run_dir, tmp_path):
    other = shutil.copytree(run_dir, str(tmp_path / "first"))
    with pytest.raises(ValueError, match="--run_dir: expected runs of different names"):
        choose(f"{run_dir},{other}")
