"""The records of shards."""

import dataclasses

import numpy as np
import tensorflow as tf

from keras_pose.data.clip import ArrayFrames, Clip
from keras_pose.sharding import examples


def make_clip():
    return Clip(
        "clip é",
        ArrayFrames(np.zeros((6, 4, 5, 3))),
        [2],
        [[[1, 2], [np.nan, np.nan]]],
        [[1, 0]],
        [[0.5, 0.25]],
        ("labels.csv:7",),
        "session",
        "film",
        {"hip": [[3, 4]]},
    )


def read(data):
    return tf.train.Example.FromString(data).features.feature


def test_a_labelled_frame_has_its_labels():
    features = read(examples.make_example(make_clip(), 2, False, 0, b"\xff\xd8..."))
    assert features["frame/encoded"].bytes_list.value[0] == b"\xff\xd8..."
    assert features["frame/format"].bytes_list.value[0] == b"jpeg"
    assert list(features["frame/size_hw"].int64_list.value) == [4, 5]
    texts = [features[name].bytes_list.value[0].decode() for name in ("clip", "session", "group", "origin")]
    assert texts == ["clip é", "session", "film", "labels.csv:7"]
    assert list(features["joints"].float_list.value)[:2] == [1, 2]
    assert np.isnan(list(features["joints"].float_list.value)[2:]).all()
    assert list(features["visibility"].int64_list.value) == [1, 0]
    assert list(features["weights"].float_list.value) == [0.5, 0]  # the weight of an unlabelled joint has no meaning
    assert list(features["landmark/hip"].float_list.value) == [3, 4]
    assert (features["labelled"].int64_list.value[0], features["alone"].int64_list.value[0]) == (1, 0)


def test_a_neighbour_has_none():
    features = read(examples.make_example(make_clip(), 3, True, None, b"\x89PNG"))
    assert features["frame/format"].bytes_list.value[0] == b"png"
    assert features["position"].int64_list.value[0] == 3
    for name in ("joints", "landmark/hip"):
        assert np.isnan(list(features[name].float_list.value)).all()
    assert list(features["weights"].float_list.value) == [0, 0]
    assert (features["labelled"].int64_list.value[0], features["alone"].int64_list.value[0]) == (0, 1)


def test_the_same_frame_gives_the_same_bytes():
    made = {examples.make_example(make_clip(), 2, False, 0, b"picture") for _ in range(5)}
    assert len(made) == 1


def test_a_region_is_in_the_record():
    clip = make_clip()
    whole = tf.train.Example.FromString(examples.make_example(clip, 2, False, 0, b"picture")).features.feature
    assert "frame/region" not in whole
    clip = dataclasses.replace(clip, region=(-1.5, 2, 20, 20))
    found = tf.train.Example.FromString(examples.make_example(clip, 2, False, 0, b"picture")).features.feature
    assert list(found["frame/region"].float_list.value) == [-1.5, 2, 20, 20]
