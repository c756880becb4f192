"""Reads JHMDB (Jhuang, Gall, Zuffi, Schmid, Black: Towards understanding action recognition, ICCV 2013).

Each frame of a clip (15 to 40 frames of 320×240 px of a film) has 15 joints of one person.

- Left and right are the person's. The joint that the set calls face is `head`.
- Coordinates count from the outer edge of the first pixel: the set's own `pos_world` puts the middle of a frame of 320
  px at 160, and joints that were clicked have halves. So 0.5 is subtracted to put pixel centres at integers.
- Joints that the frame cuts off are extrapolated. They are left out unless `--outside=hidden`.
- Labels are puppets that annotators fitted, and kept for some frames: in time, they are a staircase.
- Clips of one film have the same title, the name up to the action: it is their group.
"""

from __future__ import annotations

import os
import re

import numpy as np

from keras_pose.data.authors_split import choose_name
from keras_pose.data.clip import VISIBLE, Clip, Frames
from keras_pose.data.importers import matlab_files
from keras_pose.data.importers.jhmdb import layout, splits
from keras_pose.data.importers.research_source import build_source, make_skeleton
from keras_pose.data.lazy_video import open_video
from keras_pose.data.picture_sequence import open_folder
from keras_pose.data.source import Problem, Source
from keras_pose.words import count, shorten_list

_FRAME_RATE = 30.0  # of all clips: HMDB51, which they are from, converted them to it (Kuehne et al., ICCV 2011)
_FIRST_EDGE = 0.5  # px from the outer edge of the first pixel to its centre

JOINTS = ("neck", "belly", "head") + tuple(
    f"{side}_{joint}" for joint in ("shoulder", "hip", "elbow", "knee", "wrist", "ankle") for side in ("right", "left")
)
_EDGES = (
    ("head", "neck"),
    ("neck", "belly"),
    ("neck", "*_shoulder"),
    ("*_shoulder", "*_elbow"),
    ("*_elbow", "*_wrist"),
    ("belly", "*_hip"),
    ("*_hip", "*_knee"),
    ("*_knee", "*_ankle"),
)


def read(path: str | os.PathLike[str], split: str | None = None, outside: str = "error") -> Source:
    """Reads the data set.

    Args:
      path: its folder.
      split: "1", "2", "3" (all clips), "sub1", … (whole bodies), or another that the folder has: only its clips are
        read; empty: the first there is; None: all clips.
      outside: what to do with joints outside their frame: "hidden" keeps them; otherwise they are left out.

    Returns:
      `Source` of one clip `<action>/<clip>` for each file of joints. Clips without frames or with a file that cannot
      be read are problems.

    Raises:
      ValueError: if there are no joints or no frames at all, or the split is missing or incomplete.
    """
    root = os.fspath(path)
    labels = layout.list_labels(root)
    parts, wanted, notes = _choose_parts(root, list(labels), split)
    videos = layout.list_videos(root)
    clips = []
    problems = []
    for name in wanted:
        try:
            clips.append(_read_clip(root, name, labels[name], videos.get(name, ""), parts.get(name, "")))
        except ValueError as error:
            problems.append(Problem(name, None, str(error)))
    if split is None:
        notes = [*notes, *_describe_unlabelled(root, labels, videos)]
    skeleton = make_skeleton("jhmdb", JOINTS, _EDGES)
    return build_source(root, clips, skeleton, problems, notes, outside)


def find_title(clip: str) -> str:
    """Returns the title of the film of a clip, its name up to the action.

    Args:
      clip: `<action>/<title>_<action>_<part of the body>_<camera>_np<n>_<view>_<quality>_<number>`.
    """
    action, _, name = clip.partition("/")
    match = re.match(rf"(.+)_{re.escape(action)}_[a-z]_", name)
    return match[1] if match else name


def _choose_parts(root, names, split):
    """Returns {clip: part}, the clips to read, and notes."""
    known = splits.read_splits(root)
    if split is not None and not known:
        raise ValueError(
            f"{root}: --split=authors: expected the splits of JHMDB in splits/<action>_test_split1.txt or "
            "sub_splits/<action>_test_split_1.txt, found none; unpack splits.zip or sub_splits.zip into this folder"
        )
    chosen = choose_name(split, list(known), root)
    parts = known.get(chosen, {})
    if split is None:
        return parts, names, []
    lacking = splits.find_missing(root, chosen, sorted({name.partition("/")[0] for name in names}))
    if lacking:
        raise ValueError(f"{root}: --split=authors:{chosen}: missing {shorten_list(lacking)}")
    wanted = [name for name in names if name in parts]
    without = len(parts) - len(wanted)
    notes = [f"split {chosen}: {without} of its {count(len(parts), 'clip')} without joints"] if without else []
    if len(wanted) < len(names):
        notes.append(f"split {chosen}: {len(names) - len(wanted)} of {len(names)} clips are not in it and not used")
    return parts, wanted, notes


def _describe_unlabelled(root, labels, videos):
    """Tells of clips that have frames but no joints: unlabelled video, or an incomplete download."""
    without = sorted({*videos, *layout.list_pictures(root)} - set(labels))
    if not without:
        return []
    return [
        f"{count(len(without), 'clip')} with frames but without joints, such as {without[0]}: not used; joints belong "
        f"in {layout.JOINTS}/<action>/<clip>/{layout.JOINTS_FILE}"
    ]


def _read_clip(root, name, labels, video, part):
    file = matlab_files.read(labels, ["pos_img"])
    positions = file.numbers(file.variable("pos_img"), (2, len(JOINTS), None), "pos_img")
    joints = positions.transpose(2, 1, 0) - _FIRST_EDGE
    frames = _open_frames(root, name, video)
    visibility = np.where(np.isnan(joints).any(-1), 0, VISIBLE)
    joints[visibility == 0] = np.nan
    return Clip(
        name,
        frames,
        np.arange(len(joints)),
        joints,
        visibility,
        origins=tuple(f"{labels}: frame {number}" for number in range(1, len(joints) + 1)),
        group=find_title(name),
        part=part,
        frame_rate=_FRAME_RATE,
    )


def _open_frames(root, name, video) -> Frames:
    pictures = layout.find_pictures(root, name)
    if pictures:
        return open_folder(pictures)
    if not video:
        raise ValueError(f"{root}: the frames of {name} are missing; they belong in {layout.describe_frames()}")
    return open_video(video)
