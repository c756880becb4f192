"""Replays the warm-up requests of a SavedModel before it is served, because the first calls are slow.

They lie in `assets.extra/tf_serving_warmup_requests`, a TFRecord file of `tensorflow.serving.PredictionLog`, as in
TensorFlow Serving (its `g3doc/saved_model_warmup.md`).
"""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

import tensorflow as tf

from serving.local_server.errors import ServingError, invalid_argument

if TYPE_CHECKING:
    from serving.local_server.servable import Servable

WARMUP_FILE = os.path.join("assets.extra", "tf_serving_warmup_requests")
LARGEST_COUNT = 1000


def warm_up(servable: Servable) -> int:
    """Replays the model's warm-up requests, if it has any.

    Args:
      servable: the loaded version.

    Returns:
      The number of records. As in TensorFlow Serving, one without a request counts as well.

    Raises:
      ServingError: if a record is not a predict request, or does not fit its signature, or if there are more than
        LARGEST_COUNT. The version is then not served.
    """
    path = os.path.join(servable.path, WARMUP_FILE)
    if not os.path.exists(path):
        return 0
    try:
        from tensorflow_serving.apis import prediction_log_pb2
    except ImportError:
        logging.warning("skipping %s: reading it needs the package tensorflow-serving-api", path)
        return 0
    count = 0
    for record in tf.data.TFRecordDataset(path).as_numpy_iterator():
        if count == LARGEST_COUNT:
            raise invalid_argument(f"Number of warmup records exceeds the maximum ({LARGEST_COUNT}) at {path}")
        _replay(servable, prediction_log_pb2.PredictionLog.FromString(record), f"{path}: record {count}")
        count += 1
    return count


def _replay(servable, log, place):
    kind = log.WhichOneof("log_type")
    if kind is None:
        return
    if kind != "predict_log":
        raise ServingError("UNIMPLEMENTED", f"{place} is not a predict_log")
    request = log.predict_log.request
    inputs = {name: tf.make_ndarray(proto) for name, proto in request.inputs.items()}
    servable.check(request.model_spec.signature_name, inputs)
    servable.run(request.model_spec.signature_name, inputs)
