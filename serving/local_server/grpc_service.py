"""The gRPC side: Predict and GetModelMetadata of PredictionService, GetModelStatus of ModelService.

Needs the packages tensorflow-serving-api and grpcio; it is imported only where a gRPC port is asked for.
"""

from __future__ import annotations

import math

import grpc
import numpy as np
import tensorflow as tf
from google.protobuf import json_format
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
)

from serving.local_server.errors import as_serving_error, invalid
from serving.local_server.rest_paths import ModelChoice
from serving.local_server.servable import DEFAULT_SIGNATURE

# gRPC sends an error's message as a header, and gives up where headers pass 8 KiB; the client then reads neither the
# message nor the code.
MAX_MESSAGE_BYTES = 2000


async def start_grpc(manager, batcher, address, max_request_bytes):
    """Starts the gRPC server in the running event loop.

    Args:
      manager: ModelManager.
      batcher: Batcher, shared with the REST API: requests of both are merged.
      address: str, "host:port".
      max_request_bytes: int, the largest message that is read.

    Returns:
      grpc.aio.Server, started.

    Raises:
      OSError: where the port cannot be had.
    """
    server = grpc.aio.server(options=[("grpc.max_receive_message_length", max_request_bytes), ("grpc.so_reuseport", 0)])
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(
        _Prediction(manager, batcher, max_request_bytes), server
    )
    model_service_pb2_grpc.add_ModelServiceServicer_to_server(_Model(manager), server)
    try:
        bound = server.add_insecure_port(address)
    except RuntimeError as error:
        raise OSError(f"gRPC cannot listen at {address}: {error}") from error
    if not bound:
        raise OSError(f"gRPC cannot listen at {address}")
    await server.start()
    return server


class _Prediction(prediction_service_pb2_grpc.PredictionServiceServicer):
    def __init__(self, manager, batcher, max_tensor_bytes):
        self._manager = manager
        self._batcher = batcher
        self._max_tensor_bytes = max_tensor_bytes

    async def Predict(self, request, context):  # noqa: N802  the name in the service's definition
        try:
            return await self._predict(request)
        except Exception as error:  # noqa: BLE001  every error is told by its code
            return await _abort(context, error)

    async def _predict(self, request):
        spec = request.model_spec
        response = predict_pb2.PredictResponse()
        with self._manager.use(_choice(spec)) as servable:
            signature = servable.signature(spec.signature_name)
            servable.check_names(spec.signature_name, request.inputs)  # before any of them takes memory
            inputs = _arrays(request.inputs, self._max_tensor_bytes)
            servable.check(spec.signature_name, inputs)
            wanted = list(request.output_filter) or list(signature.function.structured_outputs)
            for name in wanted:
                if name not in signature.function.structured_outputs:
                    raise invalid(f"output tensor alias not found in signature: {name}")
            outputs = await self._batcher.run(servable, spec.signature_name, inputs)
            response.model_spec.name = spec.name
            response.model_spec.version.value = servable.version
            response.model_spec.signature_name = spec.signature_name or DEFAULT_SIGNATURE
        for name in wanted:
            response.outputs[name].CopyFrom(tf.make_tensor_proto(outputs[name]))
        return response

    async def GetModelMetadata(self, request, context):  # noqa: N802
        try:
            if list(request.metadata_field) != ["signature_def"]:
                raise invalid(f"Metadata field {list(request.metadata_field)} is not supported")
            response = get_model_metadata_pb2.GetModelMetadataResponse()
            with self._manager.use(_choice(request.model_spec)) as servable:
                signatures = get_model_metadata_pb2.SignatureDefMap()
                for name, definition in servable.definitions().items():
                    signatures.signature_def[name].CopyFrom(definition)
                response.model_spec.name = request.model_spec.name
                response.model_spec.version.value = servable.version
                response.metadata["signature_def"].Pack(signatures)
            return response
        except Exception as error:  # noqa: BLE001
            return await _abort(context, error)


class _Model(model_service_pb2_grpc.ModelServiceServicer):
    def __init__(self, manager):
        self._manager = manager

    async def GetModelStatus(self, request, context):  # noqa: N802
        try:
            status = self._manager.status(_choice(request.model_spec))
            return json_format.ParseDict(status, get_model_status_pb2.GetModelStatusResponse())
        except Exception as error:  # noqa: BLE001
            return await _abort(context, error)


def _choice(spec):
    kind = spec.WhichOneof("version_choice")
    if not spec.name:
        raise invalid("Missing ModelSpec")
    return ModelChoice(
        spec.name,
        spec.version.value if kind == "version" else None,
        spec.version_label if kind == "version_label" else None,
    )


def _arrays(protos, max_bytes):
    # A message may name one value for a shape of any size.
    size = sum(_size_bytes(name, proto) for name, proto in protos.items())
    if size > max_bytes:
        raise invalid(
            f"input {', '.join(sorted(protos))}: expected at most {max_bytes} bytes, received a shape that takes {size}"
        )
    return {name: _array(name, proto) for name, proto in protos.items()}


def _size_bytes(name, proto):
    shape = [dim.size for dim in proto.tensor_shape.dim]
    if min(shape, default=0) < 0:
        raise invalid(f"input {name}: not a tensor: expected sizes of at least 0, received {shape}")
    try:
        return math.prod(shape) * (tf.as_dtype(proto.dtype).size or np.dtype(object).itemsize)
    except TypeError as error:
        raise invalid(f"input {name}: not a tensor: {error}") from error


def _array(name, proto):
    try:
        array = tf.make_ndarray(proto)
    except (TypeError, ValueError, KeyError) as error:
        raise invalid(f"input {name}: not a tensor: {error}") from error
    return array if array.dtype.kind != "S" else np.array(array.tolist(), dtype=object)


async def _abort(context, error):
    error = as_serving_error(error)
    await context.abort(grpc.StatusCode[error.code], _shortened(error.message))


def _shortened(message):
    """Cuts a message to what fits among the headers, where others than ASCII take three bytes for each byte."""
    kept = message.encode("utf-8", "replace")[:MAX_MESSAGE_BYTES].decode("utf-8", "ignore")
    return kept if len(kept) == len(message) else f"{kept} …"
