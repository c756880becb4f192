"""The picture of what a flowing net's pooling has learned, for the page of an evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from keras_pose.evaluation.measures import joint_groups
from keras_pose.inference.window_predictor import WindowPredictor
from keras_pose.models.pose_net import PoseNet
from keras_pose.pooling.reach import TimedOffsets
from keras_pose.viz.pooling_weights import draw_pooling_weights


def pooling_pictures(predictors: Mapping[str, Any]) -> dict[str, tuple[np.ndarray, str, str]]:
    """Draws the weights of frames and joints for the runs that have learned some.

    Args:
      predictors: dict name of run -> predictor.

    Returns:
      dict file name -> (uint8 [H, W, 3], heading, text for people who cannot see it), for `report.write_report`.
    """
    pictures: dict[str, tuple[np.ndarray, str, str]] = {}
    for name, predictor in predictors.items():
        weights = _learned_weights(predictor)
        if weights is not None:
            heading = "Weights of frames" + (f" of {name}" if len(predictors) > 1 else "")
            skeleton = predictor.skeleton
            picture = draw_pooling_weights(
                weights,
                skeleton.joints,
                range(-(len(weights) // 2), len(weights) // 2 + 1),
                joint_groups(skeleton),
                title=heading,
                note=_unit(predictor.offsets),
            )
            file_name = f"pooling_weights{f'_{len(pictures) + 1}' if pictures else ''}.png"
            pictures[file_name] = picture, heading, "How much each frame around the current one counts, by joint"
    return pictures


def _learned_weights(predictor):
    """Returns float32 [T, J], or None for a net whose pooling has none."""
    if not isinstance(predictor, WindowPredictor):
        return None
    pooling = PoseNet(predictor.model).pooling()
    return pooling.frame_weights() if pooling is not None and pooling.weighs_frames else None


def _unit(offsets):
    if isinstance(offsets, TimedOffsets):
        return f"the window reaches {offsets.seconds:g} s to each side"
    stride = offsets[1] - offsets[0]
    return f"one unit is {stride} frames" if stride > 1 else ""
