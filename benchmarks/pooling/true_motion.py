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


def follow_joints(clip: Clip, offsets: Sequence[int], maps: np.ndarray, input_size_hw: tuple[int, int]) -> np.ndarray:
    """Moves each joint's maps by the joint's true motion.

    Args:
      clip: a signer, L of whose frames are labelled.
      offsets: T frame numbers relative to the labelled frame.
      maps: float [L, T, h, w, J].
      input_size_hw: (H, W) of the net's input in px.

    Returns:
      float32 [L, T, h, w, J].
    """
    # Find how far each joint moves from the labelled frame to the others, in heatmap px.
    crop = geometry.CropTransform.fit(clip.frames.size_hw, input_size_hw)
    joints = crop.to_heatmap(_signer(clip).joints, geometry.HEATMAP_STRIDE)
    motion = joints[clip.labelled[:, None] + np.asarray(offsets)] - joints[clip.labelled][:, None]  # [L, T, J, 2]
    # Warp the map of each joint with the same flow at all of its pixels.
    planes = np.moveaxis(np.asarray(maps, np.float32), -1, 2)[..., None]  # [L, T, J, h, w, 1]
    flow = tf.broadcast_to(motion[:, :, :, None, None], (*planes.shape[:-1], 2))
    return np.moveaxis(warp_by_flow(planes, flow).numpy()[..., 0], 2, -1)


def _signer(clip):
    drawn = clip.frames
    return signers.generate(drawn.split, drawn.index, drawn.num_frames, drawn.size_hw, drawn.version)
