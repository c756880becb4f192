"""ModelService of the gRPC API."""

import asyncio

import pytest

from tests.helpers import serving_servers, version_files

grpc = pytest.importorskip("grpc")
pytest.importorskip("tensorflow")
pytest.importorskip("tensorflow_serving.apis")
from google.protobuf import text_format  # noqa: E402
from tensorflow_serving.apis import (  # noqa: E402
    get_model_status_pb2,
    model_management_pb2,
    model_service_pb2_grpc,
)

from serving.local_server.grpc_models import ModelService  # noqa: E402
from serving.local_server.manager import ModelManager  # noqa: E402
from serving.local_server.model_config import ModelConfig  # noqa: E402


def ask(manager, *requests):
    """Returns the answers of the service to requests, or the codes of its errors."""

    async def run():
        server = grpc.aio.server()
        model_service_pb2_grpc.add_ModelServiceServicer_to_server(ModelService(manager), server)
        with serving_servers.hold_port() as port:
            server.add_insecure_port(f"127.0.0.1:{port}")
            await server.start()
            async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
                stub = model_service_pb2_grpc.ModelServiceStub(channel)
                answers = [await _ask(stub, request) for request in requests]
            await server.stop(None)
        return answers

    return asyncio.run(run())


async def _ask(stub, request):
    reload = isinstance(request, model_management_pb2.ReloadConfigRequest)
    try:
        return await (stub.HandleReloadConfigRequest if reload else stub.GetModelStatus)(request, timeout=20)
    except grpc.RpcError as error:
        return error.code().name


@pytest.fixture
def manager(tmp_path):
    """Serves version 2 of the model `toy`."""
    version_files.publish(tmp_path, 2)
    manager = ModelManager({"toy": ModelConfig("toy", str(tmp_path))}, load=version_files.load)
    manager.poll()
    return manager


def status_of(**spec):
    return get_model_status_pb2.GetModelStatusRequest(model_spec=spec)


def test_status_lists_the_versions(manager):
    plain, labelled = ask(manager, status_of(name="toy"), status_of(name="toy", version_label="nope"))
    assert [(item.version, item.state) for item in plain.model_version_status] == [(2, 30)]
    assert labelled == plain


def test_a_status_without_a_model_has_the_code_of_tensorflow_serving(manager):
    requests = (get_model_status_pb2.GetModelStatusRequest(), status_of(), status_of(name="other"))
    assert ask(manager, *requests) == ["INVALID_ARGUMENT", "NOT_FOUND", "NOT_FOUND"]


def test_a_new_configuration_is_applied_or_refused(manager, tmp_path):
    def request(text):
        return text_format.Parse(f"config {{ {text} }}", model_management_pb2.ReloadConfigRequest())

    config = f'config {{ name: "new" base_path: "{tmp_path}" '
    good, labelled, empty = ask(
        manager,
        request(f"model_config_list {{ {config} }} }}"),
        request(f'model_config_list {{ {config} version_labels {{ key: "stable" value: 7 }} }} }}'),
        request("model_config_list {}"),
    )
    assert good.status.error_code == 0
    assert labelled.status.error_code == grpc.StatusCode.FAILED_PRECONDITION.value[0]
    assert "version 7 of model new" in labelled.status.error_message
    assert empty.status.error_code == grpc.StatusCode.INVALID_ARGUMENT.value[0]
    assert manager.names == ["new"]
