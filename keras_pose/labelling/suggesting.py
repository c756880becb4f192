"""From videos to suggested frames: predict, look, score, choose, carry labels, write.

What takes long is kept: a command that was stopped goes on where it was, in the middle of a video too.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable

import numpy as np

from keras_pose import console, files, locks
from keras_pose.labelling import (
    choice,
    contact_sheet,
    existing_labels,
    frame_looks,
    frame_scores,
    predicted_videos,
    starting_frames,
)
from keras_pose.labelling.config import SuggestConfig
from keras_pose.labelling.suggest_checks import Checked
from keras_pose.labelling.suggestions import Suggestions, write_table
from keras_pose.labelling.writers import WRITERS
from keras_pose.media.video import VideoFrames
from keras_pose.words import count

_DEFAULT_FPS = 25.0  # of a video that states none
_DEFAULT_SCORER = "labeller"


def suggest(config: SuggestConfig, checked: Checked, echo: Callable[[str], None] = console.show) -> Suggestions:
    """Suggests frames and writes them.

    Args:
      config: what to do.
      checked: what `check` returned for it.
      echo: function that shows a line of text.

    Returns:
      The suggested frames.

    Raises:
      ValueError: if no video can be read, no frame is left to suggest, or another process writes to the folder.
      OSError: if the folder cannot be written.
    """
    with files.name_unwritable(config.out_dir):
        os.makedirs(config.out_dir, exist_ok=True)
    with locks.hold_folder(config.out_dir, f"--out_dir: another process is writing to {config.out_dir}"):
        videos = predicted_videos.poses_of_videos(config, checked.videos, echo)
        suggestions = _select(config, videos, checked.labels, echo)
        _write(config, suggestions, checked.labels, echo)
        predicted_videos.remove_parts(config.out_dir)
    return suggestions


def _select(config, videos, labels, echo):
    """Scores all frames, chooses some and gives them starting labels."""
    skeleton = videos[0].skeleton
    looks = [_look(poses) for poses in videos]
    scores = [frame_scores.score_frames(poses, look.disagreement) for poses, look in zip(videos, looks)]
    worth = frame_scores.combine(scores)
    known = [existing_labels.labels_of(labels, poses.video.name, skeleton) for poses in videos]
    places, all_frames = _choose(videos, looks, scores, worth, known, config)
    if not places:
        raise ValueError(
            f"no frame is left to suggest: all are labelled, less than --min_gap={config.min_gap:g} s from labelled "
            "ones, or not decodable; add videos, or lower --min_gap"
        )
    if len(places) < config.count:
        gap = f"--min_gap={config.min_gap:g} s"
        echo(f"note: only {len(places)} frames, of {config.count}, are {gap} from each other and from labelled ones")
    ranks = frame_scores.rank_signs(scores)
    frames = []
    starts = np.cumsum([0, *(poses.num_frames for poses in videos)])
    for number, poses in enumerate(videos):
        rows = sorted(int(place - starts[number]) for place in places if all_frames.videos[place] == number)
        around = (known[number], config.around_labels, config.flow)
        frames += starting_frames.start(poses, rows, worth[number], ranks[number], *around)
    used = {frame.clip for frame in frames}
    facts = {poses.video.name: poses.video for poses in videos if poses.video.name in used}
    return Suggestions(frames, facts, skeleton, videos[0].model)


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
    num_frames = sum(poses.num_frames for poses in videos)
    frames = choice.Candidates(
        videos=choice.number_videos([poses.num_frames for poses in videos]),
        frames=np.concatenate([poses.frames for poses in videos]),
        scores=np.concatenate(worth),
        looks=np.zeros((num_frames, 0), np.float32),
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
    frames = f"{count(len(suggestions.frames), 'frame')} of {count(len(suggestions.videos), 'video')}"
    echo(f"wrote {frames} to {opened}{more}")
    corrected = shlex.quote(config.out_dir) if config.to == "deeplabcut" else "<corrected>"
    project = shlex.quote(_project_of(labels)) if _project_of(labels) else "<project>"
    echo(f"look at {sheet}, correct the labels, then: keras-pose merge --labels={corrected} --into={project}")


def _project_of(labels):
    """The DeepLabCut project of the existing labels; "" if they are something else."""
    from keras_pose.data import importers

    return labels.name if labels is not None and importers.is_deeplabcut_project(labels.name) else ""


def _scorer_of(labels):
    """The scorer in the config of a DeepLabCut project."""
    from keras_pose.data.importers.deeplabcut import config as deeplabcut

    project = _project_of(labels)
    if not project:
        return _DEFAULT_SCORER
    return deeplabcut.read_config(deeplabcut.find_config(project)).scorer or _DEFAULT_SCORER
