"""Reads the labelled frames of a DeepLabCut project: one animal (or person) per frame.

`config.yaml` lists the body parts; their order is kept. `labeled-data/<session>/CollectedData_<scorer>.csv` (or .h5)
has the labels, and its folder has the labelled frames as images. A session becomes a clip. `videos/<session>.*`, if it
exists, has the neighbours of these frames. The number in `img0011.png` is the 0-based position of the frame in the
video. The format cannot mark occlusion, so every labelled joint counts as visible. Format: Mathis et al. 2018, and the
projects of DeepLabCut 2 and 3.
"""

from __future__ import annotations

import concurrent.futures
import dataclasses
import os

from keras_pose.data.clip import Clip
from keras_pose.data.importers import frame_numbers, label_rows
from keras_pose.data.importers.deeplabcut.config import find_config, read_config
from keras_pose.data.importers.deeplabcut.labels import read_labels
from keras_pose.data.importers.deeplabcut.ledger import Ledger
from keras_pose.data.importers.deeplabcut.sessions import find_sessions
from keras_pose.data.importers.deeplabcut.videos import ProjectVideos
from keras_pose.data.source import Problem, Source
from keras_pose.media.video import VideoFrames


def read(
    project_path: str | os.PathLike[str], find_past_end: bool = False, scorer: str = "", individual: str = ""
) -> Source:
    """Reads a project. Decodes each video up to its last label, to compare the images with their frames.

    Args:
      project_path: the folder with config.yaml, or that file.
      find_past_end: whether to search the video for the frame of an image whose number is past the end, and to give
        the label the position of that frame. Otherwise such a row keeps its number.
      scorer: whose labels to read in a session that several people labelled; empty: the scorer in config.yaml. A
        session with one table is read, whoever labelled it.
      individual: which individual of a multi-animal project to read; needed if several are labelled.

    Returns:
      `Source` with the clips sorted by name and the rows of each clip by frame; its `problems` hold the bad rows and
      the sessions whose table cannot be read. `summary` says what was left out. A row past the end of its video is
      kept without neighbours: `Clip.has_neighbours` is False for it, and a note lists it. An image that shows another
      frame of the video than its number says gets the position of that frame, with a note.

    Raises:
      ValueError: for a broken config, no session, no table that can be read, or if `scorer` or `individual` has to
        choose and does not; the message names the file.
    """
    config = read_config(find_config(os.fspath(project_path)))
    ledger = Ledger(config.project, list(config.notes))
    sessions = find_sessions(config.project, ledger)
    labelled, problems = read_labels(config, sessions, scorer, individual, ledger)
    videos = ProjectVideos(config.project, config.videos)
    with concurrent.futures.ThreadPoolExecutor() as pool:  # decodes several videos at once
        tasks = [
            pool.submit(_make_clip, session, rows, videos, config.skeleton.joints, find_past_end)
            for session, rows in labelled
        ]
    clips = []
    for result in [task.result() for task in tasks]:
        ledger.notes += result.notes
        problems += result.problems
        if result.without_video:
            ledger.miss_video(result.name, *result.without_video)
        if result.clip is None:
            ledger.leave_out(result.name, "none of the images can be read")
        else:
            clips.append(result.clip)
    summary = ledger.summarize(len(clips), sum(clip.num_labelled for clip in clips))
    return Source(
        clips, config.skeleton, problems=tuple(problems), notes=tuple(ledger.notes), name=ledger.name, summary=summary
    )


@dataclasses.dataclass
class _Result:
    """What became of a session: its clip or None, problems, notes, and why it has no video."""

    name: str
    clip: Clip | None
    problems: list[Problem]
    notes: list[str]
    without_video: tuple[str, str] | None


def _make_clip(session, rows, videos, joints, find_past_end):
    table = rows[0].origin.rpartition(":")[0]
    positions = label_rows.positions_by_number([os.path.basename(row.image) for row in rows])
    paths = videos.find(session.name)
    notes: list[str] = []
    video = None
    turn = 1
    missing = None
    if positions is None:
        positions = label_rows.positions_by_order([os.path.basename(row.image) for row in rows])
        if paths:
            notes.append(f"image names without frame numbers of their own, so {session.name} has no neighbours in time")
            missing = ("the names of the images have no frame numbers", "name each image img<frame number>.png")
    elif paths:
        video, positions, turn, notes, missing = _open_video(paths, rows, positions, find_past_end, session.name)
    else:
        missing = videos.explain(session.name)
        notes = [f"used without neighbours: {missing[0]}"] if missing[0] else []
    clip, problems = label_rows.build_clip(session.name, rows, positions, joints, video, turn)
    notes = [f"{table}: {note}" for note in notes]
    return _Result(session.name, clip, problems, notes, missing if clip and missing and missing[0] else None)


def _open_video(paths, rows, positions, find_past_end, name):
    """Finds the first video that the images come from.

    Returns (video or None, positions, how the images are turned to lie like it, notes, why there is no video).
    """
    all_notes = []
    missing = ("", "")
    for path in paths:
        try:
            video, corrected, turn, notes = _match_video(VideoFrames(path), rows, positions, find_past_end, name)
        except (OSError, ValueError) as error:
            all_notes.append(f"used without neighbours: {error}")
            missing = ("the video cannot be decoded", "convert the video to .mp4")
            continue
        if video is not None:
            return video, corrected, turn, notes, None
        all_notes += notes
        missing = ("the video does not fit the images", "put the video that the images were cut from there")
    return None, positions, 1, all_notes, missing


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
