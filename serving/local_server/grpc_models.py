"""ModelService of the gRPC API."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import grpc
from google.protobuf import json_format
from tensorflow_serving.apis import get_model_status_pb2, model_management_pb2, model_service_pb2_grpc

from serving.local_server.errors import ServingError, invalid_argument
from serving.local_server.grpc_calls import abort, model_choice
from serving.local_server.model_config import configs_from_proto

if TYPE_CHECKING:
    from serving.local_server.manager import ModelManager


class ModelService(model_service_pb2_grpc.ModelServiceServicer):
    """The states of versions, and new configurations.

    Args:
      manager: the served models.
    """

    def __init__(self, manager: ModelManager) -> None:
        self._manager = manager

    async def GetModelStatus(  # noqa: N802
        self, request: get_model_status_pb2.GetModelStatusRequest, context: grpc.aio.ServicerContext
    ) -> get_model_status_pb2.GetModelStatusResponse:
        """Returns the states of a model's versions."""
        try:
            if not request.HasField("model_spec"):
                raise invalid_argument("Missing ModelSpec")
            status = self._manager.status(model_choice(request.model_spec))
            return json_format.ParseDict(status, get_model_status_pb2.GetModelStatusResponse())
        except Exception as error:  # noqa: BLE001
            return await abort(context, error)

    async def HandleReloadConfigRequest(  # noqa: N802
        self, request: model_management_pb2.ReloadConfigRequest, context: grpc.aio.ServicerContext
    ) -> model_management_pb2.ReloadConfigResponse:
        """Replaces the configuration of the served models; the status of the answer tells whether it was accepted."""
        response = model_management_pb2.ReloadConfigResponse()
        try:
            configs = configs_from_proto(request.config, "ReloadConfigRequest")
            # Waits for versions that are being loaded, so not in the thread of the event loop.
            await asyncio.get_running_loop().run_in_executor(None, self._manager.configure, configs)
        except (ServingError, ValueError) as caught:
            error = caught if isinstance(caught, ServingError) else invalid_argument(str(caught))
            response.status.error_code = grpc.StatusCode[error.code].value[0]
            response.status.error_message = error.message
        return response
