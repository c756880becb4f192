"""Which files count as videos and which as pictures.

The ending decides for the usual ones, without opening the file. For any other ending the content decides, so that a
video with an odd ending is used if it decodes.
"""

from __future__ import annotations

import os

VIDEO_ENDINGS = (
    ".avi",
    ".mp4",
    ".mov",
    ".mkv",
    ".mpg",
    ".mpeg",
    ".m4v",
    ".wmv",
    ".webm",
    ".mts",
    ".m2ts",
    ".ts",
    ".flv",
    ".ogv",
    ".3gp",
    ".h264",
    ".h265",
    ".mjpeg",
    ".mjpg",
    ".dv",
    ".asf",
    ".mxf",
)
IMAGE_ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp")


def has_video_ending(path: str | os.PathLike[str]) -> bool:
    """Whether the name ends like a video; neither the file nor its content matters."""
    return os.fspath(path).lower().endswith(VIDEO_ENDINGS)


def has_image_ending(path: str | os.PathLike[str]) -> bool:
    """Whether the name ends like a picture; neither the file nor its content matters."""
    return os.fspath(path).lower().endswith(IMAGE_ENDINGS)


def is_video(path: str | os.PathLike[str]) -> bool:
    """Whether this is a file and a video: by a usual ending, otherwise by content (its first frame decodes).

    A file with the ending of a video counts as one even if it is damaged; opening it then tells what is wrong.
    """
    path = os.fspath(path)
    if not os.path.isfile(path):
        return False
    if has_video_ending(path):
        return True
    return not has_image_ending(path) and _decodes(path)


def _decodes(path):
    from keras_pose.media.video import VideoFrames  # opens FFmpeg only for unusual endings

    try:
        VideoFrames(path).close()
    except ValueError:
        return False
    return True
