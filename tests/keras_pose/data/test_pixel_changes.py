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
    np.testing.assert_allclose(
        changed[:, 1:], changed[:, :1].repeat(2, axis=1), atol=1e-4
    )  # exponentials round by lane


def test_grey_is_a_power_of_itself_and_the_rest_is_linear():
    greys = np.linspace(0, 255, 64, dtype=np.float32)
    frames = np.broadcast_to(greys[None, None, None, :, None], (1, 1, 4, 64, 3))
    changed = pixel_changes.recolor(tf.constant(frames), SEED, only(color=1.0)).numpy()[0, 0]
    rows, columns = np.mgrid[-1:1:4j, -1:1:64j]
    # Each channel is a power of the grey, times a factor, plus a plane: found again by least squares.
    residuals = []
    for gamma in np.exp(np.linspace(-0.4, 0.4, 801)):
        terms = [(greys / 255)[None].repeat(4, 0) ** gamma, np.ones_like(rows), rows, columns]
        terms = np.stack([term.ravel() for term in terms], -1)
        residuals.append(np.linalg.lstsq(terms, changed.reshape(-1, 3), rcond=None)[1].max())
    assert min(residuals) < 0.05  # of 256 pixels
    assert max(residuals) > 100


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
