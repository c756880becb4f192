"""Reads the labelled frames of a DeepLabCut project with one animal (or person) per frame.

`config.yaml` lists the body parts; their order is kept. `labeled-data/<clip>/CollectedData_<scorer>.csv` (or .h5) has
the labels, and its folder has the labelled frames as images. `videos/<clip>.*`, if it exists, has the neighbours of
these frames. The number in `img0011.png` is the 0-based position of the frame in the video. The format cannot mark
occlusion, so every labelled joint counts as visible. Format: Mathis et al. 2018, and the projects of DeepLabCut 2.
"""

from __future__ import annotations

import concurrent.futures
import os
import pathlib

import numpy as np
import yaml

from keras_pose.data.importers import frame_numbers, label_rows
from keras_pose.data.importers.deeplabcut_tables import read_table
from keras_pose.data.source import Source
from keras_pose.media.video import VideoFrames
from keras_pose.skeleton import Skeleton, infer_flip_pairs

_VIDEO_ENDINGS = (".avi", ".mp4", ".mov", ".mkv", ".mpg", ".mpeg", ".m4v", ".wmv", ".webm")


def read(project_path: str | os.PathLike[str], find_past_end: bool = False) -> Source:
    """Reads a project. Decodes each video up to its last label, to compare the images with their frames.

    Args:
      project_path: the folder with config.yaml, or that file.
      find_past_end: whether to search the video for the frame of an image whose number is past the end, and to give
        the label the position of that frame. Otherwise such a row keeps its number.

    Returns:
      `Source` with the clips sorted by name and the rows of each clip by frame; its `problems` hold the bad rows.
      A row past the end of its video is kept without neighbours: `Clip.has_neighbours` is False for it, and a note
      lists it. An image that shows another frame of the video than its number says gets the position of that frame,
      with a note.

    Raises:
      ValueError: for a broken config, a multi-animal project, no labels, an unknown body part in a table, or a video
        that cannot be opened; the message names the file.
    """
    project = pathlib.Path(project_path)
    if project.name == "config.yaml" and project.is_file():
        project = project.parent
    config = _read_config(project / "config.yaml")
    skeleton = _skeleton(project / "config.yaml", config)
    tables, notes = _find_tables(project, config.get("scorer"))

    with concurrent.futures.ThreadPoolExecutor() as pool:  # decodes several videos at once
        tasks = [
            pool.submit(_read_clip, project, config, skeleton.joints, find_past_end, name, table)
            for name, table in sorted(tables.items())
        ]
    results = [task.result() for task in tasks]
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
    tables = {}
    notes = []
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
    """Returns (`Clip` or None, problems, notes) of one table."""
    rows = read_table(table, joints)
    if not rows:
        return None, [], [f"{table}: left out, no rows in it"]
    rows, notes = _drop_blank_rows(table, rows)
    if not rows:
        return None, [], notes
    names = [os.path.basename(row.image) for row in rows]
    positions = label_rows.positions_by_number(names)
    video_path = _find_video(project, config, name)
    video = None
    turn = 1
    if positions is None:
        positions = label_rows.positions_by_order(names)
        if video_path is not None:
            notes.append(
                f"{table}: image names without a frame number of their own, so {name} has no neighbours in time"
            )
    elif video_path is not None:
        video, positions, turn, found = _match_video(VideoFrames(video_path), rows, positions, find_past_end, name)
        notes += [f"{table}: {note}" for note in found]
    clip, problems = label_rows.build_clip(name, rows, positions, joints, video, turn)
    return clip, problems, notes


def _match_video(video, rows, positions, find_past_end, name):
    """Compares the images with the video.

    Returns (video or None if it does not fit, positions, how the images are turned to lie like it, notes). Turns the
    points of `rows` with the images.
    """
    turn = frame_numbers.find_turn(video, rows, positions)
    mismatch = frame_numbers.describe_sizes(video, rows, turn)
    if mismatch:
        return None, positions, 1, [f"{mismatch}, so {name} has no neighbours in time"]
    corrected, notes = frame_numbers.correct_positions(video, rows, positions, find_past_end, turn)
    if corrected is None:
        return None, positions, 1, notes
    return video, corrected, turn, notes + frame_numbers.turn_rows(video, rows, turn)


def _drop_blank_rows(table, rows):
    """Drops rows without any coordinate: DeepLabCut writes a row for each extracted frame, labelled or not."""
    labelled = [row for row in rows if row.messages or not np.isnan(row.points).all()]
    blank = len(rows) - len(labelled)
    if not blank:
        return rows, []
    return labelled, [f"{table}: left out {blank} of {len(rows)} rows, in which no body part is labelled"]


def _find_video(project, config, name):
    """Returns the path of the clip's video, or None. A video that config.yaml lists comes first."""
    listed = [str(key).replace("\\", "/") for key in (config.get("video_sets") or {})]
    listed = [path for path in listed if pathlib.PurePosixPath(path).stem == name]
    folder = project / "videos"
    beside = sorted(f for f in folder.iterdir() if f.stem == name) if folder.is_dir() else []
    beside = [f for f in beside if f.suffix.lower() in _VIDEO_ENDINGS and f.is_file()]
    file_names = [pathlib.PurePosixPath(path).name for path in listed]
    beside.sort(key=lambda f: f.name not in file_names)
    elsewhere = [project / path for path in listed if (project / path).is_file()]
    return str((beside + elsewhere)[0]) if beside or elsewhere else None
