"""What the calls of the gRPC API share: the model that a request names, and the end of a call with an error."""

from __future__ import annotations

from typing import Any, NoReturn

import grpc

from serving.local_server.errors import as_serving_error, invalid_argument
from serving.local_server.rest_paths import ModelChoice

# gRPC sends an error's message as a header. If the headers exceed 8 KiB, the client receives neither the message nor
# the code.
MAX_MESSAGE_BYTES = 2000


def choose_model(request: Any) -> ModelChoice:
    """Returns the model and version that a request names.

    Raises:
      ServingError: INVALID_ARGUMENT if it names none.
    """
    if not request.model_spec.name:
        raise invalid_argument("Missing ModelSpec")
    return model_choice(request.model_spec)


def model_choice(spec: Any) -> ModelChoice:
    """Returns the model and version of a ModelSpec."""
    kind = spec.WhichOneof("version_choice")
    return ModelChoice(
        spec.name,
        spec.version.value if kind == "version" else None,
        spec.version_label if kind == "version_label" else None,
    )


async def abort(context: grpc.aio.ServicerContext, error: BaseException) -> NoReturn:
    """Ends a call with the code and the message of an error."""
    known = as_serving_error(error)
    await context.abort(grpc.StatusCode[known.code], _truncate(known.message))
    raise AssertionError("abort() raises")


def _truncate(message):
    """Cuts a message to a length that fits into the headers; each non-ASCII byte takes three there."""
    kept = message.encode("utf-8", "replace")[:MAX_MESSAGE_BYTES].decode("utf-8", "ignore")
    return kept if len(kept) == len(message) else f"{kept} …"
