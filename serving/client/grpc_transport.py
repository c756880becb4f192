"""TensorFlow Serving's gRPC API. Needs the package tensorflow-serving-api, and with it TensorFlow.

Only predictions go this way; status and metadata are asked for over REST.
"""

from __future__ import annotations

import json

import grpc
import numpy as np
import tensorflow as tf
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

from serving.client import errors

_RETRY = {
    "methodConfig": [
        {
            "name": [{}],
            "retryPolicy": {
                "maxAttempts": 5,
                "initialBackoff": "0.2s",
                "maxBackoff": "2s",
                "backoffMultiplier": 2,
                "retryableStatusCodes": ["UNAVAILABLE", "RESOURCE_EXHAUSTED"],
            },
        }
    ]
}
_OPTIONS = (
    ("grpc.max_receive_message_length", -1),  # heatmaps of a few images pass the 4 MB that are allowed otherwise
    ("grpc.max_send_message_length", -1),
    ("grpc.service_config", json.dumps(_RETRY)),
)


class GrpcTransport:
    """Speaks to one model of one server over gRPC, without encryption.

    Args:
      address: str, such as "localhost:8500".
      model: str, the name it is served under.
      version: int, or None for the one the server chooses (the latest).
      label: str such as "stable", or None.
      timeout_s: float, longest wait for an answer, repeats counted in.
    """

    def __init__(self, address, model, version=None, label=None, timeout_s=60.0):
        self.address, self._timeout_s = address, timeout_s
        self._spec = {"name": model}
        if version is not None:
            self._spec["version"] = {"value": int(version)}
        if label is not None:
            self._spec["version_label"] = label
        self._channel = grpc.insecure_channel(address, options=_OPTIONS)
        self._stub = prediction_service_pb2_grpc.PredictionServiceStub(self._channel)

    def predict(self, signature, inputs) -> dict:
        """Calls a signature.

        Args:
          signature: str, its name.
          inputs: dict of input name to an array, or nested lists of bytes or str.

        Returns:
          dict of output name to an array; strings are arrays of bytes (object).

        Raises:
          ServingError: where there is no answer, or an error.
        """
        request = predict_pb2.PredictRequest(model_spec={**self._spec, "signature_name": signature})
        for name, value in inputs.items():
            dtype = None if isinstance(value, np.ndarray) else tf.string
            request.inputs[name].CopyFrom(tf.make_tensor_proto(value, dtype))
        try:
            response = self._stub.Predict(request, timeout=self._timeout_s)
        except grpc.RpcError as error:
            raise self._explain(error) from error
        return {name: tf.make_ndarray(value) for name, value in response.outputs.items()}

    def close(self):
        """Closes the channel."""
        self._channel.close()

    def _explain(self, error):
        code, said = error.code(), error.details()
        if code == grpc.StatusCode.DEADLINE_EXCEEDED:
            return errors.ServerNotReachableError(f"{self.address}: no answer within {self._timeout_s:g} s")
        if code == grpc.StatusCode.UNAVAILABLE:
            return errors.ServerNotReachableError(f"{self.address}: no server can be reached there ({said})")
        message = f"{self.address}: {code.name}: {said}"
        if code == grpc.StatusCode.NOT_FOUND:
            return errors.ModelNotFoundError(message)
        refused = (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.FAILED_PRECONDITION)
        return (errors.RequestRefusedError if code in refused else errors.ServingError)(message)
