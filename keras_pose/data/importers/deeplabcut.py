"""Reads the labelled frames of a DeepLabCut project with one animal (or person) a frame.

config.yaml names the body parts, whose order is kept; `labeled-data/<clip>/CollectedData_<scorer>.csv` (or .h5) holds
the labels beside the labelled frames as images; `videos/<clip>.*`, where it is there, holds the neighbours of a frame.
The number in `img0011.png` is the 0-based frame in the video. The format knows no occlusion: a labelled joint counts
as visible. Format: Mathis et al. 2018, and the projects of DeepLabCut 2.
"""

from __future__ import annotations

import concurrent.futures
import os
import pathlib

import numpy as np
import yaml

from keras_pose.data.images import image_size
from keras_pose.data.importers import frame_numbers, label_rows
from keras_pose.data.importers.deeplabcut_tables import read_table
from keras_pose.data.source import Source
from keras_pose.data.video import VideoFrames
from keras_pose.skeleton import Skeleton, infer_flip_pairs

VIDEO_ENDINGS = (".avi", ".mp4", ".mov", ".mkv", ".mpg", ".mpeg", ".m4v", ".wmv", ".webm")


def read(project_path, find_past_end=False) -> Source:
    """Reads a project. Each video is decoded as far as its last label, to compare the images with their frames.

    Args:
      project_path: str or path-like, the folder with config.yaml.
      find_past_end: whether to look in the video for the frame of an image whose number is past its end, and to give
        the label that frame's position. Otherwise such a row keeps its number.

    Returns:
      `Source` with the clips sorted by name and the rows of a clip by frame; bad rows stand in its `problems`.
      A row past the end of its video is kept for single frames: `Clip.has_neighbours` is False for it, and a note says
      so.
      An image that shows another frame of the video than its number says takes that frame's position, with a note.

    Raises:
      ValueError: for a broken config, a multi-animal project, no labels, an unknown body part in a table, or a video
        that cannot be opened; the message names the file.
    """
    project = pathlib.Path(project_path)
    config = _read_config(project / "config.yaml")
    skeleton = _skeleton(project / "config.yaml", config)
    tables, notes = _find_tables(project, config.get("scorer"))

    def read_clip(item):
        return _read_clip(project, config, skeleton.joints, find_past_end, *item)

    with concurrent.futures.ThreadPoolExecutor() as pool:  # videos decode side by side
        results = list(pool.map(read_clip, sorted(tables.items())))
    clips = [clip for clip, _, _ in results if clip is not None]
    problems = tuple(problem for _, found, _ in results for problem in found)
    notes += [note for _, _, found in results for note in found]
    return Source(clips, skeleton, problems=problems, notes=tuple(notes), name=str(project))


def _read_config(path):
    if not path.is_file():
        raise ValueError(f"{path}: expected the config of a DeepLabCut project, found no such file")
    try:
        config = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: expected YAML, but {' '.join(str(error).split())}") from error
    if not isinstance(config, dict):
        raise ValueError(f"{path}: expected YAML with `bodyparts`, found {type(config).__name__}")
    if config.get("multianimalproject") or config.get("individuals") or config.get("bodyparts") == "MULTI!":
        raise ValueError(
            f"{path}: expected a single-animal project, but multianimalproject or individuals is set; "
            "export the labels of one animal as a project of its own"
        )
    return config


def _skeleton(path, config):
    parts = config.get("bodyparts")
    if not isinstance(parts, list) or not parts:
        raise ValueError(f"{path}: bodyparts: expected a list of names, found {parts!r}")
    joints = tuple(str(part) for part in parts)
    edges = config.get("skeleton") or ()
    try:
        edges = tuple(tuple(str(name) for name in edge) for edge in edges)
        return Skeleton(str(config.get("Task") or "deeplabcut"), joints, infer_flip_pairs(joints), edges)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path}: {error}") from error


def _find_tables(project, scorer):
    """Returns {clip: path of its table} and notes about folders without one."""
    wanted = f"CollectedData_{scorer}" if scorer else "CollectedData_*"
    folder = project / "labeled-data"
    tables, notes = {}, []
    for clip in sorted(folder.iterdir()) if folder.is_dir() else ():
        if not clip.is_dir() or clip.name.endswith("_labeled"):  # DeepLabCut's drawings of its labels
            continue
        found = sorted(clip.glob(f"{wanted}.csv")) or sorted(clip.glob(f"{wanted}.h5"))
        if len(found) > 1:
            raise ValueError(
                f"{project / 'config.yaml'}: expected `scorer` to choose between {[f.name for f in found]}"
            )
        if found:
            tables[clip.name] = str(found[0])
        else:
            notes.append(f"{clip}: left out, no {wanted}.csv or .h5 in it")
    if not tables:
        others = sorted({f.name for f in folder.glob("*/CollectedData_*.*")})
        hint = f"; found {', '.join(others[:3])}: is `scorer` in config.yaml right?" if others else ""
        raise ValueError(f"{folder}: expected <clip>/{wanted}.csv or .h5, found none{hint}")
    return tables, notes


def _read_clip(project, config, joints, find_past_end, name, table):
    rows = read_table(table, joints)
    if not rows:
        return None, [], [f"{table}: left out, no rows in it"]
    rows, notes = _without_blank(table, rows)
    if not rows:
        return None, [], notes
    names = [os.path.basename(row.image) for row in rows]
    positions = label_rows.positions_by_number(names)
    video = _find_video(project, config, name)
    if positions is None:
        positions = label_rows.positions_by_order(names)
        if video is not None:
            video = None
            notes.append(f"{table}: image names without frame numbers, so {name} has no neighbours in time")
    if video is not None:
        video = VideoFrames(video)
        size_hw = _cropped_size(rows, video.size_hw)
        if size_hw:
            notes.append(
                f"{table}: the images have {size_hw[0]}×{size_hw[1]} px (height×width), the video "
                f"{video.size_hw[0]}×{video.size_hw[1]}, so {name} has no neighbours in time"
            )
            video = None
    if video is not None:
        corrected, found = frame_numbers.check(video, rows, positions, find_past_end)
        positions, video = (corrected, video) if corrected else (positions, None)
        notes += [f"{table}: {note}" for note in found]
    clip, problems = label_rows.build_clip(name, rows, positions, joints, video)
    return clip, problems, notes


def _without_blank(table, rows):
    """Leaves out the rows without any coordinate: DeepLabCut writes one for each extracted frame, labelled or not."""
    labelled = [row for row in rows if row.messages or not np.isnan(row.points).all()]
    blank = len(rows) - len(labelled)
    if not blank:
        return rows, []
    return labelled, [f"{table}: left out {blank} of {len(rows)} rows, in which no body part is labelled"]


def _cropped_size(rows, size_hw):
    """The size of the images where none of those that can be read has the video's, else None."""
    sizes = set()
    for row in rows:
        if os.path.isfile(row.image):
            try:
                sizes.add(tuple(image_size(row.image)))
            except ValueError:
                continue  # validation reports the row
    return min(sizes) if sizes and tuple(size_hw) not in sizes else None


def _find_video(project, config, name):
    """Returns the path of the clip's video, or None. One that config.yaml lists comes first."""
    listed = [str(key).replace("\\", "/") for key in (config.get("video_sets") or {})]
    listed = [path for path in listed if pathlib.PurePosixPath(path).stem == name]
    folder = project / "videos"
    beside = sorted(f for f in folder.iterdir() if f.stem == name) if folder.is_dir() else []
    beside = [f for f in beside if f.suffix.lower() in VIDEO_ENDINGS and f.is_file()]
    file_names = [pathlib.PurePosixPath(path).name for path in listed]
    beside.sort(key=lambda f: f.name not in file_names)
    elsewhere = [project / path for path in listed if (project / path).is_file()]
    return str((beside + elsewhere)[0]) if beside or elsewhere else None
