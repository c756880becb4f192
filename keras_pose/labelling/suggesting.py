"""From videos to suggested frames: predict, look, score, choose, carry labels, write.

What takes long is kept: `<out_dir>/poses/<clip>.npz` has the poses of each video that is done, so a command that was
stopped goes on behind it.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import numpy as np

from keras_pose import console, files
from keras_pose.data.source import Source
from keras_pose.labelling import (
    choice,
    contact_sheet,
    existing_labels,
    frame_looks,
    frame_scores,
    starting_labels,
    video_poses_of,
)
from keras_pose.labelling.config import SuggestConfig
from keras_pose.labelling.suggestions import SuggestedFrame, Suggestions, write_table
from keras_pose.labelling.writers import WRITERS
from keras_pose.media.video import VideoFrames
from keras_pose.poses import video_poses

SURE = 0.2  # a carried joint counts more than the net's if its confidence is so high
_DEFAULT_FPS = 25.0  # of a video that states none
_DEFAULT_SCORER = "labeller"
_MODEL_FILES = ("flags.txt", "saved_model.pb")


def check(config: SuggestConfig) -> Source | None:
    """Checks all that can be checked without TensorFlow, and opens the existing labels.

    Returns:
      `Source` of the labels; None without any.

    Raises:
      ValueError: for missing files or libraries, labels that cannot be read, two videos of one name, or a folder that
        is in use.
    """
    WRITERS[config.to].load().check()
    files.check_folder(config.out_dir, "--out_dir")
    if config.run_dir and not any(os.path.isfile(os.path.join(config.run_dir, name)) for name in _MODEL_FILES):
        raise ValueError(
            f"--run_dir: expected the folder of a run (with flags.txt) or of an export's version (with "
            f"saved_model.pb), received {config.run_dir}"
        )
    for flag, paths in (("video", config.video_paths), ("poses", config.pose_paths)):
        for path in paths:
            if not os.path.isfile(path):
                raise ValueError(f"--{flag}: expected files, found no file {path}")
    known = [video_poses.load(path).video.path for path in config.pose_paths]
    known = [path for path in known if os.path.isfile(path)]  # one that has moved is given as --video
    names: dict[str, str] = {}
    for path in dict.fromkeys([*map(os.path.abspath, known), *map(os.path.abspath, config.video_paths)]):
        other = names.setdefault(video_poses_of.video_name(path), path)
        if other != path:
            raise ValueError(
                f"--video: expected videos of different names, received {other} and {path}: labelling tools know a "
                "video by its name"
            )
    result = os.path.join(config.out_dir, "suggested.csv")
    if os.path.exists(result):
        raise ValueError(f"--out_dir: expected a new folder, {config.out_dir} holds a finished suggestion; rename it")
    return existing_labels.open_labels(config.labels, config.run_dir)


def suggest(config: SuggestConfig, labels: Source | None, echo: Callable[[str], None] = console.show) -> Suggestions:
    """Suggests frames and writes them.

    Args:
      config: what to do; `check` has found it good.
      labels: what is labelled already.
      echo: function that shows a line of text.

    Returns:
      The suggested frames.

    Raises:
      ValueError: if a video cannot be read, or no frame is left to suggest.
    """
    videos = video_poses_of.poses_of_videos(config, echo)
    skeleton = videos[0].skeleton
    looks = [_look(poses) for poses in videos]
    scores = [frame_scores.score_frames(poses, look.disagreement) for poses, look in zip(videos, looks)]
    worth = frame_scores.combine(scores)
    known = [existing_labels.labels_of(labels, poses.video.name, skeleton) for poses in videos]
    places, all_frames = _choose(videos, looks, scores, worth, known, config)
    if not places:
        raise ValueError("no frame is left to suggest: all are labelled, next to labelled ones, or not decodable")
    if len(places) < config.count:
        echo(f"note: only {len(places)} frames are {config.min_gap:g} s from each other and from labelled ones")
    ranks = frame_scores.rank_signs(scores)
    frames = []
    starts = np.cumsum([0, *(poses.num_frames for poses in videos)])
    for number, poses in enumerate(videos):
        rows = sorted(place - starts[number] for place in places if all_frames.videos[place] == number)
        frames += _start(poses, rows, worth[number], ranks[number], known[number], config)
    used = {frame.clip for frame in frames}
    facts = {poses.video.name: poses.video for poses in videos if poses.video.name in used}
    suggestions = Suggestions(frames, facts, skeleton, videos[0].model)
    _write(config, suggestions, labels, echo)
    return suggestions


def _look(poses):
    """Thumbnails and disagreement; the video is read once."""
    meter = console.Meter(f"comparing frames of {poses.video.name}", poses.num_frames, "frames")
    video = VideoFrames(poses.video.path)
    try:
        return frame_looks.look_at(video.numbered(), poses.frames, poses.joints, progress=meter.advance)
    except ValueError as error:
        raise ValueError(f"{poses.video.path}: {error}") from error
    finally:
        meter.close()
        video.close()


def _choose(videos, looks, scores, worth, known, config):
    """Returns the chosen positions among all frames, and all frames."""
    count = sum(poses.num_frames for poses in videos)
    frames = choice.Candidates(
        videos=choice.number_videos([poses.num_frames for poses in videos]),
        frames=np.concatenate([poses.frames for poses in videos]),
        scores=np.concatenate(worth),
        looks=np.zeros((count, 0), np.float32),
        usable=np.concatenate([video.usable for video in scores]),
        labelled=np.concatenate([np.isin(poses.frames, list(labels)) for poses, labels in zip(videos, known)]),
    )
    gap = _gap(config, videos)
    kept = choice.preselect(frames, gap, config.seed)
    sides = np.concatenate([np.full(poses.num_frames, max(poses.video.size_hw)) for poses in videos])
    described = choice.describe(
        np.concatenate([look.thumbnails for look in looks])[kept],
        np.concatenate([poses.joints[:, 0] for poses in videos])[kept],
        sides[kept],
    )
    chosen = choice.choose(frames.select(kept, described), config.count, gap, config.seed, config.choose_by)
    return [int(kept[place]) for place in chosen], frames


def _gap(config, videos):
    """The least distance of two frames, in frames."""
    rates = [poses.video.fps or _DEFAULT_FPS for poses in videos]
    return max(1, round(config.min_gap * float(np.median(rates))))


def _around(poses, rows, labels, config):
    """{frame: (joints, confidences)} of frames around the labels of a video that are not chosen anyway."""
    if not config.around_labels or not labels:
        return {}
    taken = set(labels) | {int(poses.frames[row]) for row in rows}
    decoded = set(poses.frames[poses.decoded].tolist())
    steps = [step for step in range(-config.around_labels, config.around_labels + 1) if step]
    targets = sorted({number + step for number in labels for step in steps} & decoded - taken)
    video = VideoFrames(poses.video.path)
    try:
        carrier = starting_labels.LabelCarrier(config.flow)
        return starting_labels.carry_to(video.read, labels, targets, config.around_labels, carrier)
    finally:
        video.close()


def _start(poses, rows, worth, ranks, labels, config):
    """`SuggestedFrame`s of the chosen rows of a video, and of the frames around its labels, in order.

    Joints start from labels nearby where the flow is reliable, else from the net.
    """
    carried = _around(poses, rows, labels, config)
    rows = sorted({*rows, *np.flatnonzero(np.isin(poses.frames, list(carried))).tolist()})
    frames = []
    for row in rows:
        number = int(poses.frames[row])
        joints = poses.joints[row, 0].copy()
        confidences = poses.confidences[row, 0] if poses.calibration else poses.scores[row, 0]
        confidences = np.nan_to_num(confidences, nan=0.0).copy()
        points, trusted = carried.get(number, (joints, np.zeros(len(joints), np.float32)))
        better = (trusted >= SURE) & np.isfinite(points).all(-1)
        joints[better] = points[better]
        confidences[better] = trusted[better]
        signs = {name: float(values[row]) for name, values in ranks.items()}
        time_s = float(poses.times_s[row])
        name = poses.video.name
        frames.append(SuggestedFrame(name, number, time_s, float(worth[row]), signs, joints, confidences, better))
    return frames


def _write(config, suggestions, labels, echo):
    opened = (
        WRITERS[config.to]
        .load()
        .write(config.out_dir, suggestions, config.scorer or _scorer_of(labels), config.as_labels)
    )
    sheet = os.path.join(config.out_dir, "suggested.png")
    contact_sheet.write(sheet, suggestions)
    write_table(os.path.join(config.out_dir, "suggested.csv"), suggestions)
    carried = sum(int(frame.carried.sum()) for frame in suggestions.frames)
    more = f"; {carried} joints start from labels nearby" if carried else ""
    echo(f"wrote {len(suggestions.frames)} frames of {len(suggestions.videos)} videos to {opened}{more}")
    echo(f"look at {sheet}, correct the labels, then: keras-pose merge --labels=<corrected> --into=<project>")


def _scorer_of(labels):
    """The scorer in the config of a DeepLabCut project."""
    from keras_pose.data import importers
    from keras_pose.data.importers.deeplabcut import config as deeplabcut

    if labels is None or not importers.is_deeplabcut_project(labels.name):
        return _DEFAULT_SCORER
    return deeplabcut.read_config(deeplabcut.find_config(labels.name)).scorer or _DEFAULT_SCORER
