"""The model card: JSON about an exported model for its clients, in assets/ and from the signature `describe`."""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterable
from typing import Any

import keras
import tensorflow as tf

from keras_pose import files, options
from keras_pose.confidence.calibration import Calibration
from keras_pose.exporting import images, onnx_file
from keras_pose.exporting.config import ExportConfig
from keras_pose.runs.config import TrainConfig
from keras_pose.runs.run_directory import RunDirectory
from keras_pose.skeleton import Skeleton

# Flags that decide what the net is and what it was trained on.
_VIDEO_FLAGS = ("window", "frame_stride", "pooling", "flow")
_FLAGS = (
    *("data", "model", "preset", "width", "fusion", "input_size", *_VIDEO_FLAGS),
    *("steps", "batch_size", "sigma_px", "aug_scale", "aug_rotation", "seed"),
)
_METRICS = ("mean_error_px", "median_error_px", "accuracy_px", "pck", "auc", "num_frames", "scored")

_MEANING = {
    "keypoints": "(x, y) in px of the image that was sent; pixel centres are at integers; 0 if not valid",
    "valid": "false for every joint if the image cannot be decoded, and for a joint that the net does not find",
}
_HEATMAP_SCORES = "height of the heatmap at the joint, 0 to 1: an uncalibrated confidence score"
_CONFIDENCES = {
    "confidences": "calibrated probability that the joint lies within the fraction calibration.distance of the longer "
    "side of the image or region; 0 if not valid",
    "expected_errors_px": "expected distance to the true joint in px of the image; 0 if not valid",
}
_COORDINATE_SCORES = "1 if valid: a coordinate net has no confidence score"


def describe_model(
    config: TrainConfig,
    export_config: ExportConfig,
    run: RunDirectory,
    skeleton: Skeleton,
    version: int,
    signature_names: Iterable[str],
    calibration: Calibration | None = None,
) -> dict[str, Any]:
    """Returns the model card, ready for JSON.

    Args:
      config: configuration of the run.
      export_config: configuration of the export.
      run: folder of the run, with its scores if it was evaluated.
      skeleton: skeleton of the run.
      version: version of the export.
      signature_names: names of the export's signatures.
      calibration: calibration of the run, if it has one.
    """
    kind = config.model.kind
    flags = options.values(config)
    scores = _HEATMAP_SCORES if kind.predicts_heatmaps else _COORDINATE_SCORES
    return {
        "name": export_config.model_name,
        "version": version,
        "created": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "model": kind.name,
        "skeleton": skeleton.name,
        "joints": list(skeleton.joints),
        "input_size_hw": list(config.model.input_size_hw),
        "precision": export_config.precision,
        "signatures": sorted(signature_names),
        **({"onnx": onnx_file.describe_file(_list_outputs(calibration))} if export_config.onnx else {}),
        "training": {
            **{name: flags[name] for name in _FLAGS if kind.pools or name not in _VIDEO_FLAGS},
            **(_describe_reach(config.window) if kind.pools else {}),
        },
        "metrics": _read_metrics(run),
        "meaning": {**_MEANING, "scores": scores, **(_CONFIDENCES if calibration else {})},
        **({"calibration": calibration.describe_fit()} if calibration else {}),
        "limits": _list_limits(config),
        "made_with": {"tensorflow": tf.__version__, "keras": keras.__version__},
    }


def _list_outputs(calibration):
    """Names of the outputs of a whole frame."""
    return ["keypoints", "scores", "valid", *(_CONFIDENCES if calibration else ())]


def _describe_reach(window):
    """The stride of `predict_clip`, which clients cut videos by; of a window in seconds, also what it follows from.

    A frame rate of 0 stands for `reach.ASSUMED_RATE`.
    """
    stride = {"frame_stride": window.reach_at().stride}
    if not window.in_seconds:
        return stride
    return {**stride, "window_seconds": window.window_seconds, "frame_rate": window.frame_rate}


def _read_metrics(run):
    path = os.path.join(run.eval, "metrics.json")
    if not os.path.exists(path):
        return {}
    metrics = files.read_json(path)
    if not isinstance(metrics, dict):
        raise ValueError(f"{path}: expected the figures of evaluate.py; the same evaluate.py writes them again")
    return {name: metrics[name] for name in _METRICS if name in metrics}


def _list_limits(config):
    limits = [
        f"images are JPEG or PNG of at most {images.MAX_PIXELS} px; the EXIF orientation tag is ignored",
        "one person per image or region; people and cameras should be similar to those of the training data",
    ]
    if config.model.kind.pools:
        window = config.window
        limits.append(
            f"predict_clip pools up to {window.reach_at().frames} frames before and after each frame; "
            "the other signatures see each frame alone"
        )
        if window.in_seconds:
            limits.append(
                f"predict_clip takes clips for {window.assumed_rate:g} frames/s; predict_clip_at_rate pools up to "
                f"{window.window_seconds:g} s before and after each frame at any rate"
            )
        if config.window.has_flow and not config.window.flow_in_graph:
            limits.append(
                f"the export estimates flow in the graph, training used {config.flow_estimator}: "
                "results differ slightly"
            )
    return limits
