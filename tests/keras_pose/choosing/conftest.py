"""A choice on clips of bright spots, with the run of a net whose maps are read from the brightness."""

import pytest

from keras_pose.choosing import chooser
from keras_pose.data.selection import DataSplit
from keras_pose.runs.config import TrainConfig
from keras_pose.runs.parts import LossConfig
from keras_pose.skeleton import UPPER_BODY
from keras_pose.training import targets
from tests.helpers import blob_clips
from tests.helpers.exported_runs import write_run

FLAGS = {
    "model": "flowing",
    "net_steps": 100,
    "input_size": "64",
    "window": 1,
    "frame_stride": 1,
    "choice_windows": "2x1",
    "choice_folds": 0,
    "choice_poolings": "sum",
}


@pytest.fixture(scope="session")
def frame_run(tmp_path_factory):
    """Folder of the run of a net for single frames."""
    return write_run(tmp_path_factory.mktemp("choosing") / "net")[2]


@pytest.fixture
def make_choosing(frame_run, tmp_path):
    """Function (validation clips, …) to a `Choosing` in a new folder; `lines` takes what it says."""

    def make(validation, train=(), lines=None, start=frame_run, train_fold=None, **flags):
        config = TrainConfig.from_flags(run_dir=str(tmp_path / "run"), **{**FLAGS, **flags})
        said = lines if lines is not None else []
        return chooser.Choosing(
            config.run_dir,
            config,
            DataSplit(list(train), list(validation), []),
            UPPER_BODY,
            start,
            lambda layer: targets.make_pooling_loss(LossConfig(), layer),
            train_fold,
            said.append,
            lambda run_dir: blob_clips.predict_maps,
        )

    return make
