"""The facts about a source as lines for a terminal."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from keras_pose.data.source import Source
from keras_pose.inspection.facts import SourceFacts
from keras_pose.words import count

_SHOWN = 5


def describe(source: Source, facts: SourceFacts, suspects: Mapping[str, Sequence[str]]) -> list[str]:
    """Returns lines: counts, joints, sizes, motion, and labels that look wrong.

    Args:
      source: the source.
      facts: facts about its labels.
      suspects: messages by their kind, "outliers" and "duplicates".
    """
    clips = count(facts.num_clips, "clip")
    sessions = f" in {facts.num_sessions} sessions" if facts.num_sessions not in (facts.num_clips,) else ""
    in_videos = f"{facts.num_with_video} of them in videos"
    lines = [f"{source.name}: {facts.num_frames} labelled frames of {clips}{sessions}, {in_videos}"]
    sizes = [f"{h}×{w} ({count})" for (h, w), count in list(facts.sizes_hw.items())[:_SHOWN]]
    more = f" and {len(facts.sizes_hw) - _SHOWN} more sizes" if len(facts.sizes_hw) > _SHOWN else ""
    lines.append(f"frames in px (height×width): {', '.join(sizes)}{more}")
    if facts.region_hw:
        height, width = facts.region_hw
        lines.append(f"the net sees a region around each person: {height}×{width} px (median)")
    lines += _joint_table(facts)
    pairs = ", ".join(f"{left}–{right}" for left, right in source.skeleton.flip_pairs)
    lines.append(f"flip pairs: {pairs or 'none'}")
    if math.isfinite(facts.person_px[1]):
        low, middle, high = facts.person_px
        lines.append(f"size of the person: {middle:.0f} px (5 to 95 %: {low:.0f} to {high:.0f} px)")
    if math.isfinite(facts.motion[0]):
        side = max(facts.size_hw)
        slow, fast = (side * value for value in facts.motion)
        lines.append(f"motion from a frame to the next: {slow:.1f} px (95 %: {fast:.1f} px)")
    if facts.labels_outside:
        lines.append(f"joints labelled outside their frame: {facts.labels_outside}")
    for kind, messages in suspects.items():
        lines.append(f"{kind}: {len(messages) or 'none'}")
        lines += [f"  {message}" for message in messages[:_SHOWN]]
        lines += [f"  … and {len(messages) - _SHOWN} more in facts.json"] if len(messages) > _SHOWN else []
    return lines


def _joint_table(facts):
    width = max(map(len, facts.joints), default=0)
    lines = [f"{'joint':<{width}}  visible  hidden  unlabelled"]
    for name, (visible, hidden, unlabelled) in facts.joints.items():
        lines.append(f"{name:<{width}}  {visible:>7}  {hidden:>6}  {unlabelled:>10}")
    return lines
