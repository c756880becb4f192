"""Decides how many bits the pictures of 16 bits use: 10, 12 or 14 for many cameras.

One range applies to all pictures of a session, never to a single picture, so that pictures keep their brightness
relative to each other. Sessions of a single picture (COCO images) share one range.
"""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Mapping
from typing import Any

from keras_pose.data.clip import Clip
from keras_pose.data.pictures.check import pictures_of
from keras_pose.data.source import Source
from keras_pose.media.inspection import PictureFacts

_SHOWN_NAMES = 3


def set_ranges(source: Source, facts: Mapping[str, PictureFacts]) -> Source:
    """Returns the source with 16-bit pictures read by the range of their session, and notes on ranges below 16 bits.

    Args:
      source: the source.
      facts: facts about its pictures, by path.
    """
    pictures = {clip.name: _deep_pictures(clip, facts) for clip in source.clips}
    if not any(pictures.values()):
        return source
    counts: collections.Counter = collections.Counter()
    for clip in source.clips:
        counts[clip.session] += len(pictures_of(clip).paths)
    groups: dict[str, str] = {clip.name: clip.session if counts[clip.session] > 1 else "" for clip in source.clips}
    bits: dict[str, int] = {}
    for name, found in pictures.items():
        bits[groups[name]] = max([bits.get(groups[name], 0), *found])
    clips = [_with_bits(clip, bits[groups[clip.name]]) if pictures[clip.name] else clip for clip in source.clips]
    sessions: dict[int, dict[str, None]] = {}
    for clip in source.clips:
        if pictures[clip.name]:
            sessions.setdefault(bits[groups[clip.name]], {})[clip.session] = None
    notes = [_note(used, list(names)) for used, names in sorted(sessions.items()) if used < 16]
    return dataclasses.replace(source, clips=clips, notes=(*source.notes, *notes))


def _deep_pictures(clip, facts):
    """The bits that each labelled picture of 16 bits of a clip uses."""
    files = pictures_of(clip).paths
    found = [facts[files[p]].used_bits for p in clip.labelled.tolist() if p in files and files[p] in facts]
    return [bits for bits in found if bits]


def _with_bits(clip: Clip, bits: int) -> Clip:
    frames: Any = clip.frames
    return dataclasses.replace(clip, frames=frames.with_pictures(dataclasses.replace(pictures_of(clip), bits=bits)))


def _note(bits, names):
    shown = ", ".join(names[:_SHOWN_NAMES])
    more = f" and {len(names) - _SHOWN_NAMES} more" if len(names) > _SHOWN_NAMES else ""
    clips = "clip" if len(names) == 1 else "clips"
    return f"{bits}-bit values in 16-bit files of {clips} {shown}{more}: {2**bits - 1} becomes 255"
