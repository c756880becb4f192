"""Pipelines: batches are a function of seed and step, evaluation sees every sample once and unchanged."""

import numpy as np
import pytest
import test_samples

from keras_pose.data import augment, pipeline
from keras_pose.data.samples import Samples

CHANGES = augment.Augmentation(scale=0.2, rotation_deg=20, shift=0.1, color=0.5, noise=5.0, occlusion=0.5)


@pytest.fixture
def samples():
    return Samples([test_samples.make_clip("a"), test_samples.make_clip("b", (64, 48))], (64, 64))


def _batches(dataset):
    return list(dataset.as_numpy_iterator())


def test_a_pipeline_that_starts_at_a_step_gives_what_the_whole_one_gives_there(samples):
    whole = _batches(pipeline.make_training_dataset(samples, 4, 11, CHANGES, 9))
    late = _batches(pipeline.make_training_dataset(samples, 4, 11, CHANGES, 9, start_step=5))
    assert len(whole) == 9
    assert len(late) == 4
    for a, b in zip(whole[5:], late):
        np.testing.assert_array_equal(a[0], b[0])
        np.testing.assert_array_equal(a[1], b[1])


def test_another_seed_gives_other_batches(samples):
    a, b = (_batches(pipeline.make_training_dataset(samples, 4, seed, CHANGES, 1))[0] for seed in (1, 2))
    assert np.abs(a[0] - b[0]).mean() > 1


def test_shapes_are_known_and_nothing_is_nan(samples):
    dataset = pipeline.make_training_dataset(samples, 4, 0, CHANGES, 6)
    frames, targets = dataset.element_spec
    assert frames.shape.as_list()[1:] == [1, 64, 64, 3]
    assert targets.shape.as_list()[1:] == [3, 3]
    for frames, targets in _batches(dataset):
        assert frames.shape == (4, 1, 64, 64, 3)
        assert np.isfinite(frames).all()
        assert np.isfinite(targets).all()


def test_evaluation_sees_every_sample_once_in_order(samples):
    batches = _batches(pipeline.make_evaluation_dataset(samples, 4))
    assert [len(frames) for frames, _ in batches] == [4, 4, 2]
    targets = np.concatenate([targets for _, targets in batches])
    np.testing.assert_array_equal(targets, samples.read_batch(range(10))[2])


def test_single_frames_have_a_target_for_each_output(samples):
    dataset = pipeline.for_single_frames(pipeline.make_evaluation_dataset(samples, 4), ["heatmaps", "trunk_heatmaps"])
    frames, targets = next(iter(dataset))
    assert frames.shape == (4, 64, 64, 3)
    assert set(targets) == {"heatmaps", "trunk_heatmaps"}


def test_an_unreadable_frame_stops_the_pipeline_with_its_name(samples):
    def fail(indices):
        raise ValueError(f"clip.avi: frame {indices[0]} cannot be decoded")

    samples.rows[0][0].frames.read = fail
    with pytest.raises(Exception, match=r"clip\.avi: frame \d+ cannot be decoded"):
        _batches(pipeline.make_evaluation_dataset(samples, 4))
