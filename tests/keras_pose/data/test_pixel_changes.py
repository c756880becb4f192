"""Changes of pixels: values stay in range, a window changes alike, strength 0 changes nothing."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from keras_pose.data import augment, pixel_changes

SEED = tf.constant([3, 5], tf.int64)
CHANGES = {"color": pixel_changes.recolor, "noise": pixel_changes.add_noise, "occlusion": pixel_changes.occlude}


def only(**changes):
    """Returns an augmentation with nothing but these changes."""
    return dataclasses.replace(augment.NO_AUGMENTATION, **changes)


@pytest.fixture
def frames():
    """float32 [8, 3, 48, 64, 3]: 8 windows of the same frame three times."""
    one = np.random.default_rng(6).integers(0, 256, (8, 1, 48, 64, 3))
    return tf.constant(np.repeat(one, 3, axis=1), tf.float32)


@pytest.mark.parametrize("name", CHANGES)
def test_strength_zero_changes_nothing(name, frames):
    np.testing.assert_array_equal(CHANGES[name](frames, SEED, augment.NO_AUGMENTATION), frames)


@pytest.mark.parametrize("name", CHANGES)
def test_the_seed_decides_the_change(name, frames):
    change = CHANGES[name]
    strength = only(**{name: 0.5})
    once = change(frames, SEED, strength).numpy()
    np.testing.assert_array_equal(change(frames, SEED, strength), once)
    assert np.abs(once - frames).mean() > 0.01
    assert np.abs(change(frames, tf.constant([3, 6], tf.int64), strength) - once).mean() > 0.01


@pytest.mark.parametrize("name", ["color", "occlusion"])
def test_all_frames_of_a_window_change_alike(name, frames):
    changed = CHANGES[name](frames, SEED, only(**{name: 0.5})).numpy()
    np.testing.assert_allclose(changed[:, 1:], changed[:, :1].repeat(2, axis=1), atol=1e-4)  # pow rounds by lane


def test_colors_and_noise_stay_in_range(frames):
    changed = pixel_changes.add_noise(pixel_changes.recolor(frames, SEED, only(color=1.0)), SEED, only(noise=20.0))
    assert tf.reduce_min(changed) >= 0
    assert tf.reduce_max(changed) <= 255


def test_noise_has_at_most_the_standard_deviation_that_was_asked_for():
    grey = tf.fill([16, 1, 48, 64, 3], 128.0)
    noise = pixel_changes.add_noise(grey, SEED, only(noise=10.0)).numpy() - 128
    deviations = noise.std(axis=(1, 2, 3, 4))
    assert deviations.max() <= 10.5
    assert deviations.max() > 6
    assert deviations.min() < 4


def test_a_box_covers_a_part_of_every_frame(frames):
    covered = pixel_changes.occlude(frames, SEED, only(occlusion=1.0)) != frames
    share = tf.reduce_mean(tf.cast(covered, tf.float32), [1, 2, 3, 4]).numpy()
    assert (share > 0).all()
    assert (share < 0.17).all()


def test_boxes_cover_about_as_many_frames_as_asked_for():
    frames = tf.fill([400, 1, 16, 16, 3], -1.0)
    covered = pixel_changes.occlude(frames, SEED, only(occlusion=0.3)).numpy().max(axis=(1, 2, 3, 4)) >= 0
    assert abs(covered.mean() - 0.3) < 0.08
