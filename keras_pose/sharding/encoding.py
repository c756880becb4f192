"""Reads frames of a source in rising order, and encodes them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import cv2
import numpy as np

from keras_pose.data.clip import Clip
from keras_pose.data.image_frames import ImageFrames, VideoWithImages
from keras_pose.data.lazy_video import LazyVideo
from keras_pose.data.shard_frames import ShardFrames
from keras_pose.media import images
from keras_pose.media.orientation import STORED
from keras_pose.media.video import VideoFrames
from keras_pose.media.wholeness import JPEG_START
from keras_pose.sharding.planning import images_apart

_CHUNK = 8  # frames that are in memory at a time
_PNG_LEVEL = 1  # of zlib: higher levels take several times as long, for some per cent


def encode(frame: np.ndarray, frame_format: str, jpeg_quality: int) -> bytes:
    """Encodes a frame.

    Args:
      frame: uint8 RGB [H, W, 3].
      frame_format: "png" or "jpeg".
      jpeg_quality: 1 to 100.
    """
    settings = [cv2.IMWRITE_PNG_COMPRESSION, _PNG_LEVEL]
    if frame_format == "jpeg":
        settings = [cv2.IMWRITE_JPEG_QUALITY, jpeg_quality]
    ok, data = cv2.imencode(f".{frame_format}", cv2.cvtColor(frame, cv2.COLOR_RGB2BGR), settings)
    if not ok:
        raise ValueError(f"a frame of {frame.shape[0]}×{frame.shape[1]} px cannot be encoded as {frame_format}")
    return data.tobytes()


def copied_file(clip: Clip, position: int) -> bytes | None:
    """Returns the bytes of the JPEG file of a frame, if reading it means only to decode it; None otherwise."""
    pictures = getattr(clip.frames, "pictures", None)
    if pictures is None or position not in pictures.paths or position in pictures.upright or pictures.turn != STORED:
        return None
    data = images.read_file(pictures.paths[position])
    return data if data.startswith(JPEG_START) else None


@contextlib.contextmanager
def reader_of(clip: Clip, first: int) -> Iterator[Any]:
    """Yields the frames of a clip with a decoder of their own, which starts near position `first`."""
    frames: Any = clip.frames
    video = frames.video if isinstance(frames, VideoWithImages) else frames
    if not isinstance(video, (LazyVideo, VideoFrames)):  # others read in any order, or are short
        yield frames
        return
    own = video.reopen()
    try:
        if first and first < video.num_frames:
            next(iter(own.numbered_with_times(first)))
        yield VideoWithImages(own, frames.pictures) if isinstance(frames, VideoWithImages) else own
    finally:
        own.close()


def encode_records(
    clip: Clip, records: Sequence[tuple[int, bool]], windows: bool, frame_format: str, jpeg_quality: int
) -> Iterator[tuple[int, bool, bytes, bool]]:
    """Yields (position, whether it is an image apart, encoded picture, whether it is a copied file) of records.

    Args:
      clip: the clip.
      records: as in `planning.Part`.
      windows: whether frames are stored for windows: then those of a video are not read from images beside it.
      frame_format, jpeg_quality: as for `encode`.

    Raises:
      ValueError: if a frame cannot be read; the message names file and frame.
    """
    apart = images_apart(clip) if windows else frozenset()
    with reader_of(clip, records[0][0]) as frames:
        for start in range(0, len(records), _CHUNK):
            chunk = records[start : start + _CHUNK]
            copied = {(p, alone): copied_file(clip, p) for p, alone in chunk if alone or p not in apart}
            rest = [p for p, alone in chunk if not alone and copied.get((p, alone)) is None]
            read = _read(frames, rest, apart)
            for position, alone in chunk:
                data = copied.get((position, alone))
                if data is None:
                    frame = frames.read([position])[0] if alone else read[position]
                    yield position, alone, encode(frame, frame_format, jpeg_quality), False
                else:
                    yield position, alone, data, True


def _read(frames, positions, apart):
    """{position: frame}; those with an image apart are read from the video."""
    if isinstance(frames, ShardFrames):
        return dict(zip(positions, frames.read_video(positions)))
    if isinstance(frames, (ImageFrames, VideoWithImages)):
        read_one = {p: frames.video if p in apart else frames for p in positions}
        return {p: reader.read([p])[0] for p, reader in read_one.items()}
    return dict(zip(positions, frames.read(positions)))
