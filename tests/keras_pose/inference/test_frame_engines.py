"""Engines of nets that see single frames: px of the frame, and the same answers for any batch."""

import numpy as np
import pytest

from keras_pose.inference.frame_engines import PooledEngine, PositionsEngine
from keras_pose.inference.graphs import FrameGraphs
from keras_pose.inference.pooled_track import PoolingParts
from tests.helpers.dots import dot_net, dots

SIZE_HW = (64, 64)
POINTS = np.array([[(20 + 4 * i, 40), (90, 100 - 4 * i)] for i in range(5)], np.float32)  # of frames of 128 px


@pytest.fixture(scope="module")
def engine():
    parts = PoolingParts(dot_net(SIZE_HW), 2, SIZE_HW, 1, "dis_fast")
    return PooledEngine(parts, FrameGraphs(parts.net, SIZE_HW, 2), SIZE_HW)


@pytest.fixture(scope="module")
def views(engine):
    return [engine.view(dots((128, 128), *points, 10)) for points in POINTS]


def test_joints_are_in_px_of_the_frame(engine, views):
    for (joints, scores), points in zip(engine.single_poses(views, engine.run(views)), POINTS):
        np.testing.assert_allclose(joints, points, atol=1.5)  # a px of the maps has 8 px of the frame
        assert (scores > 0.8).all()


def test_poses_are_those_of_single_frames_if_nothing_is_pooled(engine, views):
    track = engine.open_track()
    outputs = engine.run(views)
    pooled = [item for n, (view, maps) in enumerate(zip(views, outputs)) for item in track.push(n, view, maps)]
    poses = engine.finish(pooled)
    assert [pose.frame for pose in poses] == list(range(5))
    for pose, (joints, scores) in zip(poses, engine.single_poses(views, outputs)):
        np.testing.assert_array_equal(pose.joints, joints)
        np.testing.assert_array_equal(pose.scores, scores)
        assert not pose.ambiguous.any()
    assert (engine.reach, engine.lag_frames, engine.memory, engine.max_batch) == (0, 0, 0, 0)


def test_the_batch_changes_nothing(engine, views):
    alone = [engine.run([view])[0] for view in views]
    np.testing.assert_array_equal(engine.run(views), alone)


def test_two_dots_of_one_colour_are_ambiguous(engine):
    both = np.maximum(dots((128, 128), (30, 30), (60, 90), 8), dots((128, 128), (100, 100), (60, 90), 8))
    view = engine.view(both)
    pose = engine.finish(list(engine.open_track().push(0, view, engine.run([view])[0])))[0]
    assert pose.ambiguous.tolist() == [True, False]


def test_positions_are_mapped_to_the_frame_one_frame_at_a_time():
    sizes = []

    def predict_fitted(images):
        sizes.append(len(images))
        return np.full((1, 2, 2), images[0, 0, 0, 0], np.float32), np.array([[0.25, 0.5]], np.float32)

    engine = PositionsEngine(predict_fitted, SIZE_HW)
    views = [engine.view(np.full((128, 128, 3), value, np.uint8), (32, 32, 64, 64)) for value in (10, 20)]
    outputs = engine.run(views)
    assert sizes == [1, 1]
    singles = engine.single_poses(views, outputs)
    assert [joints[0].tolist() for joints, _ in singles] == [[42, 42], [52, 52]]
    track = engine.open_track()
    pooled = [item for n, (view, output) in enumerate(zip(views, outputs)) for item in track.push(n, view, output)]
    poses = engine.finish(pooled)
    assert [pose.joints[1].tolist() for pose in poses] == [[42, 42], [52, 52]]
    assert poses[1].scores.tolist() == [0.25, 0.5]
    assert list(track.push(2, views[0], None)) == list(track.end_scene()) == []
