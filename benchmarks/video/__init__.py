"""Helpers of `streaming` and `video_jitter`: poses of whole videos, their speed, and how well labels repeat."""
