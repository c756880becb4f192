"""The second version's movement: continuous, with pauses, abrupt stops and contacts; the draw decides all."""

import dataclasses

import numpy as np

from keras_pose.data.synthetic import lively_hands, motion
from keras_pose.data.synthetic.lively_hands import Temper

STEADY = Temper(tremble=0.0, circles=0.0, sway=0.0)


def draw(seed, times, temper=STEADY):
    return lively_hands.draw_hand_paths(np.random.default_rng(seed), times, temper)


def speeds(path, spacing):
    return np.linalg.norm(np.diff(path, axis=0), axis=-1) / spacing


def test_hands_do_not_jump():
    for seed in range(20):
        moved = speeds(draw(seed, np.arange(0, 16, 0.02), Temper()), 0.02)
        assert moved.max() * 0.02 < 0.08  # heads in a fiftieth of a frame


def test_hands_pause_and_move_fast():
    moved = np.concatenate([speeds(draw(seed, np.arange(0, 60, 0.5)), 0.5).ravel() for seed in range(40)])
    assert 0.1 < (moved < 1e-9).mean() < 0.6
    assert np.percentile(moved, 95) > 0.2


def abrupt_stops(contacts):
    """Number of moments at which a hand that moves fast is at rest in the next tenth of a frame."""
    temper = dataclasses.replace(STEADY, contacts=contacts)
    count = 0
    for seed in range(40):
        moved = speeds(draw(seed, np.arange(0, 40, 0.1), temper), 0.1)
        count += ((moved[:-2] > 0.1) & (moved[2:] < 1e-9)).sum()
    return count


def test_contacts_stop_at_once():
    assert abrupt_stops(1.0) > 10 * max(abrupt_stops(0.0), 1)


def test_hands_reach_the_face_and_each_other_and_stay_there():
    face = 0
    meet = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        poses = lively_hands.perform(rng, motion.draw_body(rng), np.arange(16.0))
        to_head = np.linalg.norm(poses.wrists[..., :2] - poses.head[:, None], axis=-1) < 0.9
        apart = np.linalg.norm(poses.wrists[:, 0, :2] - poses.wrists[:, 1, :2], axis=-1) < 0.45
        face += to_head.sum(0).max() >= 4
        meet += apart.sum() >= 4
    assert face >= 6
    assert meet >= 6


def test_the_first_frame_is_like_any_other():
    paths = np.stack([draw(seed, np.arange(30.0)) for seed in range(150)])
    steps = np.linalg.norm(np.diff(paths, axis=1), axis=-1)
    assert 0.6 < steps[:, :5].mean() / steps[:, -5:].mean() < 1.6


def test_the_tremble_is_small_and_differs_from_frame_to_frame():
    still = draw(1, np.arange(30.0))
    trembling = draw(1, np.arange(30.0), dataclasses.replace(STEADY, tremble=0.07))
    off = trembling - still
    assert 0 < np.abs(off).max() <= 0.07
    assert np.abs(np.corrcoef(off[:-1, 0, 0], off[1:, 0, 0])[0, 1]) < 0.6


def test_the_seed_decides_the_performance():
    times = np.arange(8.0)
    np.testing.assert_array_equal(draw(3, times, Temper()), draw(3, times, Temper()))
    assert np.abs(draw(3, times) - draw(4, times)).max() > 0.1
