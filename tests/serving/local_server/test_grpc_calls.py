"""What the calls of the gRPC API share."""

import asyncio
import types

import pytest

grpc = pytest.importorskip("grpc")
predict_pb2 = pytest.importorskip("tensorflow_serving.apis.predict_pb2")
from serving.local_server.errors import ServingError, invalid_argument  # noqa: E402
from serving.local_server.grpc_calls import MAX_MESSAGE_BYTES, abort, choose_model  # noqa: E402
from serving.local_server.rest_paths import ModelChoice  # noqa: E402


@pytest.mark.parametrize(
    ("spec", "choice"),
    [
        ({"name": "toy"}, ModelChoice("toy")),
        ({"name": "toy", "version": {"value": 3}}, ModelChoice("toy", 3)),
        ({"name": "toy", "version_label": "stable"}, ModelChoice("toy", None, "stable")),
    ],
)
def test_a_request_names_model_and_version(spec, choice):
    assert choose_model(predict_pb2.PredictRequest(model_spec=spec)) == choice


def test_a_request_without_a_model_is_invalid():
    with pytest.raises(ServingError, match="Missing ModelSpec"):
        choose_model(predict_pb2.PredictRequest())


@pytest.mark.parametrize("letter", ["a", "\u20ac"])
def test_a_call_ends_with_code_and_a_message_that_fits_into_the_headers(letter):
    class AbortedError(Exception):
        pass

    async def end(code, message):
        raise AbortedError(code, message)

    with pytest.raises(AbortedError) as caught:
        asyncio.run(abort(types.SimpleNamespace(abort=end), invalid_argument(letter * 10_000)))
    code, message = caught.value.args
    assert code == grpc.StatusCode.INVALID_ARGUMENT
    assert message.startswith(letter)
    assert MAX_MESSAGE_BYTES - 3 <= len(message.encode()) <= MAX_MESSAGE_BYTES + 4
