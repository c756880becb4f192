"""Labels of a toy mouse in a short video, as sleap-io holds them."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest

from keras_pose.media.video_writer import write_video

sio = pytest.importorskip("sleap_io", reason="sleap-io is not installed (requirements/formats.txt)")

SIZE_HW = (48, 64)
JOINTS = ("tail", "nose", "right_ear", "left_ear")  # neither sorted nor left first
FRAMES = (2, 5, 6)


def write_clip(folder: str | os.PathLike[str], name: str = "clip.avi") -> str:
    """Writes a video of 8 frames whose brightness rises by 25 grey levels a frame; returns its path."""
    path = os.path.join(folder, name)
    write_video(path, [np.full((*SIZE_HW, 3), 25 * number, np.uint8) for number in range(8)], 25.0)
    return path


def make_skeleton() -> Any:
    """Returns the skeleton, of sleap-io."""
    symmetries = [("right_ear", "left_ear")]
    return sio.Skeleton(list(JOINTS), edges=[("nose", "tail")], symmetries=symmetries, name="mouse")


def points_of(number: int) -> np.ndarray:
    """Returns float [4, 4]: x, y, visible, complete. The right ear is not labelled, the left ear hidden."""
    return np.array([[10.25 + number, 20, 1, 1], [20.5, 30 + number, 1, 0], [np.nan, np.nan, 0, 0], [5, 6.75, 0, 1]])


def make_labels(video: str | list[str], frames: tuple[int, ...] = FRAMES) -> Any:
    """Returns sleap-io's labels of these frames of a video; the last frame has only a prediction."""
    skeleton = make_skeleton()
    source = sio.Video.from_filename(video)
    predicted = sio.PredictedInstance.from_numpy(np.full((4, 2), 9.0), skeleton=skeleton, score=0.5)
    found = []
    for number in frames[:-1]:
        instance = sio.Instance.from_numpy(points_of(number), skeleton=skeleton)
        found.append(sio.LabeledFrame(source, number, [instance]))
    found.append(sio.LabeledFrame(source, frames[-1], [predicted]))
    return sio.Labels(found)


def write_jabs(path: str | os.PathLike[str], version: int = 2, num_frames: int = 8) -> None:
    """Writes a JABS pose file of twelve points; the last point has confidence 0. Version 2: one mouse; 4: two."""
    import h5py

    mice = 1 if version == 2 else 2
    points = np.zeros((num_frames, mice, 12, 2), np.uint16)  # y, x
    points[..., 0] = 3 * np.arange(12)[None, None] + 1
    points[..., 1] = 2 * np.arange(12)[None, None] + np.arange(num_frames)[:, None, None]
    points[:, 1:] = points[:, 1:] // 2
    confidence = np.full((num_frames, mice, 12), 0.5, np.float32)
    confidence[..., 11] = 0
    with h5py.File(path, "w") as file:
        group = file.create_group("poseest")
        group.attrs["version"] = [version, 0]
        group["points"] = points[:, 0] if version == 2 else points
        group["confidence"] = confidence[:, 0] if version == 2 else confidence
        if version == 4:
            group["instance_embed_id"] = np.tile(np.array([[1, 2]], np.uint32), (num_frames, 1))
            group["id_mask"] = np.zeros((num_frames, mice), bool)
