"""What labels contain, as numbers: counts, sizes, spacing, motion and spread. Loads no TensorFlow.

Lengths that do not end in `_px` are fractions of the longer side of the frame, so that frames of all sizes compare.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_pose.data.clip import HIDDEN, UNLABELLED, VISIBLE, Clip
from keras_pose.data.source import Source

_NEAR = 5
_LONGEST_GAP = 8  # frames between two labels that still tell how fast joints move


@dataclasses.dataclass(frozen=True)
class SourceFacts:
    """Facts about the labels of a source.

    Args:
      num_clips, num_sessions, num_frames: clips, sessions and labelled frames.
      num_with_video: labelled frames that lie in a video, so that they have neighbours.
      num_near: frames that are labelled or, in a video, up to 5 frames from a labelled one.
      joints: {joint: numbers of its visible, hidden and unlabelled labels}.
      sizes_hw: {(height, width) in px: number of labelled frames}.
      person_px: 5 %, 50 % and 95 % of the longer side of the box around the labelled joints, in px.
      person: median of that side as a fraction of the longer side of what the net sees: the frame, or a region in it.
      size_spread: by how much people differ in size: sqrt(95 % / 5 %) − 1 of that fraction; 0 for one joint.
      spacing: 10 % of the distance from a joint to the nearest other one of its frame; NaN for one joint.
      alignment: 0 to 1, how alike people are turned: 1 all the same way, 0 all ways.
      motion: 50 % and 95 % of how far joints move from a frame to the next; NaN if no two labels are close in time.
      labels_outside: joints that are labelled outside their frame.
      region_hw: median (height, width) in px of the regions that the net sees of frames; None: it sees whole frames.
    """

    num_clips: int
    num_sessions: int
    num_frames: int
    num_with_video: int
    num_near: int
    joints: dict[str, tuple[int, int, int]]
    sizes_hw: dict[tuple[int, int], int]
    person_px: tuple[float, float, float]
    person: float
    size_spread: float
    spacing: float
    alignment: float
    motion: tuple[float, float]
    labels_outside: int = 0
    region_hw: tuple[int, int] | None = None

    @property
    def size_hw(self) -> tuple[int, int]:
        """(height, width) in px of what the net sees: the most frequent of frames, or the median of regions in them."""
        return self.region_hw or max(self.sizes_hw, key=lambda size_hw: self.sizes_hw[size_hw])

    @property
    def is_video(self) -> bool:
        """Whether most labelled frames lie in videos."""
        return 2 * self.num_with_video > self.num_frames

    def to_dict(self) -> dict[str, Any]:
        """Returns the facts ready for JSON; unknown numbers are None."""
        fields = dataclasses.asdict(self)
        fields["sizes_hw"] = [{"height": h, "width": w, "frames": count} for (h, w), count in self.sizes_hw.items()]
        fields["joints"] = {
            name: dict(zip(("visible", "hidden", "unlabelled"), counts)) for name, counts in self.joints.items()
        }
        return {name: _plain(value) for name, value in fields.items()}


def gather_facts(source: Source) -> SourceFacts:
    """Gathers facts about the labels of a source, whose labels are valid."""
    clips = source.clips
    names = source.skeleton.joints
    visibility = np.concatenate([clip.visibility for clip in clips])
    counts = np.stack([(visibility == v).sum(0) for v in (VISIBLE, HIDDEN, UNLABELLED)], axis=1)
    sizes: dict[tuple[int, int], int] = {}
    for clip in clips:
        height, width = clip.frames.size_hw
        sizes[height, width] = sizes.get((height, width), 0) + clip.num_labelled
    boxes_px = np.concatenate([_box_sides(clip) for clip in clips])
    boxes = np.concatenate([_box_sides(clip) / _seen_side(clip) for clip in clips])
    several = boxes_px > 0
    return SourceFacts(
        num_clips=len(clips),
        num_sessions=len({clip.session for clip in clips}),
        num_frames=len(visibility),
        num_with_video=sum(clip.num_labelled for clip in clips if _is_video(clip)),
        num_near=sum(_count_near(clip) for clip in clips),
        joints={name: tuple(row) for name, row in zip(names, counts.tolist())},
        sizes_hw=dict(sorted(sizes.items(), key=lambda item: -item[1])),
        person_px=tuple(_percentiles(boxes_px[several], (5, 50, 95))),
        person=_percentiles(boxes[several], (50,))[0],
        size_spread=_spread(boxes[several]),
        spacing=_percentiles(np.concatenate([_spacings(clip) for clip in clips]), (10,))[0],
        alignment=_alignment(clips),
        motion=tuple(_percentiles(np.concatenate([_motions(clip) for clip in clips]), (50, 95))),
        labels_outside=int(sum(_outside(clip).sum() for clip in clips)),
        region_hw=_median_region(clips),
    )


def _seen_side(clip):
    """The longer side in px of what the net sees of a frame."""
    return max(clip.region[2:] if clip.region else clip.frames.size_hw)


def _median_region(clips):
    sides = [clip.region[:1:-1] for clip in clips if clip.region]
    return tuple(max(1, round(side)) for side in np.median(sides, 0).tolist()) if sides else None


def _is_video(clip):
    """Whether frames have neighbours, without decoding a video to count them."""
    kind: Any = type(clip.frames)
    return getattr(kind, "num_frames", 0) is not None


def _count_near(clip):
    """The frames that windows of 11 frames read."""
    reach = _NEAR if _is_video(clip) else 0
    near = clip.labelled[:, None].astype(np.int64) + np.arange(-reach, reach + 1)
    return len(np.unique(near[near >= 0]))


def _box_sides(clip):
    """float64 [N], the longer side of the box around the labelled joints in px; 0 for a single joint."""
    with np.errstate(all="ignore"):
        low = np.nanmin(np.where(np.isnan(clip.joints), np.inf, clip.joints), axis=1)
        high = np.nanmax(np.where(np.isnan(clip.joints), -np.inf, clip.joints), axis=1)
    return np.maximum(np.asarray(high - low, np.float64).max(-1), 0)


def _spacings(clip):
    """float64 [M], the distance of each labelled joint to the nearest other one."""
    points = clip.joints.astype(np.float64)
    distances = np.linalg.norm(points[:, :, None] - points[:, None], axis=-1)
    distances[:, np.arange(points.shape[1]), np.arange(points.shape[1])] = np.nan
    nearest = np.min(np.where(np.isnan(distances), np.inf, distances), axis=2)
    return nearest[np.isfinite(nearest)] / _seen_side(clip)


def _motions(clip):
    """float64 [M], how far joints move from a frame to the next, from labels that are close in time."""
    if not _is_video(clip) or clip.num_labelled < 2:
        return np.zeros(0)
    gaps = np.diff(clip.labelled).astype(np.float64)
    steps = np.linalg.norm(np.diff(clip.joints.astype(np.float64), axis=0), axis=-1)
    close = (gaps > 0) & (gaps <= _LONGEST_GAP)
    moved = (steps[close] / gaps[close, None]).ravel()
    return moved[np.isfinite(moved)] / _seen_side(clip)


def _alignment(clips: Sequence[Clip]) -> float:
    """The mean resultant length of the direction between the two joints that are most often far apart."""
    points = np.concatenate([clip.joints.astype(np.float64) for clip in clips])
    lengths = np.linalg.norm(points[:, :, None] - points[:, None], axis=-1)
    counts = np.isfinite(lengths).sum(0)
    if points.shape[1] < 2 or not np.triu(counts, 1).any():
        return 1.0
    means = np.where(
        counts >= 0.5 * counts[~np.eye(len(counts), dtype=bool)].max(), np.nansum(lengths, 0) / np.maximum(counts, 1), 0
    )
    one, other = np.unravel_index(np.argmax(np.triu(means, 1)), means.shape)
    direction = points[:, other] - points[:, one]
    direction = direction[np.isfinite(direction).all(-1)]
    norms = np.linalg.norm(direction, axis=-1)
    units = direction[norms > 0] / norms[norms > 0, None]
    return float(np.linalg.norm(units.mean(0))) if len(units) else 1.0


def _outside(clip):
    height, width = clip.frames.size_hw
    with np.errstate(invalid="ignore"):
        return ((clip.joints < -0.5) | (clip.joints > np.array([width, height]) - 0.5)).any(-1)


def _spread(fractions):
    low, high = _percentiles(fractions, (5, 95))
    return float(np.sqrt(high / low) - 1) if np.isfinite(low) and low > 0 else 0.0


def _percentiles(values, which):
    return [float(v) for v in np.percentile(values, which)] if len(values) else [float("nan")] * len(which)


def _plain(value):
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    return [_plain(v) for v in value] if isinstance(value, (list, tuple)) and not isinstance(value, dict) else value
