"""Chooses the position of the camera, the order of the layers, and which joints are visible."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from keras_pose import skeleton
from keras_pose.data.clip import HIDDEN, VISIBLE
from keras_pose.data.synthetic import motion
from keras_pose.data.synthetic.draws import uniform

SKELETON = skeleton.UPPER_BODY
_OWN_LAYERS = {"head": ("head",), "wrist": ("forearm", "hand"), "elbow": ("upper_arm", "forearm")}


def aim_camera(rng: np.random.Generator, heads: np.ndarray, size_hw: tuple[int, int]) -> tuple[float, float, float]:
    """Chooses the camera: a head is 1/6 to 1/4 of the height, or less if some joints would be outside otherwise.

    Args:
      rng: draws the camera.
      heads: float64 [N, J, 2], the joints over time in heads.
      size_hw: (height, width) of the frame in px.

    Returns:
      (head_px, x, y): pixels per head, and the frame px of the point (0, 0).
    """
    # Draw a scale that keeps all joints inside the margin.
    height, width = size_hw
    low = heads.min((0, 1))
    high = heads.max((0, 1))
    margin = 0.04 * min(size_hw)
    head_px = min(height * uniform(rng, 1 / 6, 1 / 4.2), *((np.array((width, height)) - 1 - 2 * margin) / (high - low)))
    # Draw a place, and move it until all joints are inside.
    wanted = (width * uniform(rng, 0.4, 0.6), height * uniform(rng, 0.03, 0.12) - (low[1] - 0.5) * head_px)
    limits = zip(wanted, margin - low * head_px, np.array((width, height)) - 1 - margin - high * head_px)
    x, y = (min(max(value, at_least), at_most) for value, at_least, at_most in limits)
    return float(head_px), float(x), float(y)


def stack_layers(names: Sequence[str], poses: motion.Poses) -> np.ndarray:
    """Orders the layers. The nearer arm is in front; this changes only while the hands are apart.

    Args:
      names: L names of layers: those behind the torso first, those in front of the signer last.
      poses: poses at N = 3 T moments.

    Returns:
      int64 [T, L]: numbers of the layers from the back to the front.
    """
    arms = [[names.index(f"{side}_{part}") for part in ("forearm", "hand")] for side in motion.SIDES]
    uppers = [names.index(f"{side}_upper_arm") for side in motion.SIDES]
    first = names.index("torso")
    last = max(arms[0] + arms[1]) + 1
    wrists = poses.wrists[1::3]
    near = int(wrists[0, 1, 2] > wrists[0, 0, 2])
    orders = []
    for right, left in wrists:
        if (right[0] - left[0]) ** 2 + (right[1] - left[1]) ** 2 > 1.7:
            near = int(left[2] > right[2])
        arm_order = [uppers[1 - near], uppers[near], *arms[1 - near], *arms[near]]
        orders.append([*range(first), first, first + 1, *arm_order, *range(last, len(names))])
    return np.array(orders)


def joint_visibility(names: Sequence[str], top: np.ndarray) -> np.ndarray:
    """Finds the visible joints: those with a layer of their own limb on top.

    Args:
      names: L names of layers.
      top: int64 [T, J], number of the topmost layer at each joint.

    Returns:
      uint8 [T, J], VISIBLE or HIDDEN.
    """
    layer_names = np.array(names)
    visibility = np.full(top.shape, HIDDEN, np.uint8)
    for number, joint in enumerate(SKELETON.joints):
        side, _, part = joint.rpartition("_")
        if part == "shoulder":
            own = {"torso", f"{side}_upper_arm"}
        else:
            own = {f"{side}_{name}" if side else name for name in _OWN_LAYERS[part]}
        visibility[np.isin(layer_names[top[:, number]], sorted(own)), number] = VISIBLE
    return visibility
