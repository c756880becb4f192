"""Checks every label of a source before training or scoring.

Invalid labels (half a point, a point outside its image, a second label of the same frame, …) are reported all at once,
each with its file and row. They stop the run or are left out.
"""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Sequence

import numpy as np

from keras_pose.data.clip import UNLABELLED, Clip
from keras_pose.data.source import Source
from keras_pose.media.images import image_size

_SHOWN_MESSAGES = 20


def validate(source: Source, on_bad_label: str = "error") -> Source:
    """Checks every labelled row.

    A row is bad if the importer could not read it (half a point, text instead of a number), a coordinate is infinite, a
    joint is more than half a pixel outside the frame, no joint is labelled, its frame already has a label (the first
    stays), its weight is not above 0, or its image is missing or has another size than the clip.

    Args:
      source: the source to check.
      on_bad_label: "error" refuses a source with bad rows; "skip" leaves the bad rows out.

    Returns:
      `Source` without problems. `skipped` lists the rows that were left out and why. Clips without a label are dropped.

    Raises:
      ValueError: for bad rows with "error" (the message shows the first 20 and the number of all), a source without a
        good label, clips that do not fit the skeleton or have the same name, or an unknown `on_bad_label`.
    """
    if on_bad_label not in ("error", "skip"):
        raise ValueError(f"on_bad_label: expected error or skip, received {on_bad_label!r}")
    _check_clips(source)
    problems_by_clip = collections.defaultdict(list)
    for problem in source.problems:
        problems_by_clip[problem.clip].append(problem)
    messages = [p.message for p in source.problems if p.row is None]
    clips = []
    for clip in source.clips:
        by_row: list[list[str]] = [[] for _ in range(clip.num_labelled)]
        for problem in problems_by_clip[clip.name]:
            if problem.row is not None:
                by_row[problem.row].append(problem.message)
        for row, message in check_labels(clip, source.skeleton.joints):
            by_row[row].append(f"{clip.origins[row]}: {message}")
        messages += [message for found in by_row for message in found]
        good = [not found for found in by_row]
        if any(good):
            clips.append(clip if all(good) else clip.select(np.flatnonzero(good)))
    if messages and on_bad_label == "error":
        raise ValueError(_report(source, messages))
    if not clips:
        left_out = f": all were left out\n{_report(source, messages)}" if messages else ""
        raise ValueError(f"{source.name or 'source'}: expected at least one labelled frame, found none{left_out}")
    return dataclasses.replace(source, clips=clips, skipped=source.skipped + tuple(messages), problems=())


def check_labels(clip: Clip, joints: Sequence[str]) -> list[tuple[int, str]]:
    """Returns (row, message) for every mistake in the labels of a clip.

    Args:
      clip: the clip to check.
      joints: the J names of its joints.
    """
    found = []
    # Points: finite and inside the frame, whose outer pixels reach half a pixel beyond their centres.
    labelled = clip.visibility != UNLABELLED
    finite = np.isfinite(clip.joints).all(-1)
    height, width = clip.frames.size_hw
    with np.errstate(invalid="ignore"):
        inside = ((clip.joints >= -0.5) & (clip.joints <= np.array([width, height]) - 0.5)).all(-1)
    for row, joint in zip(*np.nonzero(labelled & ~inside)):
        x, y = clip.joints[row, joint]
        fault = f"outside the frame of {height}×{width} px (height×width)" if finite[row, joint] else "not finite"
        found.append((row, f"joint {joints[joint]!r} at ({x:g}, {y:g}) is {fault}"))
    # Rows: at least one joint, and a weight above 0.
    found += [(row, "no joint is labelled") for row in np.flatnonzero(~labelled.any(-1))]
    good_weight = np.isfinite(clip.weights) & (clip.weights > 0)
    found += [(row, f"expected a weight above 0, found {clip.weights[row]}") for row in np.flatnonzero(~good_weight)]
    # Frames: labelled once, and readable.
    first: dict[int, int] = {}
    for row, position in enumerate(clip.labelled.tolist()):
        if first.setdefault(position, row) != row:
            found.append((row, f"frame {position} is already labelled at {clip.origins[first[position]]}"))
        found += [(row, message) for message in _check_frame(clip.frames, position)]
    return found


def _check_frame(frames, position):
    """Checks the header of the image of a label, or, if the clip has no images, the number of frames; messages."""
    paths = getattr(frames, "paths", {})
    if position in paths:
        try:
            size_hw = tuple(image_size(paths[position]))
        except ValueError as error:
            return [str(error)]
        if size_hw != tuple(frames.size_hw):
            expected = f"{frames.size_hw[0]}×{frames.size_hw[1]} px (height×width) as in the rest of the clip"
            return [f"{paths[position]}: expected {expected}, found {size_hw[0]}×{size_hw[1]}"]
        return []
    if position < 0 or frames.num_frames is None or position >= frames.num_frames:
        count = f"{frames.num_frames} frames" if frames.num_frames else "no such image and no video"
        return [f"frame {position} does not exist, the clip has {count}"]
    return []


def _check_clips(source):
    names = [clip.name for clip in source.clips]
    repeated = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) != len(names) else []
    if repeated:
        raise ValueError(f"{source.name or 'source'}: expected clips with different names, found twice: {repeated}")
    for clip in source.clips:
        if clip.joints.shape[1] != source.skeleton.num_joints:
            raise ValueError(
                f"clip {clip.name}: expected {source.skeleton.num_joints} joints as in the skeleton "
                f"{source.skeleton.name!r}, received {clip.joints.shape[1]}"
            )


def _report(source, messages):
    lines = [f"{source.name or 'source'}: {len(messages)} bad label{'s' if len(messages) > 1 else ''}"]
    lines += [f"  {message}" for message in messages[:_SHOWN_MESSAGES]]
    if len(messages) > _SHOWN_MESSAGES:
        lines.append(f"  … and {len(messages) - _SHOWN_MESSAGES} more")
    if source.summary:
        lines.append(source.summary)
    lines.append("Correct them, or leave these rows out with --on_bad_label=skip.")
    return "\n".join(lines)
