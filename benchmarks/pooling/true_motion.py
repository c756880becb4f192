"""The motion of synthetic signers as their generator knows it: flow without errors, and how each joint moves.

True flow ends at the silhouette of a hand, and the peak of a heatmap is wider than that: what of it lies on the
background stays behind. Moving each joint's map as a whole by the joint's own motion is the best that a warp can do.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from keras_pose import geometry
from keras_pose.data import augment
from keras_pose.data.synthetic import signers
from keras_pose.flow.warp import warp_by_flow


def true_flows(clip, offsets, input_size_hw):
    """Returns float32 [L, T, h, w, 2], heatmap px: the true flow from each labelled frame to those at `offsets`."""
    signer = _signer(clip)
    flows = np.stack([[signer.flow(at, at + offset) for offset in offsets] for at in clip.labelled.tolist()])
    matrix = geometry.CropTransform.fit(clip.frames.size_hw, input_size_hw).matrix.astype(np.float32)
    return augment.warp_flows(flows, np.repeat(matrix[None], len(flows), axis=0), input_size_hw).numpy()


def follow_joints(clip, offsets, maps, input_size_hw):
    """Moves each joint's maps by the joint's true motion.

    Args:
      clip: `Clip` of a signer, L of its frames labelled.
      offsets: T frame numbers relative to the labelled frame.
      maps: float [L, T, h, w, J].
      input_size_hw: (H, W) of the net's input in px.

    Returns:
      float32 [L, T, h, w, J].
    """
    crop = geometry.CropTransform.fit(clip.frames.size_hw, input_size_hw)
    joints = crop.to_heatmap(_signer(clip).joints, geometry.HEATMAP_STRIDE)
    motion = joints[clip.labelled[:, None] + np.asarray(offsets)] - joints[clip.labelled][:, None]  # [L, T, J, 2]
    planes = np.moveaxis(np.asarray(maps, np.float32), -1, 2)[..., None]  # [L, T, J, h, w, 1]
    flow = tf.broadcast_to(motion[:, :, :, None, None], (*planes.shape[:-1], 2))
    return np.moveaxis(warp_by_flow(planes, flow).numpy()[..., 0], 2, -1)


def _signer(clip):
    drawn = clip.frames
    return signers.generate(drawn.split, drawn.index, drawn.num_frames, drawn.size_hw)
