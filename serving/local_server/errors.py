"""The server's errors: TensorFlow Serving's codes, which are those of gRPC, and their HTTP statuses."""

from __future__ import annotations

from typing import Any, NamedTuple

from serving.local_server.json_text import format_json, indent_json

# Source: observed behaviour of tensorflow_serving/model_servers/http_server.cc. PAYLOAD_TOO_LARGE is an addition:
# TensorFlow Serving closes the connection instead.
HTTP_STATUS = {
    "CANCELLED": 499,
    "UNKNOWN": 500,
    "INVALID_ARGUMENT": 400,
    "DEADLINE_EXCEEDED": 504,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "PERMISSION_DENIED": 403,
    "RESOURCE_EXHAUSTED": 429,
    "FAILED_PRECONDITION": 400,
    "ABORTED": 409,
    "OUT_OF_RANGE": 400,
    "UNIMPLEMENTED": 501,
    "INTERNAL": 500,
    "UNAVAILABLE": 503,
    "DATA_LOSS": 500,
    "UNAUTHENTICATED": 401,
    "PAYLOAD_TOO_LARGE": 413,
}


class Quoted(NamedTuple):
    """A JSON value of the request in a message: shortened, or in full as TensorFlow Serving writes it."""

    value: Any


class ServingError(Exception):
    """An error that is returned to the client.

    Args:
      code: a key of `HTTP_STATUS`.
      parts: the message: what was expected and what was received.
    """

    def __init__(self, code: str, *parts: str | Quoted) -> None:
        self.code = code
        self.parts = parts
        self.message = "".join(format_json(part.value) if isinstance(part, Quoted) else part for part in parts)
        super().__init__(self.message)

    def full_message(self) -> str:
        """Returns the message with values of any length, indented, as TensorFlow Serving 2.15.1 writes them."""
        try:
            return "".join(indent_json(part.value) if isinstance(part, Quoted) else part for part in self.parts)
        except RecursionError:
            return self.message

    @property
    def http_status(self) -> int:
        """HTTP status of the answer."""
        return HTTP_STATUS[self.code]


def invalid_argument(*parts: str | Quoted) -> ServingError:
    """Returns the `ServingError` for an invalid request (400)."""
    return ServingError("INVALID_ARGUMENT", *parts)


def unknown_label(label: str) -> ServingError:
    """Returns the `ServingError` for an unknown version label."""
    return invalid_argument(f"Unrecognized servable version label: {label}")


def as_serving_error(error: BaseException) -> ServingError:
    """Converts any exception to a `ServingError`.

    Args:
      error: TensorFlow's errors keep their code and message; any other exception becomes INTERNAL.
    """
    if isinstance(error, ServingError):
        return error
    # Look up the class by name, so that this module need not import TensorFlow.
    code = _TENSORFLOW_CODES.get(type(error).__name__)
    if code is not None and hasattr(error, "message"):
        return ServingError(code, str(error.message))
    return ServingError("INTERNAL", f"{type(error).__name__}: {error}")


_TENSORFLOW_CODES = {
    "CancelledError": "CANCELLED",
    "UnknownError": "UNKNOWN",
    "InvalidArgumentError": "INVALID_ARGUMENT",
    "DeadlineExceededError": "DEADLINE_EXCEEDED",
    "NotFoundError": "NOT_FOUND",
    "AlreadyExistsError": "ALREADY_EXISTS",
    "PermissionDeniedError": "PERMISSION_DENIED",
    "ResourceExhaustedError": "RESOURCE_EXHAUSTED",
    "FailedPreconditionError": "FAILED_PRECONDITION",
    "AbortedError": "ABORTED",
    "OutOfRangeError": "OUT_OF_RANGE",
    "UnimplementedError": "UNIMPLEMENTED",
    "InternalError": "INTERNAL",
    "UnavailableError": "UNAVAILABLE",
    "DataLossError": "DATA_LOSS",
    "UnauthenticatedError": "UNAUTHENTICATED",
}
