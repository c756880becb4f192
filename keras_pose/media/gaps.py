"""Positions of the frames of a damaged video: those of the undamaged one.

A frame that is lost leaves a gap: the frames behind it keep their numbers. How many frames a gap has is known from the
packets that gave no frame, from the index of the file, or from the time between the frames beside the gap.
"""

from __future__ import annotations

import bisect
import dataclasses
import math
import statistics
from collections.abc import Collection, Sequence

from keras_pose.media.losses import find_doubtful, find_losses, is_plausible, places_of_loss, span_of_end
from keras_pose.media.packets import PacketFacts
from keras_pose.media.times import fill_times

_FEW_TURNS = 2
_MANY_STEPS = 12  # from so many on, the times themselves tell the time between frames


@dataclasses.dataclass(frozen=True)
class Numbering:
    """Positions of the frames of a video.

    Args:
      positions: the position of each frame in the order in which they decode; None for a frame without a place.
      count: the number of positions, gaps included.
      doubtful: positions of frames that decode but rest on damaged data, so that they may look wrong.
      times: when the frame of each position is shown, in units of the packets' times, those of missing frames between
        the others; empty if the packets do not say.
    """

    positions: tuple[int | None, ...]
    count: int
    doubtful: frozenset[int] = frozenset()
    times: tuple[float, ...] = dataclasses.field(default=(), compare=False, repr=False)

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
    may_begin_anywhere: bool = False,
    exact: bool = True,
    lost_anywhere: bool = False,
    lost_at_end: bool = False,
    usual_step: float = 0,
    delay: int = 0,
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
      may_begin_anywhere: whether packets before the first keyframe are not a part of the video.
      exact: whether each packet gives a frame unless it is `silent`.
      lost_anywhere: whether bytes of the file are lost at an unknown place.
      lost_at_end: whether bytes of the file are lost at its end.
      usual_step: time between two frames by the rate that the container states; 0 if it does not.
      delay: packets that are decoded before the first frame is shown, if they are not `ordered`.
    """
    all_frames = frames
    frames = [number for number in dict.fromkeys(all_frames) if number is not None]
    losses = find_losses(packets, set(frames), ordered, may_begin_anywhere, exact)
    several = len(frames) < len(all_frames) and _give_several(packets, losses.lost, concealed, all_frames)
    if not losses.kept or several:
        return Numbering(tuple(range(len(all_frames))), len(all_frames))
    spoilt = losses.lost | set(concealed)
    ordered = ordered and _times_tell_order(losses.kept, frames)
    if ordered:
        spans = [(-math.inf, math.inf)] if lost_anywhere else places_of_loss(losses, concealed)
        if lost_at_end:
            spans.append(span_of_end(losses.kept))
        positions, slots = _by_time(losses, frames, spans, usual_step)
        count = len(slots) + lost_after
        times = fill_times(slots, range(len(slots)), count)
        spoilt |= _out_of_order(frames, positions)
    else:
        gaps = _share_out(losses.kept, lost_in_gaps)
        positions, places, count = _by_decoding_order(losses.kept, frames, gaps, reorder_depth, lost_after)
        # Their times are those of decoding, see `times`.
        shown = [place - delay for place in places]
        first = next((i for i, place in enumerate(shown) if place >= 0), len(shown))
        times = fill_times([packet.time for packet in losses.kept[first:]], shown[first:], count)
    position_of = dict(zip(frames, positions))
    doubtful = find_doubtful(packets, spoilt, position_of, ordered)
    if not ordered and reorder_depth:  # the order of the frames beside a gap is not sure
        missing = set(range(count)) - set(positions)
        near = {place + i for place in missing for i in range(-reorder_depth, reorder_depth + 1)}
        doubtful |= near & set(positions)
    # A decoder may give a frame again in place of a lost one.
    return Numbering(tuple(position_of.pop(number, None) for number in all_frames), count, doubtful, times)


def _give_several(packets, lost, concealed, all_frames):
    """Whether packets of an undamaged video give several frames, or decoders do not say which gives which."""
    if concealed or any(packet.failed or packet.follows_loss for packet in packets):
        return False
    expected = sum(not (packet.discard or packet.silent) for packet in packets)
    return not lost or (None in all_frames and len(all_frames) >= expected)


def _times_tell_order(kept, frames):
    """Whether the packets have times, and in the order in which frames are shown, not that in which they are decoded.

    Some tools write the times of decoding for frames that are shown in another order. Then the decoder is right, which
    would be wrong throughout the video; damage changes the order at one place.
    """
    times = [packet.time for packet in kept]
    shown = set(frames)
    times_shown = [packet.time for packet in kept if packet.number in shown]
    if any(time is None for time in times) or len(set(times_shown)) < len(times_shown):
        return False
    if any(a > b for a, b in zip(times, times[1:])):
        return True
    turns = sum(a > b for a, b in zip(frames, frames[1:]))
    return turns <= max(_FEW_TURNS, len(frames) // 8)


def _by_time(losses, frames, spans, usual_step):
    """Positions from the times at which frames are shown, and the times of all positions."""
    time_of = {packet.number: packet.time for packet in losses.kept}
    slots = {packet.time for packet in losses.kept if packet.number not in losses.lost or not losses.silent}
    slots |= _times_of_gaps(slots, spans, usual_step)
    times = sorted(slots)
    places = {time: place for place, time in enumerate(times)}
    return [places[time_of[number]] for number in frames], times


def _out_of_order(frames, positions):
    """Packets whose frames come later or earlier than their times say: their codes are damaged."""
    wrong = set()
    latest = -1
    for i, position in enumerate(positions):
        if position < latest:
            first = next(k for k in range(i) if positions[k] > position)
            wrong |= set(frames[first : i + 1])
        latest = max(latest, position)
    return wrong


def _times_of_gaps(slots, spans, usual_step):
    """Times of frames whose packets are lost: where the usual time between frames is exceeded near a loss."""
    times = sorted(slots)
    steps = [b - a for a, b in zip(times, times[1:])]
    if len(steps) >= _MANY_STEPS or (steps and not usual_step):
        usual_step = statistics.median(steps)
    added = set()
    for a, b in zip(times, times[1:]):
        lost = round((b - a) / usual_step) - 1 if usual_step > 0 else 0
        if lost > 0 and is_plausible(lost, len(times)) and any(low <= a and b <= high for low, high in spans):
            added |= {a + (b - a) * (k + 1) / (lost + 1) for k in range(lost)}
    return added


def _by_decoding_order(kept, frames, gaps, depth, lost_after):
    """Positions from the order of the packets: a frame can be shown at most `depth` places before it is decoded.

    Returns the positions of the frames, the places of all packets, and the number of positions.
    """
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
    return positions, list(place_of.values()), len(frames) + len(lost) + lost_after


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
