"""What the window around a frame says: neighbours decide what a frame leaves open, if their flow is reliable."""

import numpy as np
import pytest

from keras_pose.data.samples import Samples
from keras_pose.flow import estimators
from keras_pose.training.window_teacher import WindowTeacher
from tests.helpers import blob_net

A = (20.0, 20.0)
B = (44.0, 40.0)
OFFSETS = (-2, -1, 0, 1, 2)


def teach(frames, net=None, flow="none", row=2):
    points = np.zeros((len(frames), 2))
    clip = blob_net.make_clip("a", frames, points, [row])
    size_hw = (blob_net.SIZE, blob_net.SIZE)
    samples = Samples([clip], size_hw, OFFSETS, estimate_flow=estimators.open_estimator(flow))
    found = WindowTeacher(net or blob_net.build(), samples, 1.5).find_joints()
    return tuple(array[0] for array in found)


def test_neighbours_decide_between_two_places():
    unsure = blob_net.draw([(*A, 0.6), (*B, 0.65)])
    clear = blob_net.draw([(*A, 0.6)])
    points, confidence, maps = teach([clear, clear, unsure, clear, clear])
    assert np.linalg.norm(points[0] - A) < 3
    assert confidence[0] == pytest.approx(0.55, abs=0.05)  # all frames have the lower blob
    alone, _, _ = teach([unsure] * 5)
    assert np.linalg.norm(alone[0] - B) < 3
    np.testing.assert_allclose(maps[..., 0], unsure[..., 0].reshape(16, 4, 16, 4).mean((1, 3)) / 255, atol=1e-5)


def test_a_joint_that_moves_is_followed_by_flow():
    rng = np.random.default_rng(0)
    texture = rng.integers(0, 255, (blob_net.SIZE + 16, 16)).repeat(8, 1).astype(np.uint8)
    frames = []
    for step in range(5):
        frame = blob_net.draw([(20.0 + 4 * step, 30.0, 1.0)])
        frame[..., 1:] = texture[:64, 64 - 4 * step : 128 - 4 * step, None]  # moves along
        frames.append(frame)
    with_flow = teach(frames, flow="farneback")
    without = teach(frames)
    assert np.linalg.norm(with_flow[0][0] - (28.0, 30.0)) < 2
    assert with_flow[1][0] > without[1][0]


def test_unreliable_flow_counts_less():
    own = blob_net.draw([(*A, 0.7)])
    other = blob_net.draw([(*B, 1.0)])
    unlike = blob_net.draw([(*B, 1.0)], shade=255)  # looks like nothing in the middle frame
    points, confidence, maps = teach([unlike, unlike, own, unlike, unlike])
    assert np.linalg.norm(points[0] - A) < 3
    assert confidence[0] == pytest.approx(maps.max(), abs=0.1)  # nobody contradicts
    _, doubted, _ = teach([other, other, own, other, other])
    assert doubted[0] < confidence[0]


def test_a_frame_without_neighbours_is_as_sure_as_its_own_map():
    points, confidence, maps = teach([blob_net.draw([(*A, 0.7)])], row=0)
    assert np.linalg.norm(points[0] - A) < 3
    assert confidence[0] == pytest.approx(maps.max() ** 2, abs=0.05)  # its posterior is its map


def test_maps_that_are_the_same_everywhere_are_sure_of_nothing():
    frames = [blob_net.draw([(*A, 0.5)])] * 5
    _, confidence, _ = teach(frames, blob_net.build(height=0.0, floor=0.7))
    assert confidence[0] < 0.1
    _, confidence, _ = teach(frames, blob_net.build(height=0.0))
    assert confidence[0] == 0


def test_a_frame_that_cannot_be_read_is_named():
    clip = blob_net.make_clip("a", [blob_net.draw([])] * 3, np.zeros((3, 2)), [1])
    object.__setattr__(clip, "labelled", np.array([9]))  # past the end: no such frame
    samples = Samples([clip], (blob_net.SIZE, blob_net.SIZE), OFFSETS, estimate_flow=estimators.open_estimator("none"))
    with pytest.raises(ValueError, match="expected frame positions 0 to 2, received 9"):
        WindowTeacher(blob_net.build(), samples, 1.5).find_joints()
