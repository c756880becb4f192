"""A client of served pose models; over REST it needs requests and NumPy only. See `python -m serving.client --help`."""

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
