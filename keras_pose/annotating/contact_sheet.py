"""A picture of frames of which the teacher is sure, and of frames of which it is not."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from keras_pose.annotating import video_labels
from keras_pose.data.clip import HIDDEN, VISIBLE
from keras_pose.media.video import VideoFrames
from keras_pose.skeleton import Skeleton
from keras_pose.viz import pictures, skeletons

FILE_NAME = "annotations.png"
_OF_EACH = 10
_COLUMNS = 5
_SIDE_PX = 260
_GAP_FRAMES = 10
_NO_FRAMES = 1 << 31  # no gap is so long: one frame of each video


def write(folder: str, videos: Sequence[Mapping[str, Any]], skeleton: Skeleton, min_confidence: float) -> str:
    """Writes the picture; returns its path.

    Args:
      folder: folder of annotations.
      videos: entries of labelled videos (`record.Record`), at least one.
      skeleton: of the labels.
      min_confidence: least confidence of a joint that could be labelled.

    Raises:
      ValueError: if a video or its labels cannot be read.
    """
    ranked = sorted(
        (found for video in videos for found in _rank_frames(folder, video)), key=lambda each: (each[0], each[1:3])
    )
    half = max(1, min(_OF_EACH, len(ranked) // 2))
    chosen = [*_spread(ranked[::-1], half), *_spread(ranked, half)] if len(ranked) > 1 else ranked
    by_name = {video["name"]: video for video in videos}
    tiles = [_draw(folder, by_name[name], number, skeleton, min_confidence) for _, name, number in chosen]
    picture = pictures.draw_grid(
        tiles,
        _COLUMNS,
        title=f"labels of {len(videos)} videos: the {half} surest frames, then the {half} least sure",
        note="discs: labelled joints; rings: confident joints that the neighbours contradict; at most one of a video "
        "where there are enough",
    )
    path = os.path.join(folder, FILE_NAME)
    pictures.save_png(path, picture)
    return path


def _rank_frames(folder, video):
    """(sureness, name, frame) of the labelled frames of a video: the mean weight of joints that were found."""
    labels = video_labels.read(os.path.join(folder, video["file"]))
    rows = np.flatnonzero((labels.weights > 0).any(1))
    return [(float(labels.weights[row].mean()), video["name"], int(labels.frames[row])) for row in rows]


def _spread(ranked, count):
    """The first frames: of different videos, then frames that lie apart, if there are enough."""
    best: list[tuple] = []
    for least_gap in (_NO_FRAMES, _GAP_FRAMES, 1):
        for each in ranked:
            if len(best) < count and all(each[1] != other[1] or abs(each[2] - other[2]) >= least_gap for other in best):
                best.append(each)
    return best


def _draw(folder, video, number, skeleton, min_confidence):
    labels = video_labels.read(os.path.join(folder, video["file"]))
    row = int(np.flatnonzero(labels.frames == number)[0])
    kept = labels.weights[row] > 0
    thrown_out = ~kept & (labels.confidences[row] >= min_confidence)
    with contextlib.closing(VideoFrames(video["path"])) as reader:
        large, scale = skeletons.enlarge(reader.read([number])[0], _SIDE_PX)
    points = np.where((kept | thrown_out)[:, None], labels.joints[row], np.nan)
    points = skeletons.scale_points(points, scale)
    drawn = skeletons.draw_skeleton(large, points, skeleton, np.where(kept, VISIBLE, HIDDEN))
    mean = float(labels.weights[row][kept].mean())
    return pictures.Tile(drawn, (f"{video['name']} #{number}", f"{kept.sum()} joints, mean weight {mean:.2f}"))
