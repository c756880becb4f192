"""The errors of the server: a code of TensorFlow Serving (those of gRPC) and the HTTP status that stands for it."""

from __future__ import annotations

# Source: tensorflow_serving/model_servers/http_server.cc, by behaviour. PAYLOAD_TOO_LARGE is ours: TensorFlow Serving
# drops the connection there.
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


class ServingError(Exception):
    """An error that the one who asked is told.

    Args:
      code: str, a key of `HTTP_STATUS`.
      message: str, what was expected and what was received.
    """

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code
        self.message = message

    @property
    def http_status(self):
        """int, the HTTP status of the answer."""
        return HTTP_STATUS[self.code]


def invalid(message):
    """Returns the `ServingError` of a request that is wrong in itself (400)."""
    return ServingError("INVALID_ARGUMENT", message)


def unknown_label(label):
    """Returns the `ServingError` for a version label that nothing is known of."""
    return invalid(f"Unrecognized servable version label: {label}")


def as_serving_error(error):
    """Returns the `ServingError` for any exception that came out of running a model.

    Args:
      error: Exception. Those of TensorFlow keep their code and message; anything else is INTERNAL.
    """
    if isinstance(error, ServingError):
        return error
    # The codes of TensorFlow's errors are the numbers of gRPC's: looked up by class name, this module needs no import.
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
