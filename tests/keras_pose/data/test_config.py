"""Flags of data and augmentation: what contradicts itself is refused with the name of the flag."""

import pytest

from keras_pose.data.config import AugmentationConfig, DataConfig


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"validation_fraction": 0.0}, "--validation_fraction: expected at least 0.01, received 0.0"),
        ({"test_fraction": 0.95}, "--test_fraction: expected at most 0.9, received 0.95"),
        ({"on_bad_label": "ignore"}, "--on_bad_label: expected one of error, skip, received 'ignore'"),
        ({"test_clips": "a.txt", "test_fraction": 0.1}, "--test_clips, --test_fraction, --test_data: expected at most"),
        ({"test_clips": "a.txt", "test_source": "signers:test"}, "expected at most one of them"),
    ],
)
def test_data_out_of_range_is_named(change, message):
    with pytest.raises(ValueError, match=message):
        DataConfig(**change)


@pytest.mark.parametrize(("text", "probability"), [("auto", None), ("0", 0.0), ("0.25", 0.25), ("1", 1.0)])
def test_the_probability_of_mirroring_is_a_number_or_left_to_the_skeleton(text, probability):
    assert AugmentationConfig(mirror=text).mirror_probability == probability


@pytest.mark.parametrize("text", ["often", "", "-0.1", "1.5", "nan"])
def test_other_probabilities_are_refused(text):
    with pytest.raises(ValueError, match=f"--aug_mirror: expected auto or a number from 0 to 1, received {text!r}"):
        AugmentationConfig(mirror=text)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"scale": -0.1}, "--aug_scale: expected at least 0.0"),
        ({"rotation_deg": 181.0}, "--aug_rotation: expected at most 180.0"),
        ({"occlusion": float("nan")}, "--aug_occlusion: expected a finite number"),
    ],
)
def test_augmentation_out_of_range_is_named(change, message):
    with pytest.raises(ValueError, match=message):
        AugmentationConfig(**change)
