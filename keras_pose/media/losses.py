"""Which packets of a damaged video lost their frames, where packets may be lost without a trace, and which of the
frames that remain rest on damaged data.

Rule: if an MP4, QuickTime, Matroska or AVI file says that it begins with a keyframe, each packet in front of the first
frame that decodes is a lost frame. Others begin in the middle of a stream: they start with their first keyframe.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Collection, Sequence

from keras_pose.media.packets import PacketFacts

_NEAR = 8  # packets before and behind a loss whose times tell the gap; frames are coded out of order by this much

_PLAUSIBLE = 250  # lost frames that a number may state, whatever the size of the video
_PLAUSIBLE_SHARE = 10  # and so many for each frame that is there


@dataclasses.dataclass(frozen=True)
class Losses:
    """What became of the packets of a video.

    Args:
      kept: the packets that have a place in the video: those that are shown, and those that are lost.
      lost: numbers of the packets whose frames are lost.
      silent: whether this video has packets that give no frame by nature and cannot be told from lost ones.
    """

    kept: list[PacketFacts]
    lost: frozenset[int]
    silent: bool = False


def find_losses(
    packets: Sequence[PacketFacts], shown: Collection[int | None], ordered: bool, may_begin_anywhere: bool, exact: bool
) -> Losses:
    """Finds the packets whose frames are lost.

    Args:
      packets: all packets in decoding order.
      shown: numbers of the packets that give a frame.
      ordered: whether the times of the packets say in which order frames are shown.
      may_begin_anywhere: whether packets before the first keyframe are not a part of the video.
      exact: whether each packet gives a frame unless it is `silent`.
    """
    first = next((packet.number for packet in packets if packet.keyframe), 0) if may_begin_anywhere else 0
    exact = exact and not _are_fields(shown)
    begin = _beginning(packets, shown, may_begin_anywhere) if ordered else None
    kept = []
    silent = False
    damaged = False
    begun = False
    for packet in packets:
        is_shown = packet.number in shown
        begun = begun or is_shown
        if packet.number < first and not is_shown:
            continue  # a recording that begins in the middle of a stream starts with its first keyframe
        damaged = damaged or packet.failed or packet.follows_loss
        if is_shown:
            kept.append(packet)
        elif packet.discard or packet.silent:
            continue
        elif packet.failed:
            kept.append(packet)
        elif begin is not None and packet.time is not None and packet.time < begin:
            continue  # rests on frames before the beginning of the video
        elif exact and (begun or not may_begin_anywhere):
            kept.append(packet)
        elif not damaged:
            silent = silent or begun
        elif not silent:
            kept.append(packet)
    return Losses(kept, frozenset(packet.number for packet in kept if packet.number not in shown), silent)


def is_plausible(lost: int, there: int) -> bool:
    """Whether so many frames may be lost of a video if so many are there. Damaged times and headers state millions."""
    return lost <= max(_PLAUSIBLE, _PLAUSIBLE_SHARE * there)


def places_of_loss(losses: Losses, concealed: Collection[int | None]) -> list[tuple[float, float]]:
    """Returns [(time, time)], the spans in which frames may be lost without a trace but the time between others."""
    kept = losses.kept
    spans: list[tuple[float, float]] = []
    for i, packet in enumerate(kept):
        if packet.follows_loss or packet.number in concealed or (losses.silent and packet.failed):
            near = [other.time for other in kept[max(0, i - _NEAR) : i + _NEAR + 1] if other.time is not None]
            spans.append((min(near), max(near)))
    return spans


def span_of_end(kept: Sequence[PacketFacts]) -> tuple[float, float]:
    """The span in which frames are lost if bytes at the end of the file are."""
    return min(packet.time for packet in kept[-_NEAR:] if packet.time is not None), math.inf


def find_doubtful(
    packets: Sequence[PacketFacts],
    spoilt: Collection[int | None],
    position_of: dict[int | None, int | None],
    ordered: bool = True,
) -> frozenset[int]:
    """Returns the positions of the frames between a loss and the next keyframe.

    Args:
      packets: all packets in decoding order.
      spoilt: numbers of the packets whose frames are lost or concealed.
      position_of: positions of the frames, by packet.
      ordered: whether the times of the packets say in which order frames are shown.
    """
    doubtful = set()
    damaged = False
    until = -math.inf  # frames behind a keyframe that are shown before it rest on the frames in front of it, too
    for i, packet in enumerate(packets):
        # Some decoders report an error one or two packets late.
        failed = packet.number not in position_of and any(other.failed for other in packets[i : i + 3])
        is_spoilt = failed or packet.failed or packet.corrupt or packet.number in spoilt
        if packet.keyframe:
            until = packet.time if damaged and ordered and packet.time is not None else -math.inf
        damaged = is_spoilt or ((damaged or packet.follows_loss) and not packet.keyframe)
        if damaged or (packet.time is not None and packet.time < until):
            doubtful.add(position_of.get(packet.number))
    return frozenset(position for position in doubtful if position is not None)


def _are_fields(shown):
    """Whether frames come from every second packet: two fields of a frame, in a packet each."""
    numbers = sorted(number for number in shown if number is not None)
    return 2 * sum(b - a == 2 for a, b in zip(numbers, numbers[1:])) > len(numbers)


def _beginning(packets, shown, may_begin_anywhere):
    """When the first packet is shown that gives a frame, if it begins the video; None if packets before it are lost."""
    first = next((packet for packet in packets if packet.number in shown), None)
    begins = first is not None and (may_begin_anywhere or (first.number == 0 and first.keyframe))
    return first.time if begins else None
