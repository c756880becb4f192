"""Makes the records of shards.

A record is a `tf.train.Example`:

    frame/encoded, frame/format      bytes: the picture, and png or jpeg
    frame/size_hw                    int64 [2], (height, width) in px
    clip, session, group, position   bytes, bytes, bytes, int64: which frame it is
    labelled, alone                  int64: whether it has labels; whether another record has the video of this frame
    joints                           float32 [J·2], (x, y) in px of the frame; NaN: unlabelled
    visibility, weights              int64 [J], 0 unlabelled, 1 hidden, 2 visible; float32 [J], 0 if unlabelled
    landmark/<name>                  float32 [2], of the landmarks of the clip
    frame/region                     float32 [4], (left, top, width, height) in px of the frame: what a net sees of it;
                                     absent: all of it
    origin                           bytes: the place of the label, for messages
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from keras_pose.data.clip import UNLABELLED, Clip

_JPEG_START = b"\xff\xd8"


def make_example(clip: Clip, position: int, alone: bool, row: int | None, picture: bytes) -> bytes:
    """Makes the data of a record.

    Args:
      clip: the clip.
      position: of the frame in the clip.
      alone: whether another record has this frame as the video shows it.
      row: row of its labels; None: the record has none.
      picture: the encoded frame.
    """
    num_joints = clip.joints.shape[1]
    unlabelled = np.full((num_joints, 2), np.nan, np.float32)
    visibility = clip.visibility[row] if row is not None else np.zeros(num_joints, np.uint8)
    weights = np.where(visibility == UNLABELLED, 0, clip.weights[row]) if row is not None else np.zeros(num_joints)
    features = {
        "frame/encoded": _bytes(picture),
        "frame/format": _bytes(b"jpeg" if picture.startswith(_JPEG_START) else b"png"),
        "frame/size_hw": _ints(clip.frames.size_hw),
        "clip": _text(clip.name),
        "session": _text(clip.session),
        "group": _text(clip.group),
        "position": _ints([position]),
        "labelled": _ints([row is not None]),
        "alone": _ints([alone]),
        "joints": _floats(clip.joints[row] if row is not None else unlabelled),
        "visibility": _ints(visibility),
        "weights": _floats(weights),
        "origin": _text(clip.origins[row] if row is not None else ""),
    }
    if clip.region is not None:
        features["frame/region"] = _floats(clip.region)
    for name, points in clip.landmarks.items():
        features[f"landmark/{name}"] = _floats(points[row] if row is not None else unlabelled[0])
    example = tf.train.Example(features=tf.train.Features(feature=features))
    return example.SerializeToString(deterministic=True)


def _bytes(value):
    return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))


def _text(value):
    return _bytes(value.encode(errors="surrogateescape"))


def _ints(values):
    return tf.train.Feature(int64_list=tf.train.Int64List(value=[int(v) for v in values]))


def _floats(values):
    return tf.train.Feature(float_list=tf.train.FloatList(value=np.asarray(values, np.float32).ravel()))
