"""Flags of `keras-pose prepare`."""

import pytest

from keras_pose import options
from keras_pose.sharding.config import PrepareConfig


def make(**flags):
    return options.build(PrepareConfig, flags)


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({}, "expected a folder to write shards to, or one to check; received none"),
        ({"out_dir": "a", "check": "b"}, "received both"),
        ({"out_dir": "a", "test_clips": "b"}, "--test_clips: a flag of training"),
        ({"out_dir": "a", "test_data": "b"}, "--test_data: a flag of training"),
        ({"out_dir": "a", "data_weights": "0.3"}, "--data_weights: a flag of training"),
        ({"out_dir": "a", "data": "signers:train:2,signers:test:2"}, "expected one source; prepare each in a folder"),
        ({"out_dir": "a", "frame_format": "webp"}, "--frame_format: expected one of png, jpeg"),
        ({"out_dir": "a", "jpeg_quality": 0}, "--jpeg_quality: expected at least 1"),
        ({"out_dir": "a", "frames_per_shard": 0}, "--frames_per_shard: expected at least 1"),
    ],
)
def test_mistakes_name_the_flag(flags, message):
    with pytest.raises(ValueError, match=message):
        make(**flags)


def test_settings_hold_what_is_used():
    assert make(out_dir="a", window=3).settings() == {
        "frames": "labelled",
        "frame_format": "png",
        "window": 3,
        "frames_per_shard": 1024,
    }
    assert make(out_dir="a", frames="all", window=3, frame_format="jpeg").settings() == {
        "frames": "all",
        "frame_format": "jpeg",
        "jpeg_quality": 95,
        "frames_per_shard": 1024,
    }

    assert make(out_dir="a", split="authors:sub1").settings()["split"] == "authors:sub1"


def test_workers_default_to_the_cores():
    assert make(out_dir="a").num_workers >= 1
    assert make(out_dir="a", workers=3).num_workers == 3
