"""Reads labelled clips: a folder with a video (or .npz) per clip and `labels.csv`.

`labels.csv` has a line `file,label`, then one line per clip. A clip is a video that OpenCV reads (.mp4, .avi, …) or an
.npz file with `frames`, uint8 [T, H, W, 3], RGB. All clips have the same number of frames; their sizes may differ.
"""

from __future__ import annotations

import csv
import dataclasses
import os
import zipfile
import zlib

import numpy as np

# What NumPy raises for half an archive, a damaged one, another one, and an array by itself.
_NO_ARCHIVE = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error, AttributeError, TypeError)


@dataclasses.dataclass(frozen=True)
class LabelledClip:
    """Where a clip lies (`path`) and which gesture it shows (`label`)."""

    path: str
    label: str


def list_clips(folder) -> list[LabelledClip]:
    """Reads `labels.csv` of a folder.

    Raises:
      ValueError: where it is missing, malformed or empty, names a file that is missing, or one file twice.
    """
    table = os.path.join(folder, "labels.csv")
    if not os.path.isfile(table):
        raise ValueError(f"{folder}: expected a folder with labels.csv (lines of file,label), found none")
    with open(table, newline="", encoding="utf-8-sig") as file:  # spreadsheets begin with a mark
        rows = [[cell.strip() for cell in row] for row in csv.reader(file)]
    if not rows or rows[0] != ["file", "label"]:
        raise ValueError(
            f"{table}:1: expected the line file,label, received {','.join(rows[0]) if rows else 'nothing'!r}"
        )
    clips = {}
    for number, row in enumerate(rows[1:], 2):
        if not any(row):
            continue
        if len(row) != 2 or not all(row):
            raise ValueError(f"{table}:{number}: expected a file and a label, received {','.join(row)!r}")
        path = os.path.join(folder, row[0])
        if not os.path.isfile(path):
            raise ValueError(f"{table}:{number}: {path}: no such file")
        if path in clips:
            raise ValueError(f"{table}:{number}: {row[0]} was named before")
        clips[path] = LabelledClip(path, row[1])
    if not clips:
        raise ValueError(f"{table}: expected at least one clip, found none")
    return list(clips.values())


def read_frames(path) -> np.ndarray:
    """Reads all frames of a clip: uint8 [T, H, W, 3], RGB.

    Raises:
      ValueError: where the file is no clip; the message names it.
    """
    if not os.path.isfile(path):
        raise ValueError(f"{path}: no such file")
    frames = _read_npz(path) if path.lower().endswith(".npz") else _read_video(path)
    if frames.dtype != np.uint8 or frames.ndim != 4 or frames.shape[-1] != 3 or not frames.size:
        raise ValueError(f"{path}: expected frames uint8 [T, H, W, 3], received {frames.dtype} {list(frames.shape)}")
    return frames


def check_length(clip, num_frames, first, expected):
    """Refuses a clip whose length is not that of the first one (ValueError that names both)."""
    if num_frames != expected:
        raise ValueError(
            f"{clip.path}: expected {expected} frames as in {first.path}, received {num_frames}; "
            "cut all clips to one length"
        )


def hold_out(clips, share, seed=0):
    """Splits clips by chance, every label alike: (rest, held out).

    Args:
      clips: list of `LabelledClip`.
      share: share of each label's clips that is held out; at least one clip of each label is, and one is not.
      seed: int.

    Raises:
      ValueError: where a label has a single clip.
    """
    rng, held = np.random.default_rng(seed), set()
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
    except _NO_ARCHIVE as error:
        raise ValueError(f"{path}: expected an .npz file that holds `frames`: {error}") from error


def _read_video(path):
    import cv2

    capture, frames = cv2.VideoCapture(path), []
    try:
        while True:
            there, frame = capture.read()
            if not there:
                break
            frames.append(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
    finally:
        capture.release()
    if not frames:
        raise ValueError(f"{path}: expected a video, but no frame of it decodes")
    return np.stack(frames)
