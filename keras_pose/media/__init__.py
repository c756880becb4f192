"""Pictures and videos as arrays of frames: the one place that knows file endings, orientation and range of values."""

from keras_pose.media.messages import MediaWarning

__all__ = ["MediaWarning"]
