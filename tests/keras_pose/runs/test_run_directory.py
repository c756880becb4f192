"""Run directories: one configuration each, and nothing in them is lost by a wrong command."""

import dataclasses
import os

import numpy as np
import pytest

from keras_pose import files, options
from keras_pose.data.selection import DataSplit
from keras_pose.runs import checkpoint_files, run_directory
from keras_pose.runs.config import TrainConfig
from keras_pose.skeleton import UPPER_BODY
from tests.helpers.random_clips import make_clip
from tests.helpers.skeletons import COCO_UPPER_BODY

SPLIT = DataSplit([make_clip("a", count=2)], [make_clip("b", count=1)], [])


@pytest.fixture
def config(tmp_path):
    return TrainConfig.from_flags(run_dir=str(tmp_path / "run"))


def begin(config, skeleton=UPPER_BODY, split=SPLIT):
    run = run_directory.prepare(config)
    run_directory.begin(run, config, skeleton, split)
    return run


def test_a_run_can_be_resumed_with_the_same_flags(config):
    run = begin(config)
    assert options.load(TrainConfig, run.flags) == config
    begin(config)


def test_devices_caching_and_metrics_may_change(config):
    begin(config)
    begin(config.replace(devices="2", cache=False, metrics="pck"))


def test_a_run_whose_flagfile_lacks_a_newer_flag_can_be_resumed(config):
    run = begin(config)
    with open(run.flags, encoding="utf-8") as file:
        lines = [line for line in file if not line.startswith("--metrics=")]
    with open(run.flags, "w", encoding="utf-8") as file:
        file.writelines(lines)
    assert options.load(TrainConfig, run.flags) == config
    begin(config)
    begin(config.replace(metrics="median_error"))


def test_another_configuration_is_refused_with_the_flags_that_differ(config):
    run = begin(config)
    before = options.load(TrainConfig, run.flags)
    with pytest.raises(ValueError, match=r"--run_dir.*another configuration.*--batch_size=32 there, 16 now"):
        run_directory.prepare(config.replace(batch_size=16))
    assert options.load(TrainConfig, run.flags) == before


def test_changed_data_is_refused(config):
    begin(config)
    with pytest.raises(ValueError, match="labelled frames .* have changed"):
        begin(config, split=dataclasses.replace(SPLIT, train=[SPLIT.train[0].select([0])]))
    with pytest.raises(ValueError, match="joints .* have changed"):
        begin(config, skeleton=COCO_UPPER_BODY)


def test_a_folder_of_other_files_is_refused(config):
    os.makedirs(config.run_dir)
    open(os.path.join(config.run_dir, "thesis.tex"), "w").close()
    with pytest.raises(ValueError, match="holds other files"):
        run_directory.prepare(config)
    assert os.listdir(config.run_dir) == ["thesis.tex"]


def test_a_folder_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(ValueError, match="--run_dir: expected a folder that can be written"):
        run_directory.prepare(TrainConfig.from_flags(run_dir=str(tmp_path / "file" / "run")))


def test_opening_what_is_no_trained_run_says_what_is_missing(config, tmp_path):
    with pytest.raises(ValueError, match=r"flags\.txt does not exist"):
        run_directory.open_run(str(tmp_path))
    begin(config)
    with pytest.raises(ValueError, match=r"model\.weights\.h5 does not exist"):
        run_directory.open_run(config.run_dir)


def test_a_run_killed_before_its_flags_were_written_can_start_again(config):
    run = begin(config)
    os.remove(run.flags)  # written last
    begin(config)
    assert options.load(TrainConfig, run.flags) == config


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"train": 1, "validation": {}, "test": {}}'])
def test_a_damaged_split_is_named_and_a_resumed_run_writes_it_again(config, content):
    run = begin(config)
    whole = run_directory.read_split(run)
    with open(run.split, "wb") as file:
        file.write(content)
    with pytest.raises(ValueError, match=r"split\.json: expected "):
        run_directory.read_split(run)
    run_directory.begin(run, config, UPPER_BODY, SPLIT)
    assert run_directory.read_split(run) == whole


def test_going_on_from_the_checkpoint_before_is_reported(config):
    run = begin(config)
    for step in (2, 4):
        path = checkpoint_files.path_of(run.checkpoints, step)
        files.write_arrays(path, {"step": step, "memory": "{}", "weight_0": np.arange(100.0)})
    with open(path, "r+b") as file:
        file.truncate(200)
    lines = []
    with run_directory.lock(run, lines.append):
        assert checkpoint_files.newest_step(run.checkpoints) == 2
    assert len(lines) == 1
    assert "going on from the checkpoint before, step 2" in lines[0]


def test_two_processes_cannot_train_in_one_folder(config):
    run = begin(config)
    with run_directory.lock(run), pytest.raises(ValueError, match="another process is training in"):  # noqa: SIM117
        with run_directory.lock(run):
            pass
    with run_directory.lock(run):
        pass
