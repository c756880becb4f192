"""Counts the frames of a video without decoding them, where that is sure to give the same number."""

from __future__ import annotations

import os

from keras_pose.media import file_end
from keras_pose.media.container import open_container
from keras_pose.media.packets import PacketReader


def count_frames(path: str | os.PathLike[str]) -> tuple[int, tuple[int, int]] | None:
    """Returns the number of frames and their stored (height, width) in px, from the packets of a video.

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
        return count, (int(stream.codec_context.height), int(stream.codec_context.width))
