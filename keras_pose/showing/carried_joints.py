"""Whether the flow carries a joint to where it is labelled in the neighbouring frames of a window."""

from __future__ import annotations

import numpy as np

from keras_pose.geometry import HEATMAP_STRIDE
from keras_pose.showing.shown_net import ShownFrames, ShownNet


def measure(shown_net: ShownNet, shown: ShownFrames, row: int) -> np.ndarray | None:
    """Measures how far from its labels the flow carries each joint of one frame.

    The flow to frame t says where the surface at p of the middle frame is in frame t: p + flow(p). At the joint's true
    place that must be the joint's place in frame t.

    Args:
      shown_net: a net that pools, and its samples.
      shown: frames of it.
      row: which of them.

    Returns:
      float64 [J], the median over labelled neighbours, px of the frame; NaN if no neighbour is labelled. None if the
      net estimates flow itself.
    """
    if "flows" not in shown.window:
        return None
    clip, label = shown_net.place_of(shown.positions[row])
    crop = shown_net.samples.crop(clip)
    places, valid = clip.window(label, shown_net.samples.offsets)
    labels = {int(position): number for number, position in enumerate(clip.labelled)}
    flows = np.asarray(shown.window["flows"][row])
    truth = crop.to_heatmap(clip.joints[label], HEATMAP_STRIDE)
    distances = []
    for t, place in enumerate(places):
        if t == len(places) // 2 or not valid[t] or int(place) not in labels:
            continue
        there = crop.to_heatmap(clip.joints[labels[int(place)]], HEATMAP_STRIDE)
        distances.append(np.linalg.norm(truth + sample(flows[t], truth) - there, axis=-1))
    if not distances:
        return np.full(len(truth), np.nan)
    known = np.array(distances)
    carried = np.full(len(truth), np.nan)
    some = np.isfinite(known).any(0)
    carried[some] = np.nanmedian(known[:, some], axis=0)
    return carried * HEATMAP_STRIDE / crop.scale


def sample(flow: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Reads a flow between its pixels.

    Args:
      flow: float32 [h, w, 2].
      points: float [J, 2], (x, y) in its px; NaN: unknown.

    Returns:
      float64 [J, 2]; NaN at unknown points and outside the flow.
    """
    height, width = flow.shape[:2]
    points = np.asarray(points, np.float64)
    inside = np.isfinite(points).all(-1) & (points >= -0.5).all(-1)
    inside &= (points[:, 0] <= width - 0.5) & (points[:, 1] <= height - 0.5)
    found = np.full(points.shape, np.nan)
    x = np.clip(points[inside, 0], 0, width - 1)
    y = np.clip(points[inside, 1], 0, height - 1)
    left = np.minimum(x.astype(int), max(width - 2, 0))
    top = np.minimum(y.astype(int), max(height - 2, 0))
    right = np.minimum(left + 1, width - 1)
    bottom = np.minimum(top + 1, height - 1)
    along = (x - left)[:, None]
    down = (y - top)[:, None]
    upper = flow[top, left] * (1 - along) + flow[top, right] * along
    lower = flow[bottom, left] * (1 - along) + flow[bottom, right] * along
    found[inside] = upper * (1 - down) + lower * down
    return found
