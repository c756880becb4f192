"""Reads labels of SLEAP: `.slp`, also with the images inside (`.pkg.slp`).

The order of joints is that of the skeleton in the file; positions are px with pixel centres at integers (sleap-io
corrects files of before format 1.1). If a `.pkg.slp` names the video that its images were cut from and that video is
found and shows the same pictures, the video is read, since it has the neighbours of the labelled frames.
Format: Pereira et al. 2022 (sleap.ai).
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from keras_pose import hdf5_file
from keras_pose.data.importers.coco.findings import Findings
from keras_pose.data.importers.file_search import FileSearch
from keras_pose.data.importers.labelled_frames import LabelledFrame, build_source
from keras_pose.data.importers.sleap_io import instances, library
from keras_pose.data.importers.sleap_io.embedded import EmbeddedFrames
from keras_pose.data.source import Source
from keras_pose.media.orientation import STORED, swaps_sides
from keras_pose.media.video import VideoFrames

_WHAT = "SLEAP labels"
_SAME_GREY_LEVELS = 12.0  # mean difference; the same frame in another compression differs by about 2


def read(path: str | os.PathLike[str], image_dir: str = "", exif_orientation: str = "auto") -> Source:
    """Reads a `.slp` file.

    Args:
      path: the file.
      image_dir: folder of its videos and images, searched first (`file_search`).
      exif_orientation: how the labels see frames of videos that are turned when they are played.

    Returns:
      `Source`. A video is a clip; so is a list of images, without neighbours in time.

    Raises:
      ValueError: if the file cannot be read, sleap-io is not installed, there is no label of a person, or none of the
        videos is found; the message names the file.
    """
    path = os.fspath(path)
    findings = Findings(path)
    library.check_hdf5(path, _WHAT)
    sleap = library.import_library("sleap_io.io.slp", path, _WHAT)
    with library.reading(path, _WHAT, findings):
        hdf5_file.check_whole(path)
        labels = sleap.read_labels(path, open_videos=False)
        num_instances = sum(len(frame.instances) for frame in labels.labeled_frames)
    return convert(labels, findings, image_dir, exif_orientation, num_instances)


def convert(
    labels: Any, findings: Findings, image_dir: str, exif_orientation: str, num_instances: int | None = None
) -> Source:
    """Makes a source of sleap-io's `Labels`.

    Args:
      labels: sleap-io's `Labels`.
      findings: what is known of the file so far; it names the file.
      image_dir, exif_orientation: as for `read`.
      num_instances: number of people in the file, for the summary.
    """
    path = findings.path
    with library.reading_content(path, _WHAT):
        chosen = instances.choose_skeleton(labels, findings)
        skeleton = instances.build_skeleton(chosen, findings)
        people = list(instances.read_people(labels, chosen, findings, _describe))
    readers: dict[int, EmbeddedFrames | VideoFrames | None] = {}
    frames: list[LabelledFrame] = []
    for video, number, members in people:
        if id(video) not in readers:
            readers[id(video)] = _open_embedded(path, video, number, image_dir, findings)
        frames.append(_place_frame(video, number, members, readers[id(video)]))
    return build_source(path, frames, skeleton, findings, image_dir, exif_orientation, num_instances)


def _describe(video, number):
    name = video.filename[number] if _is_list(video) and 0 <= number < len(video.filename) else video.filename
    name = name[0] if isinstance(name, list) else name
    return f"{os.path.basename(str(name).replace(chr(92), '/'))} frame {number}"


def _is_list(video):
    return isinstance(video.filename, list)


def _place_frame(video, number, people, reader):
    """The `LabelledFrame` of one frame of a video, of a list of images, or of images inside the file."""
    shape = video.backend_metadata.get("shape") if video.backend_metadata else None
    size_hw = None
    if reader is None and not _is_list(video) and isinstance(shape, (list, tuple)) and len(shape) == 4 and all(shape):
        size_hw = (int(shape[1]), int(shape[2]))
    if _is_list(video):
        inside = 0 <= number < len(video.filename)
        file = str(video.filename[number]) if inside else f"image {number} of {len(video.filename)}"
        group = os.path.basename(os.path.dirname(str(video.filename[0]).replace("\\", "/"))) or "images"
        return LabelledFrame(file, False, number, people, group)
    name = str(video.filename)
    if isinstance(reader, VideoFrames):
        name = reader.path
        size_hw = reader.size_hw  # that of the images inside, so the labels are positions in upright frames
    elif reader is not None:
        name = reader.source or name
    return LabelledFrame(name, True, number, people, size_hw=size_hw, frames=reader)


def _open_embedded(path, video, number, image_dir, findings):
    """The frames of a video whose images are inside the file; None for other videos."""
    metadata = video.backend_metadata or {}
    dataset = metadata.get("dataset")
    if _is_list(video) or not dataset or os.path.normpath(str(video.filename)) != os.path.normpath(path):
        return None
    images = EmbeddedFrames(path, dataset)
    if not images.source:
        return images
    found = FileSearch(path, image_dir).find({0: [images.source]})[0]
    if not found.path:
        findings.add_note(
            f"{images.source}: not found, so the images inside the file are read, without neighbours in time "
            f"({found.message})"
        )
        return images
    fault = _compare(images, found.path, number)
    if not fault:
        return VideoFrames(found.path)
    findings.add_note(f"{found.path}: {fault}, so the images inside the file are read, without neighbours in time")
    return images


def _compare(images, video_path, number):
    """Why a video is not the one that the images were cut from; empty if it is."""
    try:
        video = VideoFrames(video_path)
        if video.size_hw != images.size_hw:
            return f"its frames have {video.size_hw[0]}×{video.size_hw[1]} px (height×width), the images another size"
        if video.orientation != STORED and (not swaps_sides(video.orientation) or len(set(video.size_hw)) == 1):
            return "it is turned when it is played, and sizes do not tell whether the images are"
        frames = [reader.read([number])[0].astype(np.float32) for reader in (video, images)]
    except (OSError, ValueError) as error:
        return str(error)
    if np.abs(frames[0] - frames[1]).mean() > _SAME_GREY_LEVELS:
        return f"frame {number} shows another picture"
    return ""
