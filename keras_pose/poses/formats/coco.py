"""COCO keypoints with scores: one annotation for each person in each frame.

`videos`, `video_id` and `frame_index` are those of labels of video frames (docs/data.md), so the file can be read as
labels, too. `keypoints` are J × (x, y, v) in px with pixel centres at integers; v is 2, or 0 for a joint that is not
there. `bbox` is the smallest box around the joints that are there. `keypoint_scores` has a likelihood for each joint.
`info.keras_pose` is the description. Source: cocodataset.org, keypoint detection.
"""

from __future__ import annotations

import json
import os
from typing import Any

import numpy as np

from keras_pose import files
from keras_pose.poses.formats import description, values
from keras_pose.poses.video_poses import VideoPoses

_FRAMES_AT_ONCE = 2048


def write(path: str | os.PathLike[str], poses: VideoPoses) -> None:
    """Writes poses as COCO JSON."""
    about = description.describe(poses)
    head = {
        "info": {
            "description": f"Poses of {poses.video.name}",
            "likelihood": description.explain_likelihood(poses),
            description.KEY: about,
        },
        "videos": [{"id": 1, "file_name": poses.video.path}],
        "categories": [_category(poses)],
    }
    with files.replace_atomically(path) as temporary, open(temporary, "w", encoding="utf-8", newline="") as file:
        file.write(json.dumps(head, allow_nan=False)[:-1])
        for name, write_some in (("images", _images), ("annotations", _annotations)):
            file.write(f',\n"{name}": [')
            separator = "\n"
            for first in range(0, poses.num_frames, _FRAMES_AT_ONCE):
                lines = write_some(poses, first, min(first + _FRAMES_AT_ONCE, poses.num_frames))
                if lines:
                    file.write(separator + ",\n".join(lines))
                    separator = ",\n"
            file.write("\n]")
        file.write("}\n")


def read_description(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Reads the description of poses from COCO JSON."""
    content = files.read_json(path)
    info = content.get("info") if isinstance(content, dict) else None
    about = info.get(description.KEY) if isinstance(info, dict) else None
    return description.parse(path, json.dumps(about))


def _category(poses):
    skeleton = poses.skeleton
    return {
        "id": 1,
        "name": skeleton.name,
        "keypoints": list(skeleton.joints),
        "skeleton": [[a + 1, b + 1] for a, b in skeleton.edge_indices()],
        "flip_pairs": [list(pair) for pair in skeleton.flip_pairs],
        "colors": [list(color) for color in skeleton.colors],
    }


def _images(poses, first, last):
    """Frames as images; the id of an image is the number of its frame plus 1."""
    height, width = poses.video.size_hw
    folder = json.dumps(poses.video.name)[1:-1].replace("%", "%%")
    line = (
        f'{{"id": %d, "video_id": 1, "frame_index": %d, "file_name": "{folder}/%06d.png", '
        f'"width": {width}, "height": {height}, "time_s": %.6f, "decoded": %s}}'
    )
    decoded = np.where(poses.decoded[first:last], "true", "false").tolist()
    lines = []
    for number, time_s, word in zip(poses.frames[first:last].tolist(), poses.times_s[first:last].tolist(), decoded):
        text = line if np.isfinite(time_s) else line.replace("%.6f", "%s")
        lines.append(text % (number + 1, number, number, time_s if np.isfinite(time_s) else "null", word))
    return lines


def _annotations(poses, first, last):
    """People who are there; a score that is unknown (a net without heatmaps) is left out."""
    part = values.take(poses, first, last)
    there = values.are_there(part)
    joints = np.where(there[..., None], part.joints, 0)
    keypoints = np.concatenate([joints, 2 * there[..., None]], -1).reshape(*there.shape[:2], -1)
    low = np.where(there[..., None], part.joints, np.inf).min(2)
    size = np.where(there[..., None], part.joints, -np.inf).max(2) - low
    numbers = part.frames[:, None] * len(poses.people) + np.arange(1, len(poses.people) + 1)
    columns = [
        numbers[..., None],
        np.broadcast_to(part.frames[:, None, None] + 1, (*numbers.shape, 1)),
        np.broadcast_to(np.arange(1, len(poses.people) + 1)[:, None], (*numbers.shape, 1)),
        there.sum(-1)[..., None],
        keypoints,
        low,
        size,
        size.prod(-1)[..., None],
        values.mean_likelihoods(part)[..., None],
        values.likelihoods(part, 0),
    ]
    rows = np.concatenate([column[there.any(-1)] for column in columns], -1, dtype=np.float64)
    text = (_line(there.shape[2]) * len(rows)) % tuple(rows.ravel().tolist())
    return text.replace('"score": nan, ', "").replace("nan", "null").split("\n")[:-1]


def _line(num_joints):
    """Returns an annotation as a format string."""
    return (
        '{"id": %d, "image_id": %d, "category_id": 1, "track_id": %d, "iscrowd": 0, "num_keypoints": %d, '
        f'"keypoints": [{", ".join(["%.3f, %.3f, %d"] * num_joints)}], '
        '"bbox": [%.3f, %.3f, %.3f, %.3f], "area": %.3f, '
        f'"score": %.6f, "keypoint_scores": [{", ".join(["%.6f"] * num_joints)}]}}\n'
    )
