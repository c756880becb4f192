"""What windows in seconds become at the frame rates of clips, for the user."""

from __future__ import annotations

import collections
from collections.abc import Sequence

from keras_pose.data.clip import Clip
from keras_pose.pooling.config import WindowConfig

_SHOWN = 4  # rates in a line


def describe_windows(clips: Sequence[Clip], window: WindowConfig) -> list[str]:
    """Returns a line on the windows of videos, and a note on videos whose rate is unknown; none for windows in frames.

    Args:
      clips: the clips. Separate images have no windows and do not count.
      window: neighbours, and how far they reach.
    """
    videos = [clip for clip in clips if clip.frame_rate or clip.frames.num_frames is not None]
    if not window.in_seconds or not videos:
        return []
    counts = collections.Counter(clip.frame_rate or window.assumed_rate for clip in videos)
    parts = [_describe_rate(rate, window) for rate, _ in counts.most_common(_SHOWN)]
    more = f"; and {len(counts) - _SHOWN} other rates" if len(counts) > _SHOWN else ""
    lines = [f"windows of {window.window_seconds:g} s on each side: {'; '.join(parts)}{more}"]
    unknown = sum(not clip.frame_rate for clip in videos)
    if unknown:
        stated = "--frame_rate says so" if window.frame_rate else "assumed; --frame_rate says another"
        lines.append(
            f"note: {unknown} of {len(videos)} clips do not state their frame rate: {window.assumed_rate:g} frames/s "
            f"({stated})"
        )
    return lines


def _describe_rate(rate, window):
    stride, num_within = window.reach_at(rate)
    all_of_them = num_within == window.num_neighbours
    count = f"{num_within}" if all_of_them else f"{num_within} of {window.num_neighbours}"
    apart = "1 frame apart" if stride == 1 else f"{stride} frames apart"
    return f"at {rate:g} frames/s, {count} neighbours {apart}"
