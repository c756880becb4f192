"""Reads labelled clips: a folder with `labels.csv` and a video or .npz file per clip.

`labels.csv` has a line `file,label`, then one line per clip. A clip is a video that FFmpeg can read (.mp4, .avi, …) or
an .npz file with `frames`, uint8 [T, H, W, 3], RGB. All clips have the same number of frames; their sizes may differ.
"""

from __future__ import annotations

import csv
import dataclasses
import itertools
import os
from collections.abc import Sequence

import numpy as np

MOST_FRAMES = 300  # a gesture has 8 to 30; a long video by mistake would fill the memory


@dataclasses.dataclass(frozen=True)
class LabelledClip:
    """A clip's file (`path`) and the gesture it shows (`label`)."""

    path: str
    label: str


def list_clips(folder: str) -> list[LabelledClip]:
    """Reads `labels.csv` of a folder.

    Raises:
      ValueError: if it is missing, malformed or empty, or names a missing file or the same file twice.
    """
    table = os.path.join(folder, "labels.csv")
    if not os.path.isfile(table):
        raise ValueError(f"{folder}: expected a folder with labels.csv (lines of file,label), found none")
    try:
        with open(table, newline="", encoding="utf-8-sig") as file:  # spreadsheets write a byte order mark
            rows = [[cell.strip() for cell in row] for row in csv.reader(file)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"{table}: expected lines of file,label in UTF-8, but {error}") from error
    if not rows or rows[0] != ["file", "label"]:
        raise ValueError(
            f"{table}:1: expected the line file,label, received {','.join(rows[0]) if rows else 'nothing'!r}"
        )
    clips: dict[str, LabelledClip] = {}
    for number, row in enumerate(rows[1:], 2):
        if not any(row):
            continue
        if len(row) != 2 or not all(row):
            raise ValueError(f"{table}:{number}: expected a file and a label, received {','.join(row)!r}")
        path = os.path.join(folder, row[0])
        if not os.path.isfile(path):
            raise ValueError(f"{table}:{number}: {path}: no such file")
        if path in clips:
            raise ValueError(f"{table}:{number}: expected each file once, received {row[0]} again")
        clips[path] = LabelledClip(path, row[1])
    if not clips:
        raise ValueError(f"{table}: expected at least one clip, found none")
    return list(clips.values())


def read_frames(path: str) -> np.ndarray:
    """Reads all frames of a clip: uint8 [T, H, W, 3], RGB.

    Raises:
      ValueError: if the file is not a clip; the message names it.
    """
    if not os.path.isfile(path):
        raise ValueError(f"{path}: no such file")
    frames = _read_npz(path) if path.lower().endswith(".npz") else _read_video(path)
    if frames.dtype != np.uint8 or frames.ndim != 4 or frames.shape[-1] != 3 or not frames.size:
        raise ValueError(f"{path}: expected frames uint8 [T, H, W, 3], received {frames.dtype} {list(frames.shape)}")
    return frames


def check_length(clip: LabelledClip, num_frames: int, first: LabelledClip, expected: int) -> None:
    """Checks that a clip is as long as the first one.

    Args:
      clip: the clip.
      num_frames: its number of frames.
      first: the first clip.
      expected: its number of frames.

    Raises:
      ValueError: if the numbers differ; the message names both clips.
    """
    if num_frames != expected:
        raise ValueError(
            f"{clip.path}: expected {expected} frames as in {first.path}, received {num_frames}; "
            "cut all clips to one length"
        )


def hold_out(
    clips: Sequence[LabelledClip], share: float, seed: int = 0
) -> tuple[list[LabelledClip], list[LabelledClip]]:
    """Splits clips at random, with the same share of every label.

    Args:
      clips: all clips.
      share: share of each label's clips to hold out; both parts get at least one clip of each label.
      seed: of the random choice.

    Returns:
      The remaining clips and the held-out ones.

    Raises:
      ValueError: if a label has only one clip.
    """
    rng = np.random.default_rng(seed)
    held: set[int] = set()
    for label in sorted({clip.label for clip in clips}):
        places = [place for place, clip in enumerate(clips) if clip.label == label]
        if len(places) < 2:
            raise ValueError(f"{clips[places[0]].path}: expected at least 2 clips of {label}, received 1")
        count = min(max(round(share * len(places)), 1), len(places) - 1)
        held.update(rng.permutation(places)[:count].tolist())
    return [c for i, c in enumerate(clips) if i not in held], [clips[i] for i in sorted(held)]


def _read_npz(path):
    try:
        with np.load(path) as archive:
            return archive["frames"]
    except Exception as error:  # NumPy and zipfile raise almost anything for a damaged file
        raise ValueError(f"{path}: expected an .npz file with `frames`: {error}") from error


def _read_video(path):
    """All frames, turned as players show them. A clip with damaged frames is no clip to learn from."""
    import av

    frames = []
    try:
        with av.open(f"file:{path}", metadata_errors="replace") as container:  # never a URL or a pattern
            for frame in itertools.islice(container.decode(video=0), MOST_FRAMES + 1):
                image = frame.reformat(format="rgb24", interpolation="BICUBIC").to_ndarray()
                frames.append(np.rot90(image, round(getattr(frame, "rotation", 0) / 90)))
    except (av.error.FFmpegError, IndexError, OSError, ValueError) as error:
        what = f"one in which frame {len(frames)} is damaged" if frames else "a file without a readable frame"
        raise ValueError(f"{path}: expected a video, received {what} ({error})") from error
    if not frames:
        raise ValueError(f"{path}: expected a video, received a file without a readable frame")
    if len(frames) > MOST_FRAMES:
        raise ValueError(f"{path}: expected a clip of one gesture, received more than {MOST_FRAMES} frames")
    return np.stack(frames)
