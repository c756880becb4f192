"""Surveys a damaged video: decodes all of it, and finds the positions of the frames that are left."""

from __future__ import annotations

import dataclasses
import os

from keras_pose.media import file_end
from keras_pose.media.decoding import FrameDecoder
from keras_pose.media.gaps import Numbering, number_frames
from keras_pose.media.losses import is_plausible
from keras_pose.media.messages import format_frames
from keras_pose.media.packets import END_GAP, PacketFacts, last_shown
from keras_pose.media.times import to_seconds


@dataclasses.dataclass(frozen=True)
class Survey:
    """What a video holds.

    Args:
      numbering: the positions of its frames.
      stated: the number of frames that a file states which ends before them; None if it does not.
      is_cut: whether the file is cut or damaged at its end, and does not state how many frames it had.
      times_s: when the frame of each position is shown, in s from position 0; empty if the file does not say.
    """

    numbering: Numbering
    stated: int | None = None
    is_cut: bool = False
    times_s: tuple[float, ...] = dataclasses.field(default=(), compare=False, repr=False)


def survey_video(path: str | os.PathLike[str]) -> Survey:
    """Decodes all frames of a video and finds their positions.

    Raises:
      ValueError: if the file is not a video that can be decoded; the message names it.
    """
    decoder = FrameDecoder(os.fspath(path), careful=True)
    try:
        return _survey(decoder)
    finally:
        decoder.close()


def describe_damage(found: Survey) -> str:
    """Tells of frames that are missing or doubtful, and of a file that ends early; "" if there is nothing to tell."""
    numbering = found.numbering
    parts = []
    if numbering.missing and len(numbering.missing) < numbering.count:
        frames = format_frames(numbering.missing)
        parts.append(f"{len(numbering.missing)} of {numbering.count} frames are damaged and do not decode: {frames}")
    if numbering.doubtful:
        frames = format_frames(numbering.doubtful)
        parts.append(f"{len(numbering.doubtful)} frames rest on damaged data and may look wrong: {frames}")
    if found.stated is not None:
        parts.append(f"the file states {found.stated} frames, but ends after {numbering.count}: it is cut or damaged")
    if found.is_cut:
        parts.append(f"the file is cut or damaged at its end: nothing is read after {numbering.count} frames")
    return "; ".join(parts)


def _survey(decoder):
    packets: list[PacketFacts] = []
    numbers: list[int | None] = []
    concealed: set[int | None] = set()
    for facts, frames, failed in decoder.packets():
        if facts is not None:
            facts.failed = failed
            packets.append(facts)
        numbers += [frame.pts for frame in frames]
        concealed |= {frame.pts for frame in frames if frame.is_corrupt}
    return _find_positions(decoder.reader, packets, numbers, concealed)


def _find_positions(reader, packets, numbers, concealed):
    stated_after = reader.stated_after(last_shown(packets))
    shortage = stated_after or 0  # packets that are lost somewhere
    is_cut = file_end.is_cut(reader.path)
    if shortage and not reader.ordered and not any(packet.gap for packet in packets):
        _mark_swallowed(packets, concealed)
    has_gaps = any(packet.gap for packet in packets)
    lost_in_gaps = 0
    if packets and not reader.ordered and not reader.indexed and is_plausible(shortage, len(packets)):
        begins_well = packets[0].keyframe and packets[0].number in numbers
        if has_gaps:
            lost_in_gaps = shortage
        elif not (is_cut or begins_well):  # a file begins with a keyframe, which gives a frame
            packets[0].lost_before = shortage
        shortage = 0 if has_gaps or not (is_cut or begins_well) else shortage
    numbering = number_frames(
        packets,
        numbers,
        reader.ordered,
        reorder_depth=reader.reorder_depth,
        lost_after=reader.lost_after,
        lost_in_gaps=lost_in_gaps,
        concealed=concealed,
        may_begin_anywhere=reader.may_begin_anywhere,
        exact=reader.exact,
        lost_anywhere=is_cut and stated_after == 0,
        lost_at_end=is_cut,
        delay=reader.delay,
        usual_step=0 if reader.may_begin_anywhere else _usual_step(reader.stream),  # there it is a guess
    )
    ends_early = is_cut or (reader.end_gap > END_GAP and not reader.indexed)
    stated = 0
    if ends_early:
        counts_packets = "mov" in reader.container.format.name and reader.stream.frames
        stated = reader.stream.frames if counts_packets else numbering.count + shortage - reader.lost_after
    return Survey(
        numbering,
        stated if stated > numbering.count else None,
        is_cut and stated_after is None,
        tuple(to_seconds(time - numbering.times[0], reader.stream.time_base) for time in numbering.times),
    )


def _mark_swallowed(packets, concealed):
    """Marks a gap behind the first damaged packet that is not at the end: it may have swallowed the next ones."""
    for packet, following in zip(packets[:-3], packets[1:]):
        if packet.failed or packet.corrupt or packet.number in concealed:
            following.gap = 1
            return


def _usual_step(stream):
    """Time between two frames by the rate of the container, in units of the stream's time base; 0 if not known."""
    rate = stream.guessed_rate or stream.average_rate
    return float(1 / (rate * stream.time_base)) if rate and stream.time_base else 0
