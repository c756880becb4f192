"""Fixtures of the gesture example: an exported pose net, clips, and a trained classifier."""

import pytest

from examples.gestures import train
from tests.helpers import disc_clips


@pytest.fixture(scope="session")
def pose_model(tmp_path_factory):
    """The folder of an exported net that finds the discs."""
    return disc_clips.train_pose_net(tmp_path_factory.mktemp("pose"))


@pytest.fixture(scope="session")
def folders(tmp_path_factory):
    """Folders of 48 clips to train on and of 80 to test on."""
    folder = tmp_path_factory.mktemp("clips")
    return {
        "clips": disc_clips.write_clips(folder / "train", 12, seed=1),
        "test_clips": disc_clips.write_clips(folder / "test", 20, seed=2),
    }


@pytest.fixture(scope="session")
def trained(pose_model, folders, tmp_path_factory):
    """What `train` returns, and its output folder."""
    output = tmp_path_factory.mktemp("output")
    return train.train(pose_model, output=str(output), **folders, echo=lambda line: None), output
