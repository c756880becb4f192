"""Checks every label of a source before anything is trained or scored on it.

A label that cannot be right (half a point, outside its image, twice the same frame, …) is shown with its file and row,
all of them at once, and stops the run or is left out.
"""

from __future__ import annotations

import collections
import dataclasses

import numpy as np

from keras_pose.data.clip import UNLABELLED
from keras_pose.data.images import image_size
from keras_pose.data.source import Source

_SHOWN = 20


def validate(source, on_bad_label="error") -> Source:
    """Checks every labelled row.

    Bad are: what the importer could not read (half a point, text for a number), infinite coordinates, a joint more than
    half a pixel outside the frame, a row with no labelled joint, a frame labelled twice (the first stays), a weight
    that is not above 0, and an image that is missing or of another size than its clip.

    Args:
      source: `Source`.
      on_bad_label: "error" refuses the source; "skip" leaves the bad rows out.

    Returns:
      `Source` without problems; rows left out, and why, are added to `skipped`, and clips without a label are dropped.

    Raises:
      ValueError: for bad rows under "error" (the first 20 and their number), for a source without one good label, for
        clips that do not fit the skeleton or share a name, or an unknown `on_bad_label`.
    """
    if on_bad_label not in ("error", "skip"):
        raise ValueError(f"on_bad_label: expected error or skip, received {on_bad_label!r}")
    _check_clips(source)
    of_clip = collections.defaultdict(list)
    for problem in source.problems:
        of_clip[problem.clip].append(problem)
    messages, clips = [p.message for p in source.problems if p.row is None], []
    for clip in source.clips:
        bad = [[] for _ in range(clip.num_labelled)]
        for problem in of_clip[clip.name]:
            if problem.row is not None:
                bad[problem.row].append(problem.message)
        for row, found in check_labels(clip, source.skeleton.joints):
            bad[row].append(f"{clip.origins[row]}: {found}")
        messages += [message for found in bad for message in found]
        good = [not found for found in bad]
        if any(good):
            clips.append(clip if all(good) else clip.select(np.flatnonzero(good)))
    if messages and on_bad_label == "error":
        raise ValueError(_report(source, messages))
    if not clips:
        left_out = f": all were left out\n{_report(source, messages)}" if messages else ""
        raise ValueError(f"{source.name or 'source'}: expected at least one labelled frame, found none{left_out}")
    return dataclasses.replace(source, clips=clips, skipped=source.skipped + tuple(messages), problems=())


def check_labels(clip, joints) -> list[tuple[int, str]]:
    """Returns (row, message) for all that is wrong with the labels of a clip.

    Args:
      clip: `Clip`.
      joints: its J names.
    """
    found = []
    labelled = clip.visibility != UNLABELLED
    finite = np.isfinite(clip.joints).all(-1)
    height, width = clip.frames.size_hw
    with np.errstate(invalid="ignore"):
        inside = ((clip.joints >= -0.5) & (clip.joints <= np.array([width, height]) - 0.5)).all(-1)
    for row, joint in zip(*np.nonzero(labelled & ~inside)):
        x, y = clip.joints[row, joint]
        where = f"outside the frame of {height}×{width} px (height×width)" if finite[row, joint] else "not finite"
        found.append((row, f"joint {joints[joint]!r} at ({x:g}, {y:g}) is {where}"))
    found += [(row, "no joint is labelled") for row in np.flatnonzero(~labelled.any(-1))]
    good_weight = np.isfinite(clip.weights) & (clip.weights > 0)
    found += [(row, f"expected a weight above 0, found {clip.weights[row]}") for row in np.flatnonzero(~good_weight)]
    first = {}
    for row, position in enumerate(clip.labelled.tolist()):
        if first.setdefault(position, row) != row:
            found.append((row, f"frame {position} is labelled already at {clip.origins[first[position]]}"))
        found += [(row, message) for message in _check_frame(clip.frames, position)]
    return found


def _check_frame(frames, position):
    """Messages about the image of a label: by its header, or, in a clip without images, by the number of frames."""
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
        return [f"frame {position} does not exist, the clip has {frames.num_frames or 'no such image and no video'}"]
    return []


def _check_clips(source):
    names = [clip.name for clip in source.clips]
    repeated = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) != len(names) else []
    if repeated:
        raise ValueError(f"{source.name or 'source'}: expected clips of different names, found twice: {repeated}")
    for clip in source.clips:
        if clip.joints.shape[1] != source.skeleton.num_joints:
            raise ValueError(
                f"clip {clip.name}: expected {source.skeleton.num_joints} joints as in the skeleton "
                f"{source.skeleton.name!r}, received {clip.joints.shape[1]}"
            )


def _report(source, messages):
    lines = [f"{source.name or 'source'}: {len(messages)} bad label{'s' if len(messages) > 1 else ''}"]
    lines += [f"  {message}" for message in messages[:_SHOWN]]
    if len(messages) > _SHOWN:
        lines.append(f"  … and {len(messages) - _SHOWN} more")
    lines.append("Correct them, or leave these rows out with --on_bad_label=skip.")
    return "\n".join(lines)
