"""The time of a choice: nets of folds if there are few unseen groups, and more for more windows, kinds and flows."""

import pytest

from keras_pose.choosing import duration
from keras_pose.data.selection import DataSplit
from keras_pose.runs.config import TrainConfig
from tests.helpers import blob_clips

CLIPS = blob_clips.still_clips(8)
SPLIT = DataSplit(CLIPS[2:], CLIPS[:2], [])
FLAGS = {"run_dir": "unused", "model": "flowing", "input_size": "64", "net_steps": 1000, "validate_every": 100}


def config_of(**flags):
    return TrainConfig.from_flags(**{**FLAGS, **flags})


def seconds(split=SPLIT, **flags):
    return duration.estimate_seconds(config_of(**flags), split, 7, 5.0, 0.5, 32)


def test_nets_of_folds_are_trained_if_few_groups_are_unseen():
    assert duration.fold_steps(config_of()) == 700
    assert duration.fold_steps(config_of(choice_fold_steps=200)) == 200
    assert duration.fold_steps(config_of(net_steps=0)) == 0
    assert duration.count_folds(config_of(), SPLIT) == 3
    assert duration.count_folds(config_of(choice_folds=20), SPLIT) == 6
    assert duration.count_folds(config_of(choice_groups=2), SPLIT) == 0
    assert duration.count_folds(config_of(choice_folds=0), SPLIT) == 0
    assert seconds() - seconds(choice_folds=0, choice_frames=1) > 3 * (5 + 700 * 0.5)


@pytest.mark.parametrize(
    ("fewer", "more"),
    [
        ({"choice_poolings": "sum"}, {"choice_poolings": "sum,parametric"}),
        ({"choice_poolings": "parametric"}, {"choice_poolings": "chain"}),
        ({"choice_windows": ""}, {"choice_windows": "10x1"}),
        ({"choice_flows": ""}, {"choice_flows": "variational"}),
    ],
)
def test_more_to_try_takes_longer(fewer, more):
    assert seconds(choice_folds=0, **fewer) < seconds(choice_folds=0, **more)
