"""Counts the frames of a video without decoding them, where that is sure to give the same number."""

from __future__ import annotations

import os
from typing import NamedTuple

from keras_pose.media import file_end
from keras_pose.media.container import open_container
from keras_pose.media.packets import PacketReader


class PacketFacts(NamedTuple):
    """What the packets of a video tell.

    Attributes:
      num_frames: number of its frames.
      size_hw: stored (height, width) of its frames in px.
      fps: frames per second as the container states it; 0 if it does not.
    """

    num_frames: int
    size_hw: tuple[int, int]
    fps: float


def count_frames(path: str | os.PathLike[str]) -> tuple[int, tuple[int, int]] | None:
    """Returns the number of frames and their stored (height, width) in px, as `read_packets` does."""
    facts = read_packets(path)
    return None if facts is None else (facts.num_frames, facts.size_hw)


def read_packets(path: str | os.PathLike[str]) -> PacketFacts | None:
    """Returns number, size and rate of the frames of a video, from its packets.

    Args:
      path: path of the video.

    Returns:
      None if only decoding tells: the codec does not give one frame for each packet, the file is cut, or packets are
      damaged, missing or not shown.

    Raises:
      ValueError: if the file is not a video; the message names it.
    """
    path = os.fspath(path)
    container, stream = open_container(path)
    with container:
        reader = PacketReader(path, container, stream)
        if not reader.exact or file_end.is_cut(path):
            return None
        count = 0
        for _, facts in reader:
            if facts.follows_loss or facts.discard:
                return None
            count += not facts.silent
        if reader.lost_after or reader.may_begin_anywhere or not count:
            return None
        size_hw = (int(stream.codec_context.height), int(stream.codec_context.width))
        return PacketFacts(count, size_hw, float(stream.guessed_rate or stream.average_rate or 0))
