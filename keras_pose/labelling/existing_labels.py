"""The labels that exist already, by clip and frame, in the joint order of a net."""

from __future__ import annotations

import os

import numpy as np

from keras_pose.data import several_sources
from keras_pose.data.clip import Clip
from keras_pose.data.importers.names import NameIndex
from keras_pose.data.open_source import open_source
from keras_pose.data.source import Source
from keras_pose.runs import run_directory
from keras_pose.skeleton import Skeleton

NONE = "none"


def open_labels(labels: str, run_dir: str) -> Source | None:
    """Opens the labelled project that suggestions must not repeat.

    Args:
      labels: a source of data; empty: the --data of the run, if it is there; `none`: nothing is labelled.
      run_dir: folder of the run; empty, or that of an export: no default.

    Returns:
      `Source`, or None without labels.

    Raises:
      ValueError: if `labels` names something that cannot be read.
    """
    if labels == NONE:
        return None
    if labels:
        return open_source(labels)
    if not run_dir or not os.path.isfile(os.path.join(run_dir, "flags.txt")):
        return None
    _, config, _ = run_directory.open_run(run_dir)
    data = config.data
    first = several_sources.split_specs(data.source)[0]
    if not os.path.exists(first):
        return None
    return open_source(
        first,
        label_scale=data.label_scale,
        image_dir=data.image_dir,
        category=data.category,
        exif_orientation=data.exif_orientation,
        scorer=data.scorer,
        individual=data.individual,
    )


def labels_of(source: Source | None, clip: str, skeleton: Skeleton) -> dict[int, np.ndarray]:
    """Returns {frame: float32 [J, 2], px, NaN: unlabelled} of a clip, whose session has the name of its video.

    Args:
      source: the labels; None: there are none.
      clip: name of the video without its ending.
      skeleton: the joints to return; those that the source lacks are unlabelled.
    """
    if source is None:
        return {}
    session = NameIndex(sorted({c.session for c in source.clips})).find(clip)
    found: dict[int, np.ndarray] = {}
    for candidate in source.clips:
        if candidate.session == session:
            found.update(_by_frame(candidate, source.skeleton, skeleton))
    return found


def _by_frame(clip: Clip, own: Skeleton, wanted: Skeleton) -> dict[int, np.ndarray]:
    joints = in_order(clip.joints, own, wanted)
    return {int(number): points for number, points in zip(clip.labelled, joints)}


def in_order(joints: np.ndarray, own: Skeleton, wanted: Skeleton) -> np.ndarray:
    """Returns float32 [N, J, 2]: joints of one skeleton in the order of another, by name; NaN: it lacks them."""
    result = np.full((len(joints), wanted.num_joints, 2), np.nan, np.float32)
    names = NameIndex(own.joints)
    for place, name in enumerate(wanted.joints):
        found = names.find(name)
        if found is not None:
            result[:, place] = joints[:, own.joints.index(found)]
    return result
