"""The signers' movement: limbs keep their lengths, moves are smooth, the draw decides all."""

import numpy as np

from keras_pose.data.synthetic import motion


def perform(seed, times):
    rng = np.random.default_rng(seed)
    body = motion.draw_body(rng)
    return body, motion.perform(rng, body, times)


def test_limbs_keep_their_lengths_in_space():
    for seed in range(20):
        body, poses = perform(seed, np.arange(0, 16, 0.5))
        upper = np.linalg.norm(poses.elbows - poses.shoulders, axis=-1)
        fore = np.linalg.norm(poses.wrists - poses.elbows, axis=-1)
        np.testing.assert_allclose(upper, body.upper_arm, atol=2e-3)
        np.testing.assert_allclose(fore, body.forearm, atol=2e-3)


def test_limbs_are_foreshortened_in_the_picture():
    lengths = []
    for seed in range(20):
        body, poses = perform(seed, np.arange(16.0))
        lengths.append(np.linalg.norm((poses.wrists - poses.elbows)[..., :2], axis=-1) / body.forearm)
    assert np.max(lengths) > 0.97
    assert np.percentile(lengths, 10) < 0.75


def test_wrists_move_without_jumps():
    for seed in range(20):
        _, poses = perform(seed, np.arange(0, 16, 0.05))
        step = np.linalg.norm(np.diff(poses.wrists, axis=0), axis=-1)
        assert step.max() < 0.06  # heads in a twentieth of a frame
        acceleration = np.linalg.norm(np.diff(poses.wrists, 2, axis=0), axis=-1)
        assert acceleration.max() < 0.02


def test_hands_reach_the_face_and_each_other():
    face = 0
    meet = 0
    for seed in range(60):
        _, poses = perform(seed, np.arange(16.0))
        to_head = np.linalg.norm(poses.wrists[..., :2] - poses.head[:, None], axis=-1).min()
        apart = np.linalg.norm(poses.wrists[:, 0, :2] - poses.wrists[:, 1, :2], axis=-1).min()
        face = face + (to_head < 0.6)
        meet = meet + (apart < 0.3)
    assert face >= 10
    assert meet >= 6


def test_the_seed_decides_the_performance():
    times = np.arange(8.0)
    np.testing.assert_array_equal(perform(3, times)[1].wrists, perform(3, times)[1].wrists)
    assert np.abs(perform(3, times)[1].wrists - perform(4, times)[1].wrists).max() > 0.1
