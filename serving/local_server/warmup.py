"""Requests that a version answers before it is served: `assets.extra/tf_serving_warmup_requests` of the SavedModel.

The file is a TFRecord file of `tensorflow.serving.PredictionLog`, as TensorFlow Serving reads it
(its `g3doc/saved_model_warmup.md`): the first calls, which are slow, are made here.
"""

import logging
import os

import tensorflow as tf

from serving.local_server.errors import ServingError

WARMUP_FILE = os.path.join("assets.extra", "tf_serving_warmup_requests")
LARGEST_COUNT = 1000


def warm_up(servable):
    """Replays the requests that lie beside the model; without such a file nothing is done.

    Args:
      servable: Servable.

    Returns:
      int, the number of requests that were answered.

    Raises:
      ServingError: where a request is not of the predict kind, or fails; the version is then not served.
    """
    path = os.path.join(servable.path, WARMUP_FILE)
    if not os.path.exists(path):
        return 0
    try:
        from tensorflow_serving.apis import prediction_log_pb2
    except ImportError:
        logging.warning("%s is left out: its records need the package tensorflow-serving-api", path)
        return 0
    count = 0
    for record in tf.data.TFRecordDataset(path).take(LARGEST_COUNT).as_numpy_iterator():
        log = prediction_log_pb2.PredictionLog.FromString(record)
        if log.WhichOneof("log_type") != "predict_log":
            raise ServingError("UNIMPLEMENTED", f"{path}: record {count} is not a predict_log")
        request = log.predict_log.request
        inputs = {name: tf.make_ndarray(proto) for name, proto in request.inputs.items()}
        servable.check(request.model_spec.signature_name, inputs)
        servable.run(request.model_spec.signature_name, inputs)
        count += 1
    return count
