"""What can go wrong between the client and a server; each message is one a user can act on."""

from __future__ import annotations


class ServingError(Exception):
    """A server did not answer as asked.

    Args:
      message: str, shown to the user.
      status: int, the HTTP status; None where there was no answer or it came by gRPC.
    """

    def __init__(self, message, status=None):
        super().__init__(message)
        self.status = status


class ServerNotReachableError(ServingError):
    """No server answered: none listens there, it hung up, or it took longer than the time limit."""


class ModelNotFoundError(ServingError):
    """The server answers but does not serve that model, version or label."""


class RequestRefusedError(ServingError):
    """The server read the request and refused it; the message ends with the server's own words."""
