"""What pooling over frames gains against the frame alone: by kind of error, in jitter and in lag, for metrics.json.

Both predictions come from the same weights and the same pass: the maps of a frame before and after pooling.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keras_pose.data.clip import Clip
from keras_pose.evaluation import beside_frame, temporal_kinds, trajectories
from keras_pose.evaluation.beside_frame import BesideFrame
from keras_pose.inference.window_predictor import WindowPredictor
from keras_pose.skeleton import Skeleton


def measure(
    predictor: WindowPredictor, predicted: Sequence[BesideFrame], clips: Sequence[Clip], skeleton: Skeleton
) -> dict[str, Any]:
    """Measures what a net's pooling gains.

    Args:
      predictor: the net; if labels are sparse, it predicts some frames between them.
      predicted: its predictions of the labelled frames of at least one clip.
      clips: these clips.
      skeleton: their skeleton.

    Returns:
      Dictionary ready for JSON: "tolerance" (part of the frame's longer side, within which a joint is right), "reach"
      (frames from the middle of a window to its ends), what `gain_by_kind` and `trajectories.compare` return.

    Raises:
      ValueError: if a frame cannot be read; the message names it.
    """
    reach = max(predictor.offsets)
    stretches = beside_frame.find_stretches(predictor, clips, predicted)
    return {
        "tolerance": temporal_kinds.TOLERANCE,
        "reach": reach,
        **temporal_kinds.gain_by_kind(predicted, skeleton, reach),
        **trajectories.compare(stretches),
    }


def describe(figures: dict[str, Any]) -> str:
    """Returns the gain of all joints and the change of jitter as a line of text."""
    of = figures["kinds"][temporal_kinds.ALL]
    if of["gain"] is None:
        return "pooling against the frame alone: nothing is labelled"
    low, high = (100 * end for end in of["interval"])
    text = (
        f"pooling against the frame alone: {100 * of['gain']:+.1f} points of all joints ({low:+.1f} to {high:+.1f}) "
        f"within {100 * figures['tolerance']:g} % of the frame"
    )
    ratio = figures["jitter_px"]["ratio"]
    return text if ratio is None else f"{text}; jitter {ratio:.2f} times"
