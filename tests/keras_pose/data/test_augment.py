"""Augmentation: pixels and joints move together, left and right change places, a seed decides all."""

import dataclasses

import cv2
import numpy as np
import pytest
import tensorflow as tf

from keras_pose import geometry
from keras_pose.data import augment
from keras_pose.skeleton import UPPER_BODY

SIZE_HW = (96, 128)
STRONG = dataclasses.replace(augment.NO_AUGMENTATION, scale=0.3, stretch=0.2, rotation_deg=40.0, shift=0.1)
HALF = augment.Mirroring(0.5, tuple(UPPER_BODY.flip_permutation().tolist()))
SEED = tf.constant([3, 5], tf.int64)


def only(**changes):
    """An augmentation with nothing but these changes."""
    return dataclasses.replace(augment.NO_AUGMENTATION, **changes)


def _dots(joints, size_hw=SIZE_HW):
    """uint8 [B, 1, H, W, 3] with a smooth white dot at each joint of float [B, J, 2]."""
    frames = np.zeros((len(joints), 1, *size_hw, 3), np.uint8)
    rows, columns = np.mgrid[: size_hw[0], : size_hw[1]]
    for frame, points in zip(frames, joints):
        for x, y in points:
            dot = 255 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 8)
            frame[0] = np.maximum(frame[0], dot[..., None].astype(np.uint8))
    return frames


def _center_of_mass(image):
    weights = image.astype(np.float64)
    rows, columns = np.mgrid[: image.shape[0], : image.shape[1]]
    return np.array([(weights * columns).sum(), (weights * rows).sum()]) / weights.sum()


def _identity(count):
    return np.tile(np.eye(3, dtype=np.float32), (count, 1, 1))


def _augment(frames, targets, *arguments):
    """Frames already at the size of the input, augmented; returns frames and targets."""
    count, length = frames.shape[:2]
    batch = {"frames": frames, "matrices": _identity(count), "targets": targets, "valid": np.ones((count, length))}
    window, targets = augment.augment_batch(batch, *arguments)
    return window["frames"], targets


def test_no_augmentation_changes_nothing():
    frames = np.random.default_rng(0).integers(0, 256, (2, 3, *SIZE_HW, 3)).astype(np.uint8)
    targets = np.array([[[10.0, 20.0, 1.0], [0.0, 0.0, 0.0]]] * 2, np.float32)
    changed, moved = _augment(frames, targets, SEED, SIZE_HW, augment.NO_AUGMENTATION, augment.NO_MIRRORING)
    np.testing.assert_allclose(changed, frames, atol=1e-3)
    np.testing.assert_allclose(moved, targets, atol=1e-4)


def test_stretch_changes_the_shape_and_keeps_the_area():
    matrices, _ = augment.random_matrices(SEED, 2000, SIZE_HW, only(stretch=0.4), 0.0)
    linear = matrices.numpy()[:, :2, :2]
    np.testing.assert_allclose(np.linalg.det(linear), 1, rtol=1e-5)
    ratio = linear[:, 0, 0] / linear[:, 1, 1]
    assert 1 / 1.4 - 1e-4 <= ratio.min() < 0.75
    assert 1.35 < ratio.max() <= 1.4 + 1e-4
    assert np.abs(linear[:, 1, 0]).max() == 0  # without rotation vertical lines may lean, horizontal ones stay
    assert np.abs(linear[:, 0, 1] / linear[:, 1, 1]).max() <= 0.2 + 1e-4


def test_a_dot_moves_where_its_joint_moves():
    joints = np.random.default_rng(1).uniform((50, 35), (78, 60), (16, 1, 2)).astype(np.float32)
    targets = np.concatenate([joints, np.ones((16, 1, 1))], -1).astype(np.float32)
    mirroring = augment.Mirroring(0.5, (0,))
    frames, moved = _augment(_dots(joints), targets, SEED, SIZE_HW, STRONG, mirroring)
    assert (moved[..., 2] == 1).numpy().all()
    for frame, target in zip(frames.numpy(), moved.numpy()):
        np.testing.assert_allclose(_center_of_mass(frame[0, ..., 0]), target[0, :2], atol=0.15)


def test_every_frame_of_a_window_is_changed_alike():
    frames = np.repeat(np.random.default_rng(2).integers(0, 256, (4, 1, *SIZE_HW, 3)), 3, axis=1).astype(np.uint8)
    every = dataclasses.replace(STRONG, color=1.0, occlusion=1.0)
    targets = np.zeros((4, 7, 3), np.float32)
    changed, _ = _augment(frames, targets, SEED, SIZE_HW, every, HALF)
    np.testing.assert_allclose(changed[:, 0], changed[:, 1], atol=1e-4)  # pow rounds by lane
    np.testing.assert_allclose(changed[:, 0], changed[:, 2], atol=1e-4)  # pow rounds by lane
    assert np.abs(changed[:, 0] - frames[:, 0]).mean() > 5


def test_mirroring_follows_the_convention_and_swaps_left_and_right():
    mirroring = augment.Mirroring(1.0, HALF.flip_permutation)
    targets = np.zeros((1, 7, 3), np.float32)
    targets[0, UPPER_BODY.index("left_wrist")] = 10, 20, 1
    frames = np.random.default_rng(3).integers(0, 256, (1, 1, *SIZE_HW, 3)).astype(np.uint8)
    changed, moved = _augment(frames, targets, SEED, SIZE_HW, augment.NO_AUGMENTATION, mirroring)
    np.testing.assert_allclose(changed[0, 0], frames[0, 0, :, ::-1], atol=1e-3)
    np.testing.assert_allclose(moved[0, UPPER_BODY.index("right_wrist")], (SIZE_HW[1] - 1 - 10, 20, 1), atol=1e-4)
    np.testing.assert_array_equal(moved[0, UPPER_BODY.index("left_wrist")], (0, 0, 0))


def test_mirrors_about_as_often_as_asked():
    _, mirrored = augment.random_matrices(SEED, 4000, SIZE_HW, STRONG, 0.3)
    assert abs(tf.reduce_mean(tf.cast(mirrored, tf.float32)).numpy() - 0.3) < 0.03


def test_zoom_and_turn_stay_in_their_ranges():
    matrices, _ = augment.random_matrices(SEED, 2000, SIZE_HW, STRONG, 0.5)
    zoom = np.sqrt(np.abs(np.linalg.det(matrices.numpy()[:, :2, :2])))
    assert 1 / 1.3 - 1e-4 <= zoom.min() < 0.8
    assert 1.25 < zoom.max() <= 1.3 + 1e-4
    turned = augment.random_matrices(SEED, 2000, SIZE_HW, only(rotation_deg=40.0), 0.0)[0].numpy()
    turn = np.degrees(np.arctan2(turned[:, 1, 0], turned[:, 0, 0]))
    assert 38 < np.abs(turn).max() <= 40 + 1e-3


def test_joints_that_leave_the_input_and_unlabelled_ones_have_no_weight():
    targets = np.array([[[2.0, 50.0, 1.0], [64.0, 50.0, 0.5], [0.0, 0.0, 0.0]]], np.float32)
    shift = np.array([[[1, 0, -3], [0, 1, 0], [0, 0, 1]]], np.float32)
    moved = augment.transform_targets(targets, shift, tf.constant([False]), SIZE_HW, ())
    np.testing.assert_allclose(moved[0], [[0, 0, 0], [61, 50, 0.5], [0, 0, 0]], atol=1e-5)


def test_warp_agrees_with_opencv():
    frame = cv2.GaussianBlur(np.random.default_rng(4).integers(0, 256, (60, 90, 3)).astype(np.uint8), (0, 0), 2)
    turn = np.vstack([cv2.getRotationMatrix2D((64, 48), -15, 1), (0, 0, 1)])
    crop = geometry.CropTransform(turn @ geometry.CropTransform.fit((60, 90), SIZE_HW).matrix, (60, 90), SIZE_HW)
    warped = augment.warp_frames(frame[None, None], crop.matrix[None].astype(np.float32), SIZE_HW)
    inside = augment.warp_frames(
        np.full((1, 1, 60, 90, 3), 255, np.uint8), crop.matrix[None].astype(np.float32), SIZE_HW
    )
    inside = inside[0, 0].numpy() == 255
    assert np.abs(warped[0, 0] - crop.warp(frame))[inside].max() <= 3


def test_same_seed_same_batch_other_seed_another():
    frames = np.random.default_rng(5).integers(0, 256, (3, 1, *SIZE_HW, 3)).astype(np.uint8)
    targets = np.tile(np.array([60.0, 40.0, 1.0], np.float32), (3, 7, 1))
    every = dataclasses.replace(STRONG, color=0.5, noise=8.0, occlusion=0.5)

    def run(seed):
        return _augment(frames, targets, tf.constant([0, seed], tf.int64), SIZE_HW, every, HALF)

    np.testing.assert_array_equal(run(1)[0], run(1)[0])
    assert np.abs(run(1)[0] - run(2)[0]).mean() > 1
    assert np.abs(run(1)[1] - run(2)[1]).mean() > 0.1


def test_refuses_to_mirror_without_a_permutation():
    with pytest.raises(ValueError, match="mirror"):
        augment.Mirroring(0.5)
