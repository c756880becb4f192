"""Reads ChaLearn 2013, the Montalbano gestures (Escalera et al.: Multi-modal Gesture Recognition Challenge 2013, ICMI).

    [<part>/]Sample00001/Sample00001_color.mp4      640×480 px
    [<part>/]Sample00001/Sample00001_data.mat       Video.NumFrames, Video.Frames(i).Skeleton.{PixelPosition,JointType}

- 20 joints that a Kinect tracked; joints are named by `JointType`. Frames in which it saw nobody are all zero.
- <part> is a folder whose name begins with train, valid or test.
- Not verified on the authors' files: that left and right are the person's, as in Kinect's tracking, and that positions
  count from 0, as Kinect's maps do.
"""

from __future__ import annotations

import os
import re

import numpy as np

from keras_pose.data.authors_split import choose_name
from keras_pose.data.clip import TEST, TRAIN, UNLABELLED, VALIDATION, VISIBLE, Clip
from keras_pose.data.importers import matlab_files
from keras_pose.data.importers.names import list_folder
from keras_pose.data.importers.research_source import build_source, make_skeleton
from keras_pose.data.lazy_video import open_video
from keras_pose.data.source import Problem, Source

SAMPLE = re.compile(r"Sample\d{4,5}")
_PARTS = {"train": TRAIN, "valid": VALIDATION, "test": TEST}
_KINECT = {
    "HipCenter": "pelvis",
    "Spine": "belly",
    "ShoulderCenter": "neck",
    "Head": "head",
    **{
        f"{joint}{side}": f"{side.lower()}_{joint.lower()}"
        for side in ("Left", "Right")
        for joint in ("Shoulder", "Elbow", "Wrist", "Hand", "Hip", "Knee", "Ankle", "Foot")
    },
}
JOINTS = tuple(_KINECT.values())
_EDGES = (
    ("head", "neck"),
    ("neck", "belly"),
    ("belly", "pelvis"),
    ("neck", "*_shoulder"),
    ("*_shoulder", "*_elbow"),
    ("*_elbow", "*_wrist"),
    ("*_wrist", "*_hand"),
    ("pelvis", "*_hip"),
    ("*_hip", "*_knee"),
    ("*_knee", "*_ankle"),
    ("*_ankle", "*_foot"),
)


def list_samples(root: str) -> dict[str, tuple[str, str]]:
    """Returns {sample: (its folder, its part)}, of the folder itself and of those whose names begin with a part."""
    found: dict[str, tuple[str, str]] = {}
    parts = [(name, part) for name in list_folder(root) for begin, part in _PARTS.items() if name.startswith(begin)]
    for folder, part in [("", ""), *parts]:
        place = os.path.join(root, folder)
        for name in list_folder(place):
            if SAMPLE.fullmatch(name) and os.path.isdir(os.path.join(place, name)):
                found.setdefault(name, (os.path.join(place, name), part))
    return found


def read(path: str | os.PathLike[str], split: str | None = None, outside: str = "error") -> Source:
    """Reads the data set.

    Args:
      path: its folder.
      split: "" or None: there is one split, by the folders of the samples.
      outside: what to do with joints outside their frame: "hidden" keeps them; otherwise they are left out.

    Returns:
      `Source` of one clip for each sample. Samples that lack a file, or have one that cannot be read, are problems.

    Raises:
      ValueError: if nothing can be read; the message says where files belong.
    """
    root = os.fspath(path)
    choose_name(split, (), root)
    clips = []
    problems = []
    counts = np.zeros(2, int)
    for name, (folder, part) in sorted(list_samples(root).items()):
        try:
            clip, seen = _read_sample(name, folder, part)
        except ValueError as error:
            problems.append(Problem(name, None, str(error)))
            continue
        counts += (len(seen) - seen.sum(), len(seen))
        clips.append(clip)
    left_out = [f"{counts[0]} of {counts[1]} frames without a tracked person are not used"] if counts[0] else []
    return build_source(root, clips, make_skeleton("chalearn", JOINTS, _EDGES), problems, (), outside, left_out)


def _read_sample(name, folder, part):
    """Returns the clip of a sample, and bool [T], in which frames a person was tracked."""
    video = os.path.join(folder, f"{name}_color.mp4")
    labels = os.path.join(folder, f"{name}_data.mat")
    for file_path in (video, labels):
        if not os.path.isfile(file_path):
            raise ValueError(f"{file_path}: missing; unpack {name}.zip into {folder}")
    file = matlab_files.read(labels, ["Video"])
    content = file.variable("Video")
    frames = file.structs(file.field(content, "Frames", "Video"), "Video.Frames")
    expected = int(file.number(file.field(content, "NumFrames", "Video"), "Video.NumFrames"))
    if len(frames) != expected:
        raise file.error(f"Video.Frames: expected {expected} as Video.NumFrames says, found {len(frames)}")
    points = np.stack([_read_frame(file, frame, f"Video.Frames({i})") for i, frame in enumerate(frames, 1)])
    seen = points.any((1, 2))
    missing = ~points.any(-1)
    points[missing] = np.nan
    clip = Clip(
        name,
        open_video(video),
        np.flatnonzero(seen),
        points[seen],
        np.where(missing, UNLABELLED, VISIBLE)[seen],
        origins=tuple(f"{labels}: Video.Frames({i + 1})" for i in np.flatnonzero(seen)),
        part=part,
    )
    return clip, seen


def _read_frame(file, frame, place):
    """Returns float64 [20, 2] in the order of `JOINTS`, (0, 0) for joints that are not tracked."""
    skeleton = file.field(frame, "Skeleton", place)
    found = np.zeros((len(JOINTS), 2))
    if matlab_files.is_empty(skeleton):
        return found
    points = file.numbers(file.field(skeleton, "PixelPosition", place), (len(JOINTS), 2), f"{place}.PixelPosition")
    if not points.any():
        return found
    kinds = file.field(skeleton, "JointType", place)
    names = [kind[0] if isinstance(kind, list) and kind else kind for kind in kinds if not matlab_files.is_empty(kind)]
    unknown = [str(name) for name in names if name not in _KINECT]
    if unknown or len(names) != len(JOINTS):
        raise file.error(f"{place}.JointType: expected 20 names such as HandLeft, found {unknown[:1] or len(names)}")
    for name, point in zip(names, points):
        found[JOINTS.index(_KINECT[name])] = point
    return found
