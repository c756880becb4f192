"""Reads JABS pose files (`<video>_pose_est_v<2 to 6>.h5`): twelve points of mice in every frame of a video.

The format holds poses that a net predicted, never labels of a person, so all of them are read, with a note: training on
them teaches what that net knew. Points of confidence 0 are unlabelled; the weight of a frame is the mean confidence of
its points. The video lies beside the file and has its name. Format: Beane et al. 2023 (JABS).
"""

from __future__ import annotations

import dataclasses
import os
import re

import numpy as np

from keras_pose import hdf5_file
from keras_pose.data.importers.coco.findings import Findings
from keras_pose.data.importers.labelled_frames import LabelledFrame, build_source
from keras_pose.data.importers.names import list_folder
from keras_pose.data.importers.sleap_io import instances, library
from keras_pose.data.source import Source
from keras_pose.media.endings import has_video_ending

_WHAT = "JABS poses"
_ENDING = re.compile(r"(_pose_est_v[2-6])?\.h5$", re.IGNORECASE)
_SMALLEST_WEIGHT = 0.01


def read(path: str | os.PathLike[str], image_dir: str = "", exif_orientation: str = "auto") -> Source:
    """Reads a JABS pose file.

    Args:
      path: the file.
      image_dir: folder of its video, searched first (`file_search`).
      exif_orientation: how the poses see frames of a video that is turned when it is played.

    Returns:
      `Source` of one clip; if a frame shows several mice, the largest is read.

    Raises:
      ValueError: if the file cannot be read, sleap-io is not installed, there is no pose, or the video is not found.
    """
    path = os.fspath(path)
    findings = Findings(path)
    library.check_hdf5(path, _WHAT)
    sleap = library.import_library("sleap_io.io.jabs", path, _WHAT)
    with library.reading(path, _WHAT, findings):
        hdf5_file.check_whole(path)
        labels = sleap.read_labels(path)
    video = _video_name(path, image_dir)
    with library.reading_content(path, _WHAT):
        chosen = instances.choose_skeleton(labels, findings, predictions=True)
        skeleton = instances.build_skeleton(chosen, findings)
        found = instances.read_people(
            labels, chosen, findings, lambda _, number: f"{video} frame {number}", predictions=True
        )
        frames = [LabelledFrame(video, True, number, people) for _, number, people in found]
    findings.add_note("the poses are predictions of a net, as always in this format; frames weigh as it was sure")
    source = build_source(path, frames, skeleton, findings, image_dir, exif_orientation)
    weights = _mean_confidences(path)
    clips = [dataclasses.replace(clip, weights=weights[clip.labelled]) for clip in source.clips]
    return dataclasses.replace(source, clips=clips)


def _video_name(path, image_dir):
    """The name of the video: that of the file, with the ending of a video that is there; else .avi, as JABS has it."""
    stem = _ENDING.sub("", os.path.basename(path))
    for folder in filter(None, (image_dir, os.path.dirname(path) or ".")):
        names = [name for name in list_folder(folder) if os.path.splitext(name)[0] == stem and has_video_ending(name)]
        if names:
            return names[0]
    return f"{stem}.avi"


def _mean_confidences(path):
    """float32 [N], for each frame of the file the mean of its confidences above 0, at most 1."""
    with hdf5_file.open_whole(path) as file:
        confidences = np.asarray(file["poseest/confidence"], np.float32)
    confidences = confidences.reshape(len(confidences), -1)
    known = confidences > 0
    means = (confidences * known).sum(1) / np.maximum(known.sum(1), 1)
    return np.clip(means, _SMALLEST_WEIGHT, 1.0)
