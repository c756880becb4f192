"""The motion of synthetic signers as their generator knows it: flow without errors, and the motion of each joint.

True flow ends at the silhouette of a hand, but the peak of a heatmap is wider than the hand: the part of the peak that
lies on the background stays behind. The best that a warp can do is to move each joint's map as a whole, by the joint's
own motion.

Letters in shapes: L labelled frames of a clip, T frames of a window.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from keras_pose import geometry
from keras_pose.data import augment
from keras_pose.data.clip import Clip
from keras_pose.data.synthetic import signers
from keras_pose.flow.warp import warp_by_flow


def true_flows(clip: Clip, offsets: Sequence[int], input_size_hw: tuple[int, int]) -> np.ndarray:
    """Returns the true flow from each labelled frame to the frames of its window.

    Args:
      clip: a signer, L of whose frames are labelled.
      offsets: T frame numbers relative to the labelled frame.
      input_size_hw: (H, W) of the net's input in px.

    Returns:
      float32 [L, T, h, w, 2], (dx, dy) in heatmap px.
    """
    signer = _signer(clip)
    flows = np.stack([[signer.flow(at, at + offset) for offset in offsets] for at in clip.labelled.tolist()])
    matrix = geometry.CropTransform.fit(clip.frames.size_hw, input_size_hw).matrix.astype(np.float32)
    return augment.warp_flows(flows, np.repeat(matrix[None], len(flows), axis=0), input_size_hw).numpy()


def follow_joints(
    clip: Clip, places: np.ndarray, maps: np.ndarray, input_size_hw: tuple[int, int], points: np.ndarray | None = None
) -> np.ndarray:
    """Moves each joint's maps by the joint's true motion.

    Args:
      clip: a clip, L of whose frames are labelled.
      places: int [L, T], the frames of each window, the labelled frame in the middle.
      maps: float [L, T, h, w, J].
      input_size_hw: (H, W) of the net's input in px.
      points: float [F, J, 2], the joints of all frames of the clip in px of the frame, NaN if unknown; None for a
        signer, whose generator knows them.

    Returns:
      float32 [L, T, h, w, J]. If the motion to a frame is unknown, the map of the labelled frame stands for it.
    """
    # Find how far each joint moves from the labelled frame to the others, in heatmap px.
    crop = geometry.CropTransform.fit(clip.frames.size_hw, input_size_hw)
    stride = input_size_hw[0] / maps.shape[2]
    joints = crop.to_heatmap(signer_joints(clip) if points is None else points, stride)
    motion = joints[places] - joints[places[:, places.shape[1] // 2]][:, None]  # [L, T, J, 2]
    # Warp the map of each joint with the same flow at all of its pixels.
    planes = np.moveaxis(np.asarray(maps, np.float32), -1, 2)[..., None]  # [L, T, J, h, w, 1]
    flow = tf.broadcast_to(np.nan_to_num(motion)[:, :, :, None, None], (*planes.shape[:-1], 2))
    moved = np.moveaxis(warp_by_flow(planes, flow).numpy()[..., 0], 2, -1)
    known = np.isfinite(motion).all(-1)[:, :, None, None]
    return np.where(known, moved, np.asarray(maps, np.float32)[:, places.shape[1] // 2, None])


def signer_joints(clip: Clip) -> np.ndarray:
    """Returns the joints of all frames of a signer, float [F, J, 2], px of the frame."""
    return _signer(clip).joints


def _signer(clip):
    drawn = clip.frames
    return signers.generate(drawn.split, drawn.index, drawn.num_frames, drawn.size_hw, drawn.version)
