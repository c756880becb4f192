"""The client's exceptions. Each message is meant for the user."""

from __future__ import annotations


class ServingError(Exception):
    """The server gave no usable answer.

    Args:
      message: text for the user.
      status: the HTTP status, or None if there was no answer or it came over gRPC.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class ServerNotReachableError(ServingError):
    """No server answered: nothing listens at the address, the connection broke, or the time limit passed."""


class ModelNotFoundError(ServingError):
    """The server does not serve the requested model, version or label."""


class RequestRefusedError(ServingError):
    """The server refused the request; the message ends with the server's own."""
