"""The heatmaps inside MoveNet are those that its own answer is read from."""

import os
import pathlib

import numpy as np
import pytest

from benchmarks.pooling import movenet_maps
from benchmarks.upper_body import open_movenet
from keras_pose.geometry import CropTransform
from keras_pose.heatmaps import HeatmapCodec
from tests import conftest
from tests.helpers import teachers

SHARED = pathlib.Path(os.environ.get("KERAS_POSE_SHARED", conftest.ROOT.parent / "shared")) / "data"
needs_movenet = pytest.mark.skipif(not (SHARED / "teachers").is_dir(), reason=f"{SHARED / 'teachers'} is absent")


@needs_movenet
def test_peaks_of_the_maps_are_the_joints_that_movenet_answers():
    people = sorted((SHARED / "people").rglob("*.mp4")) + sorted((SHARED / "people").rglob("*.mpg"))
    if not people:
        pytest.skip(f"no video in {SHARED / 'people'}")
    from keras_pose.media.video import VideoFrames

    frames = VideoFrames(str(people[0])).read([5, 15])
    folder = str(SHARED / "teachers" / "movenet_lightning")
    net = movenet_maps.open_maps(folder)
    crop = CropTransform.fit(frames.shape[1:3], net.config.model.input_size_hw)
    maps = net.predict_maps(np.stack([crop.warp(frame) for frame in frames]).astype(np.float32))
    assert maps.shape == (2, 48, 48, len(movenet_maps.JOINTS))
    points, heights = (np.asarray(a) for a in HeatmapCodec(4).decode(maps))
    apart = np.linalg.norm(crop.to_frame(points) - open_movenet(folder)(frames), axis=-1)
    sure = heights > 0.5
    assert sure.sum() >= 6
    assert np.median(apart[sure]) < 0.02 * max(frames.shape[1:3])


def test_another_saved_model_is_refused(tmp_path):
    folder = teachers.write_other(tmp_path / "other")
    with pytest.raises(ValueError, match="saved_model.pb: expected MoveNet Single-Pose"):
        movenet_maps.open_maps(folder)
