"""A run from flags to figures: what it tells about its data, what it builds, what it refuses."""

import numpy as np
import pytest

from keras_pose.data.samples import Samples
from keras_pose.data.selection import DataSplit
from keras_pose.runs import run_directory
from keras_pose.runs.config import TrainConfig
from keras_pose.skeleton import UPPER_BODY
from keras_pose.training import runner
from tests.helpers import tiny
from tests.helpers.random_clips import SeparateImages, make_clip

CONFIG = TrainConfig.from_flags(**{**tiny.FLAGS, "model": "flowing", "window": 2, "run_dir": "unused"})


def window_samples(*clips):
    return Samples(clips, (32, 32), CONFIG.offsets)


def test_separate_images_are_refused_for_a_net_that_pools():
    images = window_samples(make_clip(frames=SeparateImages))
    with pytest.raises(ValueError, match="--model=flowing: expected video, but none of the 5 labelled frames"):
        runner.check_neighbours(images, CONFIG, print)


def test_a_few_separate_images_among_video_are_noted():
    lines = []
    runner.check_neighbours(window_samples(make_clip(frames=SeparateImages), make_clip("b")), CONFIG, lines.append)
    assert lines == ["note: 5 of 10 labelled frames have no neighbours and are used alone"]
    runner.check_neighbours(window_samples(make_clip("b")), CONFIG, lines.append)
    runner.check_neighbours(Samples([make_clip(frames=SeparateImages)], (32, 32)), CONFIG, lines.append)
    assert len(lines) == 1


def test_a_model_starts_from_the_weights_of_a_run(tmp_path):
    config = CONFIG.replace(model="heatmap", run_dir=str(tmp_path))
    model = runner.build(config, UPPER_BODY)
    run = run_directory.RunDirectory(str(tmp_path))
    run_directory.begin(run, config, UPPER_BODY, DataSplit([], [], []))
    model.save_weights(run.weights)
    again = runner.build(config, UPPER_BODY, str(tmp_path))
    other = runner.build(config, UPPER_BODY)
    for a, b in zip(model.get_weights(), again.get_weights()):
        np.testing.assert_array_equal(a, b)
    assert not np.array_equal(model.get_weights()[0], other.get_weights()[0])


def test_a_folder_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(ValueError, match="--run_dir: expected a folder that can be written, received .*run"):
        runner.train(TrainConfig.from_flags(**{**tiny.FLAGS, "run_dir": str(tmp_path / "file" / "run")}))
