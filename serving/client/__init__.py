"""A client for served pose models. REST needs only requests and NumPy. See `python -m serving.client --help`."""

from serving.client.errors import ModelNotFoundError, RequestRefusedError, ServerNotReachableError, ServingError
from serving.client.pose_client import PoseClient, Poses

__all__ = [
    "ModelNotFoundError",
    "PoseClient",
    "Poses",
    "RequestRefusedError",
    "ServerNotReachableError",
    "ServingError",
]
