"""Frames of a clip from shards, in any order. What they decode to is what the source read, if the shards are lossless.

A labelled frame of a video that also exists as an image has two records: one of the image, which is read if the frame
is asked for alone, and one of the video, which is read in a window of frames (as `image_frames.VideoWithImages`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any

import cv2
import numpy as np

from keras_pose.data.clip import Clip
from keras_pose.data.shard_files import FRAMING_BEFORE, ShardReader
from keras_pose.media import jpeg_decoder, wholeness
from keras_pose.media.images import stack_images
from keras_pose.pooling.reach import reach_of

_COLOR = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION


@dataclasses.dataclass(frozen=True)
class Records:
    """Where the R records of one clip lie, by rising position; all arrays are [R].

    Args:
      shard: int32, number of the shard.
      number: int32, number of the record in its shard.
      offset: int64, where the record begins in the file, in bytes.
      length: int64, of its data in bytes.
      crc: uint32, CRC-32 of its data.
      picture_start, picture_length: int64, where in the data the picture lies, in bytes.
      position: int32, of the frame in the clip.
      alone: bool, whether the record is the image of a frame that is also there as a frame of the video.
    """

    shard: np.ndarray
    number: np.ndarray
    offset: np.ndarray
    length: np.ndarray
    crc: np.ndarray
    picture_start: np.ndarray
    picture_length: np.ndarray
    position: np.ndarray
    alone: np.ndarray


class ShardFrames:
    """Frames of one clip in shards (a `Frames`, safe to share between threads).

    Args:
      reader: reads the records.
      records: the records of the clip.
      clip: what shards.json says about the clip: its name, `num_frames`, `missing`, `size_hw` and `video_digest`.
      stored_neighbours: frames on each side of a labelled frame that are stored; None: all frames are.
      picture_digests: {position of a labelled frame: digest of its picture in the source}.

    Attributes:
      num_frames, size_hw, missing: those of the source's clip.
      stored_neighbours, picture_digests: as given.
      video_digest: digest of the source's video; empty if there is none.
      alone_positions: positions that are read from an image if they are asked for alone.
    """

    def __init__(
        self,
        reader: ShardReader,
        records: Records,
        clip: dict[str, Any],
        stored_neighbours: int | None,
        picture_digests: dict[int, str],
    ) -> None:
        self.num_frames: int | None = clip["num_frames"]
        self.size_hw: tuple[int, int] = (clip["size_hw"][0], clip["size_hw"][1])
        self.missing = frozenset(clip["missing"])
        self.video_digest: str = clip["video_digest"]
        self.stored_neighbours = stored_neighbours
        self.picture_digests = picture_digests
        self._name = clip["name"]
        self._reader = reader
        self._records = records
        self._of_video = np.flatnonzero(~records.alone)
        self._positions = records.position[self._of_video]
        self._alone = {int(records.position[r]): int(r) for r in np.flatnonzero(records.alone)}

    @property
    def alone_positions(self) -> frozenset[int]:
        """See the class."""
        return frozenset(self._alone)

    def find_fault(self, position: int) -> str:
        """Returns why a frame cannot be read, without reading it; empty if it is stored."""
        return "" if position in self._alone or self._find(position) is not None else self._describe_lack(position)

    def read(self, indices: Iterable[int]) -> np.ndarray:
        """Returns uint8 RGB [T, H, W, 3], the frames at these 0-based positions in this order.

        Raises:
          ValueError: if a frame is not stored or its record is damaged; the message names file and record.
        """
        indices = [int(i) for i in indices]
        different = set(indices)
        if len(different) == 1 and indices[0] in self._alone:
            image = self._decode(self._alone[indices[0]])
            return stack_images([image] * len(indices), self.size_hw)
        return self.read_video(indices)

    def read_video(self, indices: Sequence[int]) -> np.ndarray:
        """Returns frames as `read`, those of the video also where there is an image."""
        found = {i: self._find(i) for i in sorted(set(indices))}
        for position, record in found.items():
            if record is None:
                raise ValueError(self._describe_lack(position))
        frames = {position: self._decode(record) for position, record in found.items()}
        return stack_images([frames[i] for i in indices], self.size_hw)

    def _find(self, position):
        place = int(np.searchsorted(self._positions, position))
        if place < len(self._positions) and self._positions[place] == position:
            return int(self._of_video[place])
        return None

    def _decode(self, record):
        found = self._records
        describe = f"record {found.number[record]} (frame {found.position[record]} of clip {self._name})"
        offset = int(found.offset[record]) + FRAMING_BEFORE
        shard = int(found.shard[record])
        data = self._reader.read(shard, offset, int(found.length[record]), int(found.crc[record]), describe)
        start = int(found.picture_start[record])
        picture = np.frombuffer(data, np.uint8, int(found.picture_length[record]), start)
        image = _decode_picture(picture)
        if image is None or image.shape[:2] != self.size_hw:
            raise ValueError(
                f"{self._reader.path(shard)}: {describe}: expected a picture of {self.size_hw[0]}×{self.size_hw[1]} px "
                f"(height×width), {'which does not decode' if image is None else f'found {image.shape[:2]}'}"
            )
        return image

    def _describe_lack(self, position):
        return (
            f"{self._reader.folder}: frame {position} of clip {self._name} is not in these shards; "
            "`keras-pose prepare` stores more neighbours of labelled frames with --window, and all frames with "
            "--frames=all"
        )


def _decode_picture(data):
    """uint8 RGB [H, W, 3] of the bytes uint8 [N] of a PNG or JPEG, or None."""
    if not jpeg_decoder.OPENCV_IS_SOUND and data[:2].tobytes() == wholeness.JPEG_START:
        import tensorflow as tf  # only here, because commands that train nothing do without it

        try:  # the same pixels as OpenCV's in the same time; Pillow would take three times as long
            return tf.io.decode_jpeg(data.tobytes(), channels=3, dct_method="INTEGER_ACCURATE").numpy()
        except tf.errors.InvalidArgumentError:
            return None
    image = cv2.imdecode(data, _COLOR)
    return None if image is None else cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


def check_neighbours(clips: Iterable[Clip], offsets: Sequence[int]) -> None:
    """Checks that the windows of clips can be read, before a training begins.

    Args:
      clips: the clips.
      offsets: offsets of the window's frames from the labelled frame, or `TimedOffsets`.

    Raises:
      ValueError: if shards have fewer neighbours; the message says how to prepare them again.
    """
    for clip in clips:
        needed = reach_of(offsets, clip.frame_rate)
        stored = getattr(clip.frames, "stored_neighbours", None)
        if stored is not None and stored < needed and clip.frames.num_frames is not None:
            raise ValueError(
                f"--window={needed}: the shards of clip {clip.name} hold {stored} frames on each side of a labelled "
                f"frame; prepare them again with --window={needed} or --frames=all"
            )
