"""Requests that TensorFlow Serving sends to a new version before it answers with it, so that no client waits."""

from __future__ import annotations

import os

import numpy as np
import tensorflow as tf

PATH = os.path.join("assets.extra", "tf_serving_warmup_requests")
_SIZE_HW = (96, 128)


def example_inputs(signatures) -> dict:
    """Returns small inputs by signature name: dicts of tensors by input name.

    Args:
      signatures: names of the signatures.
    """
    frame = example_frame()
    data = tf.io.encode_jpeg(frame)
    examples = {
        "serving_default": {"image_bytes": data[None]},
        "predict_regions": {"image_bytes": data[None], "regions": tf.constant([[8.0, 8.0, 96.0, 80.0]])},
        "predict_frames": {"frames": tf.constant(frame[None])},
        "predict_clip": {"frames_bytes": tf.stack([data, data])[None]},
        "heatmaps": {"frames": tf.constant(frame[None])},
        "describe": {"topic": tf.constant(["skeleton"])},
    }
    return {name: examples[name] for name in signatures}


def example_frame() -> np.ndarray:
    """Returns uint8 [96, 128, 3]: smooth colours and a figure of boxes, always the same."""
    y, x = np.mgrid[: _SIZE_HW[0], : _SIZE_HW[1]].astype(np.float32)
    frame = np.stack([60 + x, 40 + y, 120 + 40 * np.sin(x / 9) * np.cos(y / 7)], -1)
    frame[20:40, 56:72] = (220, 180, 150)
    frame[40:90, 44:84] = (40, 60, 140)
    return np.clip(frame, 0, 255).astype(np.uint8)


def write_requests(folder, model_name, signatures) -> bool:
    """Writes one request for each signature into a SavedModel.

    Args:
      folder: of the SavedModel.
      model_name: the name that a server knows it by.
      signatures: names of the signatures.

    Returns:
      Whether they were written: only where tensorflow-serving-api is installed. A model serves without them too; its
      first answers take longer.
    """
    try:
        from tensorflow_serving.apis import predict_pb2, prediction_log_pb2
    except ImportError:
        return False
    path = os.path.join(folder, PATH)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with tf.io.TFRecordWriter(path) as writer:
        for name, inputs in example_inputs(signatures).items():
            request = predict_pb2.PredictRequest()
            request.model_spec.name, request.model_spec.signature_name = model_name, name
            for key, value in inputs.items():
                request.inputs[key].CopyFrom(tf.make_tensor_proto(value.numpy()))
            log = prediction_log_pb2.PredictLog(request=request)
            writer.write(prediction_log_pb2.PredictionLog(predict_log=log).SerializeToString())
    return True
