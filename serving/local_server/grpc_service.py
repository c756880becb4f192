"""The gRPC API: PredictionService and ModelService.

Classify, Regress and MultiInference refuse every signature, because exports of this project have none for them.

Needs the packages tensorflow-serving-api and grpcio. The server imports this module only if a gRPC port is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import grpc
from tensorflow_serving.apis import (
    classification_pb2,
    get_model_metadata_pb2,
    inference_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
    regression_pb2,
)

from serving.local_server.errors import ServingError, invalid_argument
from serving.local_server.examples import refuse
from serving.local_server.grpc_calls import abort, choose_model
from serving.local_server.grpc_models import ModelService
from serving.local_server.grpc_tensors import arrays_from_protos, tensor_proto
from serving.local_server.servable import DEFAULT_SIGNATURE

if TYPE_CHECKING:
    from serving.local_server.batching import Batcher
    from serving.local_server.manager import ModelManager

_METHODS = ("tensorflow/serving/classify", "tensorflow/serving/regress")


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
    model_service_pb2_grpc.add_ModelServiceServicer_to_server(ModelService(manager), server)
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
            return await abort(context, error)

    async def _predict(self, request):
        spec = request.model_spec
        response = predict_pb2.PredictResponse()
        with self._manager.use(choose_model(request)) as servable:
            if (spec.signature_name or DEFAULT_SIGNATURE) not in servable.signatures:
                name = spec.signature_name or DEFAULT_SIGNATURE
                raise ServingError("FAILED_PRECONDITION", f'Serving signature key "{name}" not found.')
            # Read the inputs. The names are checked first, before any array takes memory.
            servable.check_names(spec.signature_name, request.inputs)
            inputs = arrays_from_protos(request.inputs, self._max_tensor_bytes)
            servable.check(spec.signature_name, inputs)
            wanted = _choose_outputs(request.output_filter, servable.signature(spec.signature_name).outputs)
            # Run the model and fill the response.
            outputs = await self._batcher.run(servable, spec.signature_name, inputs)
            response.model_spec.name = spec.name
            response.model_spec.version.value = servable.version
            response.model_spec.signature_name = spec.signature_name or DEFAULT_SIGNATURE
        for name in wanted:
            response.outputs[name].CopyFrom(tensor_proto(outputs[name]))
        return response

    async def Classify(  # noqa: N802
        self, request: classification_pb2.ClassificationRequest, context: grpc.aio.ServicerContext
    ) -> classification_pb2.ClassificationResponse:
        """Refuses the request."""
        return await self._refuse("classify", request, context)

    async def Regress(  # noqa: N802
        self, request: regression_pb2.RegressionRequest, context: grpc.aio.ServicerContext
    ) -> regression_pb2.RegressionResponse:
        """Refuses the request."""
        return await self._refuse("regress", request, context)

    async def MultiInference(  # noqa: N802
        self, request: inference_pb2.MultiInferenceRequest, context: grpc.aio.ServicerContext
    ) -> inference_pb2.MultiInferenceResponse:
        """Refuses the request: for the first of its tasks."""
        if not request.tasks:
            return await abort(context, invalid_argument("Missing ModelSpec"))
        task = request.tasks[0]
        verb = {method: method.rpartition("/")[2] for method in _METHODS}.get(task.method_name)
        if verb is None:
            error = ServingError("UNIMPLEMENTED", f"Unsupported signature method_name: {task.method_name}")
            return await abort(context, error)
        return await self._refuse(verb, task, context)

    async def _refuse(self, verb, request, context):
        try:
            with self._manager.use(choose_model(request)) as servable:
                raise refuse(verb, servable.definition(request.model_spec.signature_name))
        except Exception as error:  # noqa: BLE001
            return await abort(context, error)

    async def GetModelMetadata(  # noqa: N802
        self, request: get_model_metadata_pb2.GetModelMetadataRequest, context: grpc.aio.ServicerContext
    ) -> get_model_metadata_pb2.GetModelMetadataResponse:
        """Returns the signatures of a model version."""
        try:
            if list(request.metadata_field) != ["signature_def"]:
                raise invalid_argument(f"Metadata field {list(request.metadata_field)} is not supported")
            response = get_model_metadata_pb2.GetModelMetadataResponse()
            with self._manager.use(choose_model(request)) as servable:
                signatures = get_model_metadata_pb2.SignatureDefMap()
                for name, definition in servable.definitions().items():
                    signatures.signature_def[name].CopyFrom(definition)
                response.model_spec.name = request.model_spec.name
                response.model_spec.version.value = servable.version
                response.metadata["signature_def"].Pack(signatures)
            return response
        except Exception as error:  # noqa: BLE001
            return await abort(context, error)


def _choose_outputs(output_filter, names):
    for index, name in enumerate(output_filter):
        if name not in names:
            raise invalid_argument(f"output tensor alias not found in signature: {name}")
        if name in output_filter[:index]:
            raise invalid_argument(f"duplicate output tensor alias: {name}")
    return list(output_filter) or names
