"""What a folder of annotations holds, as a table for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def summarise(videos: Sequence[Mapping[str, Any]], joints: Sequence[str]) -> list[str]:
    """Returns lines: what was labelled, then each joint with the shares that were confident and kept.

    Args:
      videos: "quality" of each labelled video (`weighting.measure_quality`), at least one.
      joints: names of the J joints.
    """
    frames = sum(video["frames"] for video in videos)
    labelled = sum(video["labelled_frames"] for video in videos)
    kept = sum(video["kept"] for video in videos)
    confident = sum(video["confident"] for video in videos)
    lines = [
        f"{len(videos)} videos, {labelled} of {frames} frames with labels, {kept} labelled joints",
        f"{'joint':<{max(map(len, joints))}}  confident  labelled  thrown out by its neighbours",
    ]
    for place, name in enumerate(joints):
        sure = sum(video["confident_per_joint"][place] for video in videos)
        left = sum(video["kept_per_joint"][place] for video in videos)
        lines.append(
            f"{name:<{max(map(len, joints))}}  {_percent(sure, frames):>9}  {_percent(left, frames):>8}  "
            f"{_percent(sure - left, sure)}"
        )
    lines.append(f"{_percent(confident - kept, confident)} of the confident joints were thrown out")
    return lines


def _percent(part, whole):
    return f"{100 * part / whole:.1f} %" if whole else "-"
