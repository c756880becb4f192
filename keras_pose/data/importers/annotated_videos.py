"""Reads and describes the folder that `keras-pose annotate` writes: labels of a teacher for the frames of videos.

`annotations_source.json` names teacher, settings, skeleton and videos; beside it, an archive (.npz) of each video holds
what the teacher said, frame by frame:

| array | |
|---|---|
| `frames` | int32 [N], number of each frame in the video |
| `joints` | float32 [N, J, 2], (x, y) in px of the upright frame; NaN: not found |
| `scores` | float32 [N, J], the teacher's score |
| `confidences` | float32 [N, J], calibrated probability, or the score |
| `agreement` | float32 [N, J], 0 to 1, with the neighbours along the flow; ½: unknown |
| `weights` | float32 [N, J], weight of the label; 0: the joint is not labelled |

A video is looked for where it was relative to the folder, then where it was, then by name (`file_search`). Its content
must be the one that was labelled.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from keras_pose import files
from keras_pose.data.clip import UNLABELLED, VISIBLE, Clip
from keras_pose.data.importers.file_search import FileSearch
from keras_pose.data.source import Source
from keras_pose.media.file_digests import digest_video
from keras_pose.media.video import VideoFrames
from keras_pose.skeleton import Skeleton

FILE_NAME = "annotations_source.json"
FORMAT = 1
_SHOWN = 5  # names in a message


def read(spec: str | os.PathLike[str], image_dir: str = "") -> Source:
    """Reads a folder of annotations.

    Args:
      spec: the folder, or annotations_source.json in it.
      image_dir: folder that videos are looked for in first.

    Returns:
      `Source`; a video is a clip, with the frames in which at least one joint is labelled.

    Raises:
      ValueError: if the folder is not whole, videos are missing, or one has another content than when it was labelled.
    """
    folder = os.fspath(spec)
    folder = os.path.dirname(folder) if os.path.isfile(folder) else folder
    path = os.path.join(folder, FILE_NAME)
    about = read_description(path)
    used = [video for video in about["videos"] if video["status"] == "labelled"]
    if not used:
        raise ValueError(f"{path}: expected at least one labelled video, found none; run keras-pose annotate again")
    skeleton = Skeleton(**about["skeleton"])
    places = _find_videos(path, used, image_dir)
    clips = [_read_clip(folder, video, place, skeleton) for video, place in zip(used, places)]
    left_out = [video["name"] for video in about["videos"] if video["status"] == "left out"]
    notes = [f"labels are those of the teacher {about['teacher']['name']}, weighted by its confidence"]
    if left_out:
        notes.append(f"{len(left_out)} videos have no labels because the teacher is too unsure: {_join(left_out)}")
    return Source([clip for clip in clips if clip.num_labelled], skeleton, notes=tuple(notes))


def read_description(path: str) -> dict[str, Any]:
    """Reads annotations_source.json.

    Raises:
      ValueError: if it is damaged, or of a later version; the message names it.
    """
    about = files.read_json(path)
    try:
        version = about["format"]
        [(video["name"], video["status"]) for video in about["videos"]]
        Skeleton(**about["skeleton"])
        about["teacher"]["name"]
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path}: expected what keras-pose annotate wrote, but {error!r} is wrong") from error
    if version != FORMAT:
        raise ValueError(f"{path}: expected format {FORMAT}, received {version}: a later version wrote it")
    return about


def _find_videos(path, videos, image_dir):
    """Returns the path of each video."""
    search = FileSearch(path, image_dir)
    names = {number: (video["relative_path"], video["path"]) for number, video in enumerate(videos)}
    found = search.find(names)
    lost = [found[number].message for number in names if not found[number].path]
    if lost:
        more = f"; and {len(lost) - _SHOWN} more videos" if len(lost) > _SHOWN else ""
        raise ValueError(f"{path}: {'; '.join(lost[:_SHOWN])}{more}")
    return [found[number].path for number in names]


def _read_clip(folder, video, place, skeleton):
    if digest_video(place) != video["digest"]:
        raise ValueError(
            f"{place}: has another content than the video that was labelled ({video['path']}); set --image_dir to the "
            "folder of that one, or label this one: keras-pose annotate"
        )
    path = os.path.join(folder, video["file"])
    arrays = files.read_arrays(path, "labels of a video")
    try:
        joints, weights, numbers = arrays["joints"], arrays["weights"], arrays["frames"]
        labelled = weights > 0
        if joints.shape != (len(numbers), skeleton.num_joints, 2) or labelled.shape != joints.shape[:2]:
            raise ValueError(f"joints {list(joints.shape)} and weights {list(weights.shape)} do not fit the skeleton")
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path}: expected labels of a video as keras-pose annotate writes them: {error}") from error
    kept = labelled.any(-1)
    return Clip(
        name=video["name"],
        frames=VideoFrames(place),
        labelled=numbers[kept],
        joints=np.where(labelled[..., None], joints, np.float32(np.nan))[kept],
        visibility=np.where(labelled, VISIBLE, UNLABELLED)[kept],
        weights=np.where(labelled, weights, np.float32(1))[kept],
        origins=tuple(f"{path}:{number}" for number in numbers[kept]),
    )


def _join(names):
    hidden = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {hidden} more" if hidden > 0 else "")
