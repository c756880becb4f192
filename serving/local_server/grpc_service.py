"""The gRPC API: Predict and GetModelMetadata of PredictionService, GetModelStatus of ModelService.

Needs the packages tensorflow-serving-api and grpcio. The server imports this module only if a gRPC port is given.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

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

from serving.local_server.errors import as_serving_error, invalid_argument
from serving.local_server.rest_paths import ModelChoice
from serving.local_server.servable import DEFAULT_SIGNATURE

if TYPE_CHECKING:
    from serving.local_server.batching import Batcher
    from serving.local_server.manager import ModelManager

# gRPC sends an error's message as a header. If the headers exceed 8 KiB, the client receives neither the message nor
# the code.
MAX_MESSAGE_BYTES = 2000


async def start_grpc(
    manager: ModelManager,
    batcher: Batcher,
    address: str,
    max_request_bytes: int,
    interceptors: Sequence[grpc.aio.ServerInterceptor] = (),
) -> grpc.aio.Server:
    """Starts the gRPC server in the running event loop.

    Args:
      manager: the served models.
      batcher: shared with the REST API, so that requests of both are merged.
      address: "host:port".
      max_request_bytes: largest message that is read.
      interceptors: see every call, such as those that measure.

    Returns:
      The running server.

    Raises:
      OSError: if the server cannot listen on the port.
    """
    options = [("grpc.max_receive_message_length", max_request_bytes), ("grpc.so_reuseport", 0)]
    server = grpc.aio.server(interceptors=interceptors, options=options)
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(
        _Prediction(manager, batcher, max_request_bytes), server
    )
    model_service_pb2_grpc.add_ModelServiceServicer_to_server(_Model(manager), server)
    try:
        bound = server.add_insecure_port(address)
    except RuntimeError as error:
        raise OSError(f"gRPC cannot listen on {address}: {error}") from error
    if not bound:
        raise OSError(f"gRPC cannot listen on {address}")
    await server.start()
    return server


class _Prediction(prediction_service_pb2_grpc.PredictionServiceServicer):
    def __init__(self, manager: ModelManager, batcher: Batcher, max_tensor_bytes: int) -> None:
        self._manager = manager
        self._batcher = batcher
        self._max_tensor_bytes = max_tensor_bytes

    async def Predict(  # noqa: N802  the name in the service's definition
        self, request: predict_pb2.PredictRequest, context: grpc.aio.ServicerContext
    ) -> predict_pb2.PredictResponse:
        """Runs a signature."""
        try:
            return await self._predict(request)
        except Exception as error:  # noqa: BLE001  all errors become gRPC codes
            return await _abort(context, error)

    async def _predict(self, request):
        spec = request.model_spec
        response = predict_pb2.PredictResponse()
        with self._manager.use(_choice(spec)) as servable:
            # Read the inputs. The names are checked first, before any array takes memory.
            signature = servable.signature(spec.signature_name)
            servable.check_names(spec.signature_name, request.inputs)
            inputs = _arrays(request.inputs, self._max_tensor_bytes)
            servable.check(spec.signature_name, inputs)
            # Choose the outputs.
            wanted = list(request.output_filter) or list(signature.function.structured_outputs)
            for name in wanted:
                if name not in signature.function.structured_outputs:
                    raise invalid_argument(f"output tensor alias not found in signature: {name}")
            # Run the model and fill the response.
            outputs = await self._batcher.run(servable, spec.signature_name, inputs)
            response.model_spec.name = spec.name
            response.model_spec.version.value = servable.version
            response.model_spec.signature_name = spec.signature_name or DEFAULT_SIGNATURE
        for name in wanted:
            response.outputs[name].CopyFrom(tf.make_tensor_proto(outputs[name]))
        return response

    async def GetModelMetadata(  # noqa: N802
        self, request: get_model_metadata_pb2.GetModelMetadataRequest, context: grpc.aio.ServicerContext
    ) -> get_model_metadata_pb2.GetModelMetadataResponse:
        """Returns the signatures of a model version."""
        try:
            if list(request.metadata_field) != ["signature_def"]:
                raise invalid_argument(f"Metadata field {list(request.metadata_field)} is not supported")
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
    def __init__(self, manager: ModelManager) -> None:
        self._manager = manager

    async def GetModelStatus(  # noqa: N802
        self, request: get_model_status_pb2.GetModelStatusRequest, context: grpc.aio.ServicerContext
    ) -> get_model_status_pb2.GetModelStatusResponse:
        """Returns the states of a model's versions."""
        try:
            status = self._manager.status(_choice(request.model_spec))
            return json_format.ParseDict(status, get_model_status_pb2.GetModelStatusResponse())
        except Exception as error:  # noqa: BLE001
            return await _abort(context, error)


def _choice(spec):
    kind = spec.WhichOneof("version_choice")
    if not spec.name:
        raise invalid_argument("Missing ModelSpec")
    return ModelChoice(
        spec.name,
        spec.version.value if kind == "version" else None,
        spec.version_label if kind == "version_label" else None,
    )


def _arrays(protos, max_bytes):
    # A short message can hold one value for a huge shape, so check the size of the arrays first.
    size = sum(_size_bytes(name, proto) for name, proto in protos.items())
    if size > max_bytes:
        raise invalid_argument(
            f"input {', '.join(sorted(protos))}: expected at most {max_bytes} bytes, received a shape that takes {size}"
        )
    return {name: _array(name, proto) for name, proto in protos.items()}


def _size_bytes(name, proto):
    shape = [dim.size for dim in proto.tensor_shape.dim]
    if min(shape, default=0) < 0:
        raise invalid_argument(f"input {name}: not a tensor: expected sizes of at least 0, received {shape}")
    try:
        return math.prod(shape) * (tf.as_dtype(proto.dtype).size or np.dtype(object).itemsize)
    except TypeError as error:
        raise invalid_argument(f"input {name}: not a tensor: {error}") from error


def _array(name, proto):
    try:
        array = tf.make_ndarray(proto)
    except (TypeError, ValueError, KeyError) as error:
        raise invalid_argument(f"input {name}: not a tensor: {error}") from error
    return array if array.dtype.kind != "S" else np.array(array.tolist(), dtype=object)


async def _abort(context, error):
    error = as_serving_error(error)
    await context.abort(grpc.StatusCode[error.code], _truncate(error.message))


def _truncate(message):
    """Cuts a message to a length that fits into the headers, where each non-ASCII byte takes three."""
    kept = message.encode("utf-8", "replace")[:MAX_MESSAGE_BYTES].decode("utf-8", "ignore")
    return kept if len(kept) == len(message) else f"{kept} …"
