"""Recognises PoseTrack18: `annotations/{train,val}/<video>.json` beside `images/{train,val}/<video>/000000.jpg`.

A single file is recognised, too, also one of several videos as MMPose makes them.
"""

from __future__ import annotations

import os

from keras_pose.data.importers.coco.annotation_file import read_ends

FOLDERS = ("train", "val", "test")
_PLACES = ("annotations", os.path.join("posetrack_data", "annotations"), "")


def is_posetrack(spec: str) -> bool:
    """Whether `spec` is PoseTrack18, or one of its files of labels."""
    if os.path.isfile(spec):
        return spec.lower().endswith(".json") and _is_labels(spec)
    return any(_is_labels(path) for path in find_files(spec)[:3])


def find_files(spec: str) -> list[str]:
    """Returns the files of labels of a file or folder, sorted."""
    if os.path.isfile(spec):
        return [spec]
    for place in _PLACES:
        folder = os.path.join(spec, place)
        found = [path for part in FOLDERS for path in _list(os.path.join(folder, part))]
        if found:
            return found
    return _list(spec)


def find_unlabelled(spec: str, files: list[str], videos: set[str]) -> list[str]:
    """Returns the files of labels that are missing: those of folders of pictures of `train` and `val`, sorted.

    Args:
      spec: the folder of the set; a file: none are missing.
      files: the files of labels that are there, one for each video or for several.
      videos: names of the videos that they have labels of.
    """
    known = {os.path.splitext(os.path.basename(path))[0] for path in files} | videos
    missing = []
    for part in FOLDERS[:2] if os.path.isdir(spec) else ():
        folder = os.path.join(spec, "images", part)
        for video in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
            if video not in known and not video.startswith(".") and os.path.isdir(os.path.join(folder, video)):
                missing.append(os.path.join(spec, "annotations", part, f"{video}.json"))
    return missing


def part_of(path: str) -> str:
    """Returns the part that a path of labels or pictures names: "train" or "test"; empty if it names none.

    The labels of the test videos are not published: papers report the videos of `val`, which are the test part here.
    """
    names = path.replace("\\", "/").split("/")
    found = [name for name in names if name in FOLDERS]
    return ("train" if found[-1] == "train" else "test") if found else ""


def _list(folder):
    try:
        return [os.path.join(folder, name) for name in sorted(os.listdir(folder)) if name.lower().endswith(".json")]
    except OSError:
        return []


def _is_labels(path):
    """Whether the first or last bytes name the joints of PoseTrack, or the first ones a numbered video of frames."""
    sample = read_ends(path)
    return b'"head_bottom"' in sample and (b'"vid_id"' in sample or b'"track_id"' in sample)
