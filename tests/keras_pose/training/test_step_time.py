"""The time of a training, from a few steps of it."""

import pytest

from keras_pose.data import selection
from keras_pose.runs.config import TrainConfig
from keras_pose.training import step_time
from tests.helpers import tiny


@pytest.mark.slow
def test_the_time_grows_with_the_steps_and_holds_the_net_for_single_frames():
    flags = {**tiny.FLAGS, "run_dir": "none", "test_data": "", "signer_frames": 8, "warmup_steps": 0}
    flowing = {"model": "flowing", "pooling": "parametric", "window": 1, "flow": "farneback", "pooling_steps": 3}
    config = TrainConfig.from_flags(**flags, **flowing, net_steps=300, net_batch_size=4)
    source = selection.open_data(config.data.source, config.data)
    split = selection.split_data(source, config.data)
    start_s, step_s, read_s = step_time.measure_step(config.of_frame_net(), split, source.skeleton)
    assert min(start_s, step_s, read_s) > 0
    assert start_s > step_s  # it traces the graph
    assert step_time.estimate_seconds(config, split, source.skeleton) > 100 * step_s


@pytest.mark.slow
def test_the_time_of_auto_holds_the_nets_of_folds():
    flags = {**tiny.FLAGS, "run_dir": "none", "test_data": "", "signer_frames": 8, "warmup_steps": 0}
    flowing = {"model": "flowing", "window": 1, "flow": "none", "net_batch_size": 4, "choice_poolings": "sum"}
    config = TrainConfig.from_flags(**flags, **flowing, net_steps=300, choice_fold_steps=30_000)
    source = selection.open_data(config.data.source, config.data)
    split = selection.split_data(source, config.data)
    _, step_s, _ = step_time.measure_step(config.of_frame_net().replace(batch_size=4), split, source.skeleton)
    # 300 steps of the net, 3 times 30,000 of those of the folds; a step never takes exactly as long.
    assert step_time.estimate_seconds(config, split, source.skeleton) > 30_000 * step_s
