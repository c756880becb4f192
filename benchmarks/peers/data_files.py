"""Writes the labelled frames of a split as files that other tools for poses read.

- a DeepLabCut project of the training and validation frames, through this project's own writer;
- `CollectedData.csv` beside its config, one table of the same frames, as Lightning Pose reads it;
- `train.slp` and `validation.slp`, through sleap-io, which show the pictures of the project;
- `test/`: the pictures of the test frames, without labels;
- `frames.json`: the part, clip, number and picture of each frame, in the order of the tables, and names of the joints.

So all tools read the same pictures: the frames as this project's nets see them.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_pose import files
from keras_pose.data.clip import Clip
from keras_pose.data.selection import DataSplit
from keras_pose.labelling import label_tables
from keras_pose.labelling.suggestions import SuggestedFrame, Suggestions
from keras_pose.labelling.writers import deeplabcut_project
from keras_pose.poses.video_poses import ModelFacts, VideoFacts
from keras_pose.skeleton import Skeleton
from keras_pose.viz import pictures

SCORER = "labels"
FRAMES = "frames.json"
TABLE = "CollectedData.csv"
_TEST = "test"
PARTS = ("train", "validation", _TEST)


def write(folder: str, split: DataSplit, skeleton: Skeleton) -> list[dict[str, Any]]:
    """Writes all files, unless they are there.

    Args:
      folder: folder of the DeepLabCut project.
      split: clips whose labelled frames are written.
      skeleton: their joints.

    Returns:
      The frames: {"part", "clip", "number", "picture": path below the folder}, training frames first.

    Raises:
      ValueError: if a frame cannot be read, or a library (PyTables, sleap-io) is not installed.
    """
    done = os.path.join(folder, FRAMES)
    if os.path.exists(done):
        return files.read_json(done)["frames"]
    learnt = suggest_all([*split.train, *split.validation], skeleton)
    deeplabcut_project.write(folder, learnt, SCORER, as_labels=True)
    held_out = suggest_all(split.test, skeleton)
    for frame, picture in held_out.pictures():
        pictures.save_png(os.path.join(folder, _picture(_TEST, frame, held_out)), picture)
    described = []
    for part in PARTS:
        place, of_part = (_TEST, held_out) if part == _TEST else (label_tables.FOLDER, learnt)
        for clip in getattr(split, part):
            described += [_describe(part, place, frame, of_part) for frame in of_part.of_clip(clip.name)]
    of = {(frame.clip, frame.number): frame.joints for frame in learnt.frames}
    _write_table(folder, described, of, skeleton)
    for part in PARTS[:2]:
        chosen = [frame for frame in described if frame["part"] == part]
        write_slp(os.path.join(folder, f"{part}.slp"), folder, chosen, of, skeleton)
    files.write_json(done, {"joints": list(skeleton.joints), "frames": described})
    return described


def suggest_all(clips: Sequence[Clip], skeleton: Skeleton) -> Suggestions:
    """Returns the labelled frames of clips with labels and pictures, as the writers for labelling tools take them.

    A label whose picture is no frame of the video is among them.
    """
    frames = []
    kept = {}
    videos = {}
    for clip in clips:
        height, width = clip.frames.size_hw
        count = max(int(clip.labelled.max()) + 1, clip.frames.num_frames or 0)
        videos[clip.name] = VideoFacts(f"{clip.name}.avi", (height, width), clip.frame_rate, count)
        for row, number in enumerate(clip.labelled.tolist()):
            ones = np.ones(skeleton.num_joints, np.float32)
            joints = clip.joints[row]
            frame = SuggestedFrame(clip.name, number, float("nan"), 0.0, {}, joints, ones, np.zeros(len(ones), bool))
            frames.append(frame)
            kept[clip.name, number] = clip.read_window(row)[0]
    return Suggestions(frames, videos, skeleton, ModelFacts("labels"), kept)


def write_slp(
    path: str, folder: str, frames: Sequence[dict[str, Any]], joints: dict[tuple[str, int], Any], skeleton: Skeleton
) -> None:
    """Writes a SLEAP file whose videos are the pictures of a project, one for each clip.

    Args:
      path: file to write.
      folder: folder of the project.
      frames: as `write` returns them.
      joints: {(clip, number): float32 [J, 2]}, NaN: unlabelled.
      skeleton: the joints.

    Raises:
      ValueError: if sleap-io is not installed.
    """
    from keras_pose.labelling.writers import sleap_file

    sleap_file.check()
    import sleap_io

    theirs = sleap_io.Skeleton(nodes=list(skeleton.joints), edges=[tuple(edge) for edge in skeleton.edges])
    labelled = []
    videos = []
    for clip in dict.fromkeys(frame["clip"] for frame in frames):
        of_clip = [frame for frame in frames if frame["clip"] == clip]
        shown = [os.path.abspath(os.path.join(folder, frame["picture"])) for frame in of_clip]
        # Otherwise each video has one channel or three, after its first picture, and they do not fit into one batch.
        video = sleap_io.Video.from_filename(shown, grayscale=False)
        videos.append(video)
        for place, frame in enumerate(of_clip):
            points = joints[clip, frame["number"]]
            instance = sleap_io.Instance.from_numpy(points, skeleton=theirs)
            labelled.append(sleap_io.LabeledFrame(video=video, frame_idx=place, instances=[instance]))
    labels = sleap_io.Labels(labeled_frames=labelled, videos=videos, skeletons=[theirs])
    with files.replace_atomically(path) as temporary:
        os.remove(temporary)  # sleap-io adds to a file that exists
        sleap_io.save_slp(labels, temporary, embed=False, verbose=False)


def _picture(folder, frame, suggestions):
    return f"{folder}/{frame.clip}/{suggestions.picture_name(frame)}"


def _describe(part, folder, frame, suggestions):
    return {
        "part": part,
        "clip": frame.clip,
        "number": frame.number,
        "picture": _picture(folder, frame, suggestions),
    }


def _write_table(folder, frames, joints, skeleton):
    """Writes one table with the picture's path in one column."""
    rows = {f["picture"]: joints[f["clip"], f["number"]] for f in frames if f["part"] != _TEST}
    table = label_tables.make_table("", rows, skeleton.joints, SCORER)
    table.index = list(rows)
    label_tables.write_csv(os.path.join(folder, TABLE), table)
