"""Opens cameras and streams: FFmpeg (PyAV) where it has the device, otherwise OpenCV."""

from __future__ import annotations

import os
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

import av
import cv2
import numpy as np

from keras_pose.media import live_sources
from keras_pose.media.quiet_opencv import quiet_opencv

SOURCE_ERRORS = (av.error.FFmpegError, OSError, ValueError)
_READ_S = 5.0  # how long a stream may send nothing
# TCP loses no packets of RTSP; the first seconds of a stream are enough to know its codec.
_NETWORK_OPTIONS = {"rtsp_transport": "tcp", "analyzeduration": "2000000"}

# A frame (an `av.VideoFrame`, or uint8 RGB [H, W, 3]) and its time in s as the source states it, or None.
Frames = Iterator[tuple[Any, "float | None"]]


def open_device(source: str, open_s: float) -> Any:
    """Opens a camera or a stream.

    Args:
      source: a text for which `live_sources.is_live` holds.
      open_s: how long opening may take, in s.

    Returns:
      An iterator of `Frames`, to be closed. It ends when the source does.

    Raises:
      SOURCE_ERRORS: here or while it is read, if the source cannot be read.
    """
    if not live_sources.is_camera(source):
        return _play_file(source) if source.lower().startswith("file:") else _stream(source, open_s)
    if sys.platform == "linux":
        device = source if source.startswith("/dev/") else f"/dev/video{source}"
        if not os.path.exists(device):
            raise ValueError(f"there is no {device}: is the camera connected?")
        try:
            return _frames(av.open(device, format="v4l2", timeout=(open_s, _READ_S)))
        except av.error.FFmpegError:
            return with_opencv(int(device.removeprefix("/dev/video")))
    return with_opencv(int(source))


def with_opencv(device: int | str) -> Frames:
    """Reads a camera by its number, or a file, with OpenCV. Its frames have no times.

    Raises:
      ValueError: when it is read, if it cannot be opened.
    """
    with quiet_opencv():
        capture = cv2.VideoCapture(device)
    try:
        if not capture.isOpened():
            raise ValueError("it cannot be opened: is another program using it?")
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        while True:
            there, frame = capture.read()
            if not there:
                return
            yield np.ascontiguousarray(frame[..., ::-1]), None
    finally:
        capture.release()


def format_reason(error: BaseException) -> str:
    """Returns the reason of an error of a source as one line."""
    return " ".join((getattr(error, "strerror", None) or str(error) or type(error).__name__).split())


def _stream(address, open_s):
    return _frames(av.open(address, options=_NETWORK_OPTIONS, timeout=(open_s, _READ_S)))


def _play_file(address):
    """Reads a file at its own rate, as a camera would give it."""
    path = urllib.request.url2pathname(urllib.parse.urlsplit(address).path)
    began_s = None
    for frame, stated_s in _frames(av.open(f"file:{path}")):
        now_s = time.monotonic()
        if began_s is None:
            began_s = now_s - (stated_s or 0.0)
        if stated_s is not None:
            time.sleep(max(0.0, began_s + stated_s - now_s))
        yield frame, stated_s


def _frames(container):
    with container:
        if not container.streams.video:
            raise ValueError("it has no video")
        stream = container.streams.video[0]
        stream.codec_context.thread_type = "SLICE"  # threads for whole frames would hold frames back
        for packet in container.demux(stream):
            try:
                frames = packet.decode()
            except av.error.InvalidDataError:
                continue  # lost on the way; the next keyframe makes it good
            for frame in frames:
                if not frame.is_corrupt:
                    yield frame, frame.time
