"""Warm-up requests: TensorFlow Serving sends them to a new version before it serves it, so that no client waits."""

from __future__ import annotations

import os
from collections.abc import Iterable

import tensorflow as tf

from keras_pose.exporting.signatures import Signature

PATH = os.path.join("assets.extra", "tf_serving_warmup_requests")


def write_requests(folder: str, model_name: str, signatures: Iterable[Signature]) -> bool:
    """Writes one request for each signature into a SavedModel: its example.

    Args:
      folder: folder of the SavedModel.
      model_name: the model's name for a server.
      signatures: the signatures of the SavedModel.

    Returns:
      Whether the requests were written; false if tensorflow-serving-api is not installed. A server also serves a model
      without them, but its first answers take longer.
    """
    try:
        from tensorflow_serving.apis import predict_pb2, prediction_log_pb2
    except ImportError:
        return False
    path = os.path.join(folder, PATH)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with tf.io.TFRecordWriter(path) as writer:
        for entry in signatures:
            request = predict_pb2.PredictRequest()
            request.model_spec.name = model_name
            request.model_spec.signature_name = entry.name
            for key, value in entry.example().items():
                request.inputs[key].CopyFrom(tf.make_tensor_proto(value.numpy()))
            log = prediction_log_pb2.PredictLog(request=request)
            writer.write(prediction_log_pb2.PredictionLog(predict_log=log).SerializeToString())
    return True
