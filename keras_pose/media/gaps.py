"""Positions of the frames of a damaged video: those of the undamaged one.

A frame that is lost leaves a gap: the frames behind it keep their numbers. How many frames a gap has is known from the
packets that gave no frame, from the index of the file, or from the time between the frames beside the gap.
"""

from __future__ import annotations

import bisect
import dataclasses
import statistics
from collections.abc import Collection, Sequence

from keras_pose.media.packets import PacketFacts

_NEAR = 8  # packets before and behind a loss whose times tell the gap; frames are coded out of order by this much


@dataclasses.dataclass(frozen=True)
class Numbering:
    """Positions of the frames of a video.

    Args:
      positions: the position of each frame in the order in which they decode, rising; None for a frame that decodes
        out of order, which has no place.
      count: the number of positions, gaps included.
      doubtful: positions of frames that decode but rest on damaged data, so that they may look wrong.
    """

    positions: tuple[int | None, ...]
    count: int
    doubtful: frozenset[int] = frozenset()

    @property
    def missing(self) -> frozenset[int]:
        """The positions whose frames do not decode."""
        return frozenset(range(self.count)) - frozenset(p for p in self.positions if p is not None)


def number_frames(
    packets: Sequence[PacketFacts],
    frames: Sequence[int | None],
    ordered: bool,
    reorder_depth: int = 0,
    lost_after: int = 0,
    lost_in_gaps: int = 0,
    concealed: Collection[int | None] = (),
) -> Numbering:
    """Numbers the frames of a video.

    Args:
      packets: all packets in decoding order; `failed` says for which the decoder reported an error.
      frames: for each frame, as it decodes, the number of its packet; None if unknown.
      ordered: whether the times of the packets say in which order frames are shown.
      reorder_depth: how many packets later than shown a frame may come, if they are not `ordered`.
      lost_after: packets that are lost behind the last one.
      lost_in_gaps: packets that are lost where `gap` is above 0, if they are not `ordered`.
      concealed: packets whose frames the decoder marks as corrupt.
    """
    if not packets or any(number is None for number in frames) or len(set(frames)) < len(frames):
        return Numbering(tuple(range(len(frames))), len(frames))
    shown = set(frames)
    kept, silent = _find_lost(packets, shown)
    if ordered and all(packet.time is not None for packet in kept):
        positions, count = _by_time(kept, list(frames), silent)
        count += lost_after
    else:
        gaps = _share_out(kept, lost_in_gaps)
        positions, count = _by_decoding_order(kept, list(frames), gaps, reorder_depth, lost_after)
    return Numbering(tuple(positions), count, _doubtful(packets, concealed, list(frames), positions))


def _find_lost(packets, shown):
    """Returns the packets that are shown or lost, and whether this video has packets that give no frame by nature."""
    first = next((packet.number for packet in packets if packet.keyframe or packet.lost_before), 0)
    kept = []
    silent = False
    damaged = False
    for packet in packets:
        is_shown = packet.number in shown
        if packet.number < first and not is_shown:
            continue  # a recording that begins in the middle of a stream starts with its first keyframe
        damaged = damaged or packet.failed or packet.follows_loss
        if is_shown or packet.failed:
            kept.append(packet)
        elif packet.discard:
            continue
        elif not damaged:
            silent = silent or any(other.number in shown for other in kept)
        elif not silent:
            kept.append(packet)
    return kept, silent


def _by_time(kept, frames, silent):
    """Positions from the times at which frames are shown."""
    shown = set(frames)
    time_of = {packet.number: packet.time for packet in kept}
    slots = {packet.time for packet in kept if packet.number in shown or not silent}
    slots |= _times_of_gaps(kept, slots, silent)
    places = {time: place for place, time in enumerate(sorted(slots))}
    positions: list[int | None] = []
    last = -1
    for number in frames:
        place = places[time_of[number]]
        positions.append(place if place > last else None)
        last = max(last, place)
    return positions, len(slots)


def _times_of_gaps(kept, slots, silent):
    """Times of frames whose packets are lost: where the usual time between frames is exceeded near a loss."""
    times = sorted(slots)
    steps = [b - a for a, b in zip(times, times[1:])]
    if not steps:
        return set()
    usual = statistics.median(steps)
    losses = [i for i, packet in enumerate(kept) if packet.follows_loss or (silent and packet.failed)]
    windows = []
    for i in losses:
        near = [packet.time for packet in kept[max(0, i - _NEAR) : i + _NEAR + 1]]
        windows.append((min(near), max(near)))
    added = set()
    for a, b in zip(times, times[1:]):
        lost = round((b - a) / usual) - 1 if usual > 0 else 0
        if lost > 0 and any(low <= a and b <= high for low, high in windows):
            added |= {a + (b - a) * (k + 1) / (lost + 1) for k in range(lost)}
    return added


def _by_decoding_order(kept, frames, gaps, depth, lost_after):
    """Positions from the order of the packets: a frame can be shown at most `depth` places before it is decoded."""
    # Place of each packet, lost ones included, and the places of the lost ones, in decoding order.
    shown = set(frames)
    place_of = {}
    lost = []
    place = 0
    for packet in kept:
        hidden = packet.lost_before or gaps.get(packet.number, 0)
        lost += range(place, place + hidden)
        place += hidden
        if packet.number not in shown:
            lost.append(place)
        place_of[packet.number] = place
        place += 1
    # A frame that is shown too early for its packet has a gap before it.
    before_loss = [place_of[n] - i for i, n in enumerate(frames) if not lost or place_of[n] < lost[0]]
    depth = max([depth, *before_loss])
    # Frames before a keyframe in decoding order are shown before it. Some files mark every packet as one.
    keyframes = {packet.number for packet in kept if packet.keyframe}
    keyframes = keyframes if len(keyframes) < len(kept) else set()
    positions = []
    inserted = 0
    for i, number in enumerate(frames):
        open_gaps = bisect.bisect_left(lost, place_of[number]) - inserted
        if i > 0 and number not in keyframes:
            open_gaps = min(open_gaps, place_of[number] - depth - (i + inserted))
        inserted += max(0, open_gaps)
        positions.append(i + inserted)
    return positions, len(frames) + len(lost) + lost_after


def _share_out(kept, lost):
    """Shares `lost` packets out among the gaps of a file, by their bytes; returns {packet behind a gap: packets}."""
    gaps = [packet for packet in kept if packet.gap]
    total = sum(packet.gap for packet in gaps)
    shares = {}
    left = lost
    for i, packet in enumerate(gaps):
        share = left if i == len(gaps) - 1 else min(left, round(lost * packet.gap / total))
        shares[packet.number] = share
        left -= share
    return shares


def _doubtful(packets, concealed, frames, positions):
    """Positions of the frames between a loss and the next keyframe."""
    position_of = dict(zip(frames, positions))
    doubtful = set()
    damaged = False
    for packet in packets:
        spoilt = packet.failed or packet.corrupt or packet.number in concealed
        damaged = spoilt or ((damaged or packet.follows_loss) and not packet.keyframe)
        if damaged:
            doubtful.add(position_of.get(packet.number))
    return frozenset(position for position in doubtful if position is not None)
