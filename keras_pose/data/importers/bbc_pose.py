"""Reads BBC Pose and its extended set (Charles, Pfister, Magee, Hogg, Zisserman: Domain adaptation for upper body pose
tracking in signed TV broadcasts, BMVC 2013).

    bbcpose.mat (also code/bbcpose.mat)     bbcpose: 1x92 structs of videoName, type, source, train_frames [1 x N],
                                            train_joints [2 x 7 x N], test_frames, test_joints
    1/1.jpg …                               frame k of video n is <n>/<k>.jpg

- `train_joints` were made by trackers, `test_joints` by hand. Test videos are scored on the latter only.
- Videos 21 to 92 are the extended set; their labels are automatic and noisy, so they weigh less (0.3 instead of 1).
- Joints are of the signer, who faces the camera: the right wrist is the signer's. Positions count from 1.
- Not verified on the authors' file: that positions count from 1, and that the extended set is videos 21 to 92.
"""

from __future__ import annotations

import os

import numpy as np

from keras_pose.data.authors_split import choose_name
from keras_pose.data.clip import TEST, TRAIN, UNLABELLED, VALIDATION, VISIBLE, Clip
from keras_pose.data.importers import matlab_files
from keras_pose.data.importers.names import list_folder
from keras_pose.data.importers.research_source import build_source, make_skeleton
from keras_pose.data.picture_sequence import open_folder
from keras_pose.data.source import Problem, Source
from keras_pose.skeleton import UPPER_BODY

FILES = ("bbcpose.mat", os.path.join("code", "bbcpose.mat"))
JOINTS = ("head",) + tuple(f"{side}_{joint}" for joint in ("wrist", "elbow", "shoulder") for side in ("right", "left"))
SPLITS = ("short", "extended")
AUTOMATIC_WEIGHT = 0.3
_NUM_SHORT = 20  # videos
_PARTS = {"train": TRAIN, "val": VALIDATION, "test": TEST}


def find_file(root: str) -> str:
    """Returns the path of `bbcpose.mat` in a folder; empty if there is none."""
    return next((path for path in (os.path.join(root, name) for name in FILES) if os.path.isfile(path)), "")


def read(path: str | os.PathLike[str], split: str | None = None, outside: str = "error") -> Source:
    """Reads the data set.

    Args:
      path: its folder.
      split: "short" (videos 1 to 20) or "extended" (all 92); empty: short; None: all videos whose frames are there.
      outside: what to do with joints outside their frame: "hidden" keeps them; otherwise they are left out.

    Returns:
      `Source` of one clip for each video. Videos of the split without frames, and those that cannot be read, are
      problems. If no split is asked for, videos without frames are left out with a word.

    Raises:
      ValueError: if `bbcpose.mat` or all frames are missing, or the file has another structure.
    """
    root = os.fspath(path)
    place = find_file(root)
    if not place:
        raise ValueError(f"{root}: expected {FILES[0]} of BBC Pose in this folder, found none")
    chosen = choose_name(split, SPLITS, root)
    file = matlab_files.read(place, ["bbcpose"])
    structs = file.structs(file.variable("bbcpose"), "bbcpose")
    folders = set(list_folder(root))
    clips = []
    problems = []
    absent = []
    for number, struct in enumerate(structs, 1):
        if split is not None and chosen == SPLITS[0] and number > _NUM_SHORT:
            continue
        if str(number) not in folders and split is None:
            absent.append(str(number))
            continue
        try:
            clips.append(_read_video(root, file, struct, number))
        except ValueError as error:
            problems.append(Problem(str(number), None, str(error)))
    left_out = (
        [f"{len(absent)} of {len(structs)} videos have no frames here ({root}/<video>/1.jpg, …)"] if absent else []
    )
    return build_source(
        root, clips, make_skeleton("bbc_pose", JOINTS, UPPER_BODY.edges), problems, (), outside, left_out
    )


def _read_video(root, file, struct, number):
    place = f"bbcpose({number})"
    kind = file.text(file.field(struct, "type", place), f"{place}.type").lower()
    if kind not in _PARTS:
        raise file.error(f"{place}.type: expected train, val or test, found {kind!r}")
    labels = "test" if kind == "test" else "train"
    names = [f"{labels}_{what}" for what in ("frames", "joints")]
    numbers = file.numbers(file.field(struct, names[0], place), (None,), f"{place}.{names[0]}")
    joints = file.field(struct, names[1], place)
    if isinstance(joints, np.ndarray) and joints.ndim == 2:  # MATLAB drops the last dimension if it is 1
        joints = joints[..., None]
    points = file.numbers(joints, (2, len(JOINTS), len(numbers)), f"{place}.{names[1]}")
    if not len(numbers):
        raise file.error(f"{place}.{names[0]}: expected labelled frames, found none")
    folder = os.path.join(root, str(number))
    if not os.path.isdir(folder):
        raise ValueError(f"{root}: the frames of video {number} are missing; they belong in {folder}/1.jpg, …")
    # Sort by frame: labels of a clip rise.
    order = np.argsort(numbers, kind="stable")
    points = points.transpose(2, 1, 0)[order] - 1.0
    missing = ~np.isfinite(points).all(-1) | (points < 0).all(-1)
    points[missing] = np.nan
    return Clip(
        str(number),
        open_folder(folder),
        numbers[order].astype(np.int64) - 1,
        points,
        np.where(missing, UNLABELLED, VISIBLE),
        np.full(len(numbers), AUTOMATIC_WEIGHT if number > _NUM_SHORT else 1.0),
        tuple(f"{file.path}: {place}.{names[1]}({column + 1})" for column in order),
        part=_PARTS[kind],
    )
