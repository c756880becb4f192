"""TensorFlow Serving's gRPC API. Needs the package tensorflow-serving-api, and with it TensorFlow.

Only predictions go this way; status and metadata are asked for over REST. What is repeated is what is repeated there:
requests that found no server or a busy one. gRPC's own retries would leave out requests of more than 256 kB, which one
image may have, and would send again what the server finds too large.
"""

from __future__ import annotations

import time
import urllib.parse

import grpc
import numpy as np
import tensorflow as tf
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

from serving.client import errors, rest

_PAUSES_S = (0.2, 0.4, 0.8, 1.6)
_OPTIONS = (
    ("grpc.max_receive_message_length", -1),  # heatmaps of a few images pass the 4 MB that are allowed otherwise
    ("grpc.max_send_message_length", -1),
    ("grpc.initial_reconnect_backoff_ms", 100),  # a server that is back is found within the pauses above
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
)
# Words of gRPC itself where a message or the text of an error passes its limits: the same again would end the same.
_TOO_LARGE = ("larger than max", "exceeds")


class GrpcTransport:
    """Speaks to one model of one server over gRPC, without encryption.

    Args:
      address: str, such as "localhost:8500".
      model: str, the name it is served under.
      version: int, or None for the one the server chooses (the latest).
      label: str such as "stable", or None.
      timeout_s: float, longest wait for an answer, repeats counted in.

    Raises:
      ValueError: for an address that is none.
    """

    def __init__(self, address, model, version=None, label=None, timeout_s=60.0):
        self.address, self._timeout_s = address, timeout_s
        self._spec = {"name": model}
        if version is not None:
            self._spec["version"] = {"value": int(version)}
        if label is not None:
            self._spec["version_label"] = label
        # A proxy that the environment names cannot reach this machine's own servers.
        proxy = ("grpc.enable_http_proxy", int(not rest.is_loopback(_host(address))))
        self._channel = grpc.insecure_channel(address, options=(*_OPTIONS, proxy))
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
        response = self._ask(request)
        return {name: tf.make_ndarray(value) for name, value in response.outputs.items()}

    def close(self):
        """Closes the channel."""
        self._channel.close()

    def _ask(self, request):
        deadline = time.monotonic() + self._timeout_s
        pauses_s = iter(_PAUSES_S)
        while True:
            try:
                return self._stub.Predict(request, timeout=max(0.0, deadline - time.monotonic()))
            except grpc.RpcError as error:
                pause_s = next(pauses_s, None) if _is_passing(error) else None
                if pause_s is None or time.monotonic() + pause_s > deadline:
                    raise self._explain(error) from error
            time.sleep(pause_s)

    def _explain(self, error):
        code, said = error.code(), error.details()
        if code == grpc.StatusCode.DEADLINE_EXCEEDED:
            return errors.ServerNotReachableError(f"{self.address}: no answer within {self._timeout_s:g} s")
        if code == grpc.StatusCode.UNAVAILABLE:
            return errors.ServerNotReachableError(f"{self.address}: no server can be reached there ({said})")
        message = f"{self.address}: {code.name}: {said}"
        if code == grpc.StatusCode.NOT_FOUND:
            return errors.ModelNotFoundError(message)
        refused = code in (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.FAILED_PRECONDITION) or _is_too_large(
            error
        )
        return (errors.RequestRefusedError if refused else errors.ServingError)(message)


def _host(address):
    try:
        parts = urllib.parse.urlsplit(f"//{address}")
        port = parts.port
    except ValueError:
        port = None
    if not port or not parts.hostname or parts.path:
        raise ValueError(f"--grpc: expected something like localhost:8500, received {address!r}")
    return parts.hostname


def _is_passing(error):
    return error.code() == grpc.StatusCode.UNAVAILABLE or (
        error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED and not _is_too_large(error)
    )


def _is_too_large(error):
    return error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED and any(w in (error.details() or "") for w in _TOO_LARGE)
