import json

import numpy as np

from keras_pose.tracking.follow_settings import FollowSettings
from keras_pose.tracking.following import Following
from keras_pose.tracking.regions import WholeFrame
from tests.helpers.simulated_net import SimulatedNet, errors, run, walk

SIZE = (480, 640)


def test_following_beats_the_whole_frame_for_a_small_person():
    truths = walk(300, 64, (30, 60), (1.8, 0.9))
    followed, _ = run(Following(), SimulatedNet(), truths, SIZE, chunk=8)
    whole, _ = run(WholeFrame(), SimulatedNet(), truths, SIZE)
    assert errors(whole, truths).mean() > 100
    assert errors(followed, truths)[100:].mean() < 3


def test_following_equals_the_whole_frame_for_a_person_who_fills_it():
    truths = walk(200, 300, (120, 60), (0.3, 0.1))
    followed, _ = run(Following(), SimulatedNet(), truths, SIZE, chunk=8)
    whole, _ = run(WholeFrame(), SimulatedNet(), truths, SIZE)
    np.testing.assert_array_equal(followed, whole)


def test_it_resumes_exactly():
    truths = walk(160, 64, (30, 60), (1.8, 0.9))
    _, expected = run(Following(), SimulatedNet(), truths, SIZE, chunk=8)
    for stop in (0, 1, 44, 88, 100):
        first = Following()
        run(first, SimulatedNet(), truths[:stop], SIZE)
        second = Following()
        second.restore(json.loads(json.dumps(first.state(), allow_nan=False)))
        _, regions = run(second, SimulatedNet(), truths[stop:], SIZE, first=stop)
        np.testing.assert_array_equal(regions, expected[stop:])


def test_it_begins_at_a_given_region():
    truths = walk(100, 64, (330, 160), (0.2, 0.1))
    source = Following(start=(300.0, 130.0, 128.0, 128.0))
    joints, regions = run(source, SimulatedNet(), truths, SIZE, chunk=8)
    np.testing.assert_array_equal(regions[0], (300, 130, 128, 128))
    assert errors(joints, truths).max() < 6


def test_another_size_of_the_frames_is_another_video():
    source = Following()
    run(source, SimulatedNet(), walk(150, 64, (30, 60), (1, 0)), SIZE)
    frame = np.zeros((120, 160, 3), np.uint8)
    assert source.regions(150, frame) == {"person": (0.0, 0.0, 160.0, 120.0)}


def test_block_is_that_of_the_settings():
    assert Following().block == 8
    assert Following(settings=FollowSettings(block=3)).block == 3


def test_updates_before_the_first_frame_are_ignored():
    source = Following()
    source.update(0, "person", np.zeros((7, 2)), np.ones(7))
    assert source.state() == {}
