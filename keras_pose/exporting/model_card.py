"""What a client should know of an exported model, as JSON: `describe` answers it, and it lies in assets/."""

from __future__ import annotations

import datetime
import os

import keras
import tensorflow as tf

from keras_pose import files, options
from keras_pose.exporting import images

# Flags that decide what the net is and what it was shown.
_FLAGS = ("data", "model", "preset", "width", "fusion", "input_size", "window", "frame_stride", "pooling", "flow")
_FLAGS += ("steps", "batch_size", "sigma_px", "aug_scale", "aug_rotation", "seed")
_VIDEO_FLAGS = ("window", "frame_stride", "pooling", "flow")
_METRICS = ("mean_error_px", "median_error_px", "accuracy_px", "pck", "auc", "num_frames", "scored")

_MEANING = {
    "keypoints": "(x, y) in px of the image that was sent, pixel centres at whole numbers; 0 where not valid",
    "valid": "false for every joint of an image that could not be decoded, and for a joint the net sees no sign of",
}
_SCORES = {
    True: "height of the heatmap at the joint, 0 to 1: an uncalibrated confidence score",
    False: "1 where valid: a coordinate net does not say how sure it is",
}


def describe_model(config, export_config, run, skeleton, version, signatures) -> dict:
    """Returns the model card, ready for JSON.

    Args:
      config: `TrainConfig` of the run.
      export_config: `ExportConfig`.
      run: `run_directory.RunDirectory`.
      skeleton: `Skeleton`.
      version: int, of the export.
      signatures: names of the signatures.
    """
    kind = config.model.kind
    flags = options.values(config)
    return {
        "name": export_config.model_name,
        "version": version,
        "created": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "model": kind.name,
        "skeleton": skeleton.name,
        "joints": list(skeleton.joints),
        "input_size_hw": list(config.model.input_size_hw),
        "precision": export_config.precision,
        "signatures": sorted(signatures),
        "training": {name: flags[name] for name in _FLAGS if kind.pools or name not in _VIDEO_FLAGS},
        "metrics": _metrics(run),
        "meaning": {**_MEANING, "scores": _SCORES[kind.predicts_heatmaps]},
        "limits": _limits(config),
        "made_with": {"tensorflow": tf.__version__, "keras": keras.__version__},
    }


def _metrics(run):
    path = os.path.join(run.eval, "metrics.json")
    if not os.path.exists(path):
        return {}
    metrics = files.read_json(path)
    return {name: metrics[name] for name in _METRICS if name in metrics}


def _limits(config):
    limits = [
        f"images: JPEG and PNG of at most {images.MAX_PIXELS} px; the orientation tag of EXIF is ignored",
        "one person an image, or a region; the net knows people and cameras like those it was trained on",
    ]
    if config.model.kind.pools:
        reach = config.window.num_neighbours * config.window.frame_stride
        limits.append(f"predict_clip pools up to {reach} frames before and after each; the others see frames alone")
        if config.window.has_flow and not config.window.flow_in_graph:
            limits.append(
                f"flow is estimated in the graph, in training by {config.flow_estimator}: results differ a little"
            )
    return limits
