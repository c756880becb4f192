"""Decides for labels of video frames whether they are positions in the upright frames or in the stored ones.

Phones store videos lying and state how players turn them. Some annotation tools show the turned frames, others the
stored ones. The size that the file states for the frame tells the two apart if the video is turned by 90° and its sides
differ. Labels that it leaves open (turned by 180°, mirrored, square, or without a stated size) follow the others of the
same file if these agree, else the flag decides, as for pictures (`picture_orientation`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple, Optional

from keras_pose.data.clip import Clip
from keras_pose.data.importers.coco.findings import Findings
from keras_pose.data.source import Problem
from keras_pose.media.orientation import STORED, swaps_sides, turn_points
from keras_pose.media.video import VideoFrames

SizeHw = Optional[tuple[int, int]]


class _Label(NamedTuple):
    """A labelled frame of a video that is turned: its clip, its row, and whether its size says it is upright."""

    clip: int
    row: int
    upright: bool | None


def turn_labels(
    clips: Sequence[Clip], sizes: Sequence[Sequence[SizeHw]], findings: Findings, choice: str = "auto"
) -> list[Clip]:
    """Turns the labels that are positions in stored frames like the frames are turned.

    Args:
      clips: the clips; those of images stay as they are.
      sizes: for each clip the (height, width) in px that the file states for each row; None if it states none.
      findings: receives a problem for each row whose size is not that of the video, and a note on what was turned.
      choice: for labels that their size leaves open: "upright", "stored", or "auto" to follow the others.

    Returns:
      The clips with labels in upright frames.

    Raises:
      ValueError: if labels are left open and the choice is "auto"; the message names the flag.
    """
    labels = []
    for number, (clip, stated) in enumerate(zip(clips, sizes)):
        if isinstance(clip.frames, VideoFrames):
            labels += _compare_sizes(number, clip, stated, findings)
    open_ones = [label for label in labels if label.upright is None]
    answers = {label.upright for label in labels} - {None}
    if open_ones and choice == "auto" and len(answers) != 1:
        raise ValueError(_ask(clips, open_ones, findings.path))
    upright = choice == "upright" if choice != "auto" else answers == {True}
    stored = [label for label in labels if not (upright if label.upright is None else label.upright)]
    if open_ones:
        reason = f"--exif_orientation={choice}" if choice != "auto" else "the sizes in the labels of others say so"
        view = "upright" if upright else "stored"
        findings.add_note(f"{_count(open_ones)} taken as positions in the {view} frames: {reason}")
    by_size = [label for label in labels if label.upright is False]
    if by_size:
        findings.add_note(f"{_count(by_size)} turned like the frames: the sizes in the labels are those as stored")
    rows: dict[int, list[int]] = {}
    for label in stored:
        rows.setdefault(label.clip, []).append(label.row)
    return [_turn(clip, rows[number]) if number in rows else clip for number, clip in enumerate(clips)]


def _compare_sizes(number, clip, stated, findings):
    """Yields a `_Label` for each row if the video is turned; reports rows that state another size than the video."""
    video = clip.frames
    upright_hw = tuple(video.size_hw)
    stored_hw = _stored_size(video)
    for row, size_hw in enumerate(stated):
        if size_hw not in (None, upright_hw, stored_hw):
            expected = f"{upright_hw[0]}×{upright_hw[1]} px (height×width) as in {video.path}"
            message = f"{clip.origins[row]}: expected frames of {expected}, received {size_hw[0]}×{size_hw[1]}"
            findings.problems.append(Problem(clip.name, row, message))
        elif video.orientation != STORED:
            tells = size_hw is not None and upright_hw != stored_hw
            yield _Label(number, row, size_hw == upright_hw if tells else None)


def _stored_size(video):
    height, width = video.size_hw
    return (width, height) if swaps_sides(video.orientation) else (height, width)


def _turn(clip: Clip, rows: Sequence[int]) -> Clip:
    joints = clip.joints.copy()
    video = clip.frames
    joints[rows] = turn_points(joints[rows], video.orientation, _stored_size(video))  # type: ignore[attr-defined]
    return dataclasses.replace(clip, joints=joints)


def _count(labels):
    return "the label of 1 frame is" if len(labels) == 1 else f"the labels of {len(labels)} frames are"


def _ask(clips, open_ones, path):
    first = clips[open_ones[0].clip].frames
    number = "1 frame is" if len(open_ones) == 1 else f"{len(open_ones)} frames are"
    return (
        f"{path}: {number} labelled of videos that are turned when they are played, the first {first.path} "
        f"(orientation {first.orientation}), and the sizes in the labels do not tell whether the labels are positions "
        "in the frames as players show them or as they are stored: add --exif_orientation=upright or "
        "--exif_orientation=stored, according to the tool that made the labels"
    )
