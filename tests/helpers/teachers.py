"""Teachers and videos for tests of annotating: a SavedModel with the signature of MoveNet that finds a bright spot."""

from __future__ import annotations

import os

import numpy as np
import tensorflow as tf

from keras_pose.annotating import person_joints
from keras_pose.media.video import write_video

SIDE_PX = 64
NUM_JOINTS = person_joints.COCO.num_joints
NOSE = person_joints.COCO.index("nose")
# Positions of the joints around the spot, as parts of the square: a person of a third of it.
_AROUND = np.stack([np.cos(np.arange(NUM_JOINTS)), np.sin(np.arange(NUM_JOINTS))], -1).astype(np.float32) / 6
_AROUND[NOSE] = 0


class _SpotFinder(tf.Module):
    """Puts the nose onto the brightest red spot, and the other joints around it; the ankles have low scores."""

    @tf.function(input_signature=[tf.TensorSpec([1, SIDE_PX, SIDE_PX, 3], tf.int32, "input")])
    def find(self, image):
        light = tf.cast(image[0, ..., 0] - image[0, ..., 1], tf.float32)
        light = tf.where(light > 100, light, 0.0)
        total = tf.maximum(tf.reduce_sum(light), 1.0)
        places = (tf.range(SIDE_PX, dtype=tf.float32) + 0.5) / SIDE_PX
        y = tf.reduce_sum(tf.reduce_sum(light, 1) * places) / total
        x = tf.reduce_sum(tf.reduce_sum(light, 0) * places) / total
        joints = tf.stack([y, x]) + tf.constant(_AROUND)
        scores = tf.constant([[0.2 if "ankle" in name else 0.8] for name in person_joints.COCO.joints], tf.float32)
        seen = tf.cast(tf.reduce_sum(light) > 0, tf.float32)
        return {"output_0": tf.concat([joints, scores * seen], 1)[None, None]}


def write_movenet(folder: str | os.PathLike[str]) -> str:
    """Writes the SavedModel; returns its folder."""
    module = _SpotFinder()
    tf.saved_model.save(module, str(folder), signatures=module.find.get_concrete_function())
    return str(folder)


def write_other(folder: str | os.PathLike[str]) -> str:
    """Writes a SavedModel of another signature; returns its folder."""
    module = tf.Module()
    double = tf.function(lambda x: {"y": 2 * x}, input_signature=[tf.TensorSpec([1], tf.float32, "x")])
    tf.saved_model.save(module, str(folder), signatures=double.get_concrete_function())
    return str(folder)


def spot_positions(count: int) -> np.ndarray:
    """Returns float32 [count, 2], px: where the spot of `make_frames` is."""
    return np.stack([30 + 2.0 * np.arange(count), np.full(count, 40)], -1).astype(np.float32)


def make_frames(count: int = 10, jumps: tuple[int, ...] = (), seed: int = 0) -> np.ndarray:
    """Makes frames of a red disc on a textured square that moves right by 2 px a frame, on textured ground.

    Args:
      count: number of frames.
      jumps: frames in which something larger in a corner is red, too, so that the teacher is led astray.
      seed: of the texture.

    Returns:
      uint8 [count, 96, 96, 3].
    """
    rng = np.random.default_rng(seed)

    def texture(rows, columns):
        grey = rng.integers(40, 150, (rows, columns, 1)).repeat(3, -1)
        return np.kron(grey, np.ones((4, 4, 1))).astype(np.uint8)

    ground, square = texture(24, 24), texture(8, 8)
    frames = np.repeat(ground[None], count, axis=0)
    y, x = np.mgrid[:96, :96]
    for number, (frame, spot) in enumerate(zip(frames, spot_positions(count).astype(int))):
        frame[24:56, spot[0] - 16 : spot[0] + 16] = square
        frame[(x - spot[0]) ** 2 + (y - spot[1]) ** 2 <= 9] = (255, 0, 0)
        if number in jumps:
            frame[84:, 84:] = (255, 0, 0)
    return frames


def write_clip(path: os.PathLike[str], count: int = 10, jumps: tuple[int, ...] = (), seed: int = 0) -> str:
    """Writes a video of `make_frames`; returns its path."""
    write_video(path, make_frames(count, jumps, seed), 25)
    return str(path)


def write_empty_clip(path: os.PathLike[str], count: int = 6) -> str:
    """Writes a video in which the teacher finds nothing; returns its path."""
    write_video(path, np.full((count, 96, 96, 3), 90, np.uint8), 25)
    return str(path)
