"""Where decoding can start so that a frame in the middle of a video comes exactly as if all before it was decoded.

Containers seek to a time, and often not exactly. So all packets of the file are read, which is much faster than
decoding them, and numbered by the times at which their frames are shown. Decoding then starts at the last keyframe
that nothing behind it looks past. Wherever a number could be wrong, there is no such place, and all is decoded.
"""

from __future__ import annotations

import dataclasses
import os

from keras_pose.media import file_end
from keras_pose.media.container import open_container
from keras_pose.media.packets import PacketReader
from keras_pose.media.silent_packets import starts_decoding

_FORMATS = ("mov", "matroska")  # with a time for each packet, in one packet for each frame
_RUN_UP = 2  # frames that are decoded before the one that is wanted, to see whether each packet gives a frame


@dataclasses.dataclass(frozen=True)
class Start:
    """A keyframe to start decoding at.

    Args:
      packet: the number of its packet, in decoding order.
      position: its position in the video.
      time: its time, in units of the stream's time base; None if packets are in the order of frames.
      origin: the time of the frame at position 0, in the same units; None if it is not known.
    """

    packet: int
    position: int
    time: int | None
    origin: int | None


def find_start(path: str | os.PathLike[str], position: int) -> Start | None:
    """Finds the last keyframe from which the frame at a position can be decoded.

    Args:
      path: path of a video.
      position: 0-based position of a frame.

    Returns:
      `Start`; None if decoding must start at the beginning: the format does not say enough, the file is damaged, or
      there is no such keyframe.

    Raises:
      ValueError: if the file is not a video that can be decoded; the message names it.
    """
    path = os.fspath(path)
    container, stream = open_container(path)
    with container:
        codec = stream.codec_context.codec
        in_order = bool(codec.intra_only)  # frames come in the order of their packets
        if not (in_order or set(container.format.name.split(",")) & set(_FORMATS)) or file_end.is_cut(path):
            return None
        reader = PacketReader(path, container, stream)
        if not reader.exact or not (reader.ordered or in_order):
            return None
        shown = []  # (when, number of the packet, time)
        keyframes = []
        for packet, facts in reader:
            if facts.follows_loss or (facts.time is None and reader.ordered):
                return None
            if facts.discard or facts.silent:
                continue
            entry = (facts.time if reader.ordered else facts.number, facts.number, facts.time)
            shown.append(entry)
            headers = reader.stream.codec_context.extradata
            if facts.keyframe and starts_decoding(codec.canonical_name, headers, memoryview(packet)):
                keyframes.append(entry)
        if reader.lost_after:
            return None
    return _choose(shown, keyframes, position, reader.ordered)


def _choose(shown, keyframes, position, ordered):
    shown.sort()
    whens = [entry[0] for entry in shown]
    if len(set(whens)) < len(whens) or position >= len(whens):
        return None
    place_of = {entry: place for place, entry in enumerate(shown)}
    fitting = [entry for entry in keyframes if 0 < place_of[entry] <= position - _RUN_UP]
    if not fitting:
        return None
    best = max(fitting)
    return Start(best[1], place_of[best], best[2] if ordered else None, shown[0][2])
