"""Cheap tests whether a folder is a research set, by the files and folders that its authors publish.

Parts of a set are enough, so that a download that lacks something is recognised and the message says what.
"""

from __future__ import annotations

import os
import re

from keras_pose.data.importers.names import list_folder

_SAMPLE = re.compile(r"Sample\d{4,5}")


def is_jhmdb(spec: str) -> bool:
    """Whether a folder holds parts of JHMDB."""
    return bool({"joint_positions", "Rename_Images", "ReCompress_Videos", "sub_splits"} & set(list_folder(spec)))


def is_penn_action(spec: str) -> bool:
    """Whether a folder holds label files or frames of Penn Action."""
    if any(re.fullmatch(r"\d{4}\.mat", name) for name in list_folder(os.path.join(spec, "labels"))):
        return True
    videos = [name for name in list_folder(os.path.join(spec, "frames")) if re.fullmatch(r"\d{4}", name)]
    return bool(videos) and os.path.isfile(os.path.join(spec, "frames", videos[0], "000001.jpg"))


def is_bbc_pose(spec: str) -> bool:
    """Whether a folder holds the annotation file of BBC Pose."""
    return any(os.path.isfile(os.path.join(spec, *parts)) for parts in (("bbcpose.mat",), ("code", "bbcpose.mat")))


def is_poses_in_the_wild(spec: str) -> bool:
    """Whether a folder holds the annotation file of Poses in the Wild, or a path is that file."""
    name = "poses_in_the_wild_data.mat"
    if os.path.isdir(spec):
        return os.path.isfile(os.path.join(spec, name)) or os.path.isdir(os.path.join(spec, "dataset", "selected_seqs"))
    return os.path.isfile(spec) and os.path.basename(spec) == name


def is_chalearn(spec: str) -> bool:
    """Whether a folder, or one in it whose name begins with train, valid or test, holds samples of ChaLearn."""
    names = list_folder(spec)
    folders = [os.path.join(spec, name) for name in names if name.startswith(("train", "valid", "test"))]
    return any(_SAMPLE.fullmatch(name) for folder in [spec, *folders] for name in list_folder(folder))
