"""TensorFlow Serving's gRPC API. Needs the package tensorflow-serving-api and therefore TensorFlow.

Only predictions use gRPC; status and metadata use REST. As over REST, a request is repeated if no server was reached
or the server was busy. gRPC's own retries do not fit: they skip requests larger than 256 kB, which a single image may
exceed, and they repeat requests that the server refused as too large.
"""

from __future__ import annotations

import time
import urllib.parse
from collections.abc import Mapping
from typing import Any

import grpc
import numpy as np
import tensorflow as tf
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

from serving.client import errors, rest

_PAUSES_S = (0.2, 0.4, 0.8, 1.6)
_OPTIONS = (
    ("grpc.max_receive_message_length", -1),  # heatmaps of a few images exceed the default limit of 4 MB
    ("grpc.max_send_message_length", -1),
    ("grpc.initial_reconnect_backoff_ms", 100),  # reconnect to a restarted server within the pauses above
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
)
# gRPC's own wording if a message or an error text exceeds its limits. Repeating such a request cannot help.
_TOO_LARGE = ("larger than max", "exceeds")


class GrpcTransport:
    """Talks to one model of one server over unencrypted gRPC.

    Args:
      address: such as "localhost:8500".
      model: name of the served model.
      version: version number, or None for the server's choice (the latest).
      label: version label, such as "stable", or None.
      timeout_s: longest wait for an answer in s, including repeats.

    Raises:
      ValueError: if the address is invalid.
    """

    def __init__(
        self,
        address: str,
        model: str,
        version: int | None = None,
        label: str | None = None,
        timeout_s: float = 60.0,
    ) -> None:
        self.address = address
        self._timeout_s = timeout_s
        self._spec: dict[str, Any] = {"name": model}
        if version is not None:
            self._spec["version"] = {"value": int(version)}
        if label is not None:
            self._spec["version_label"] = label
        # A proxy from the environment cannot reach servers on this machine.
        proxy = ("grpc.enable_http_proxy", int(not rest.is_loopback(_host(address))))
        self._channel = grpc.insecure_channel(address, options=(*_OPTIONS, proxy))
        self._stub = prediction_service_pb2_grpc.PredictionServiceStub(self._channel)

    def predict(self, signature: str, inputs: Mapping[str, Any]) -> dict[str, np.ndarray]:
        """Calls a signature.

        Args:
          signature: its name.
          inputs: maps input names to arrays, or to nested lists of bytes or str.

        Returns:
          Maps output names to arrays. Strings are object arrays of bytes.

        Raises:
          ServingError: if the server does not answer, or returns an error.
        """
        request = predict_pb2.PredictRequest(model_spec={**self._spec, "signature_name": signature})
        for name, value in inputs.items():
            dtype = None if isinstance(value, np.ndarray) else tf.string
            request.inputs[name].CopyFrom(tf.make_tensor_proto(value, dtype))
        response = self._ask(request)
        return {name: tf.make_ndarray(value) for name, value in response.outputs.items()}

    def close(self) -> None:
        """Closes the channel."""
        self._channel.close()

    def _ask(self, request):
        deadline = time.monotonic() + self._timeout_s
        pauses_s = iter(_PAUSES_S)
        while True:
            try:
                return self._stub.Predict(request, timeout=max(0.0, deadline - time.monotonic()))
            except grpc.RpcError as error:
                pause_s = next(pauses_s, None) if _is_temporary(error) else None
                if pause_s is None or time.monotonic() + pause_s > deadline:
                    raise self._explain(error) from error
            time.sleep(pause_s)

    def _explain(self, error):
        code = error.code()
        details = error.details()
        if code == grpc.StatusCode.DEADLINE_EXCEEDED:
            return errors.ServerNotReachableError(f"{self.address}: no answer within {self._timeout_s:g} s")
        if code == grpc.StatusCode.UNAVAILABLE:
            return errors.ServerNotReachableError(f"{self.address}: no server can be reached there ({details})")
        message = f"{self.address}: {code.name}: {details}"
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


def _is_temporary(error):
    return error.code() == grpc.StatusCode.UNAVAILABLE or (
        error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED and not _is_too_large(error)
    )


def _is_too_large(error):
    return error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED and any(w in (error.details() or "") for w in _TOO_LARGE)
