"""Predicted labels as files that labelling tools open: a DeepLabCut table, and a SLEAP file if sleap-io is installed.

Both hold positions in px of the frame and say that they are predictions: the table by its scorer and the column
`likelihood`, the SLEAP file by instances of the kind "predicted". Its videos and images are named by absolute paths.
Frames that are in no file (synthetic ones) are in the table only.
"""

from __future__ import annotations

import csv
import importlib.util
import io
import math
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from keras_pose import files
from keras_pose.data.clip import Clip
from keras_pose.data.image_frames import ImageFrames, VideoWithImages
from keras_pose.data.lazy_video import LazyVideo
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.media.video import VideoFrames
from keras_pose.skeleton import Skeleton

FOLDER = "predictions"
_COORDS = ("x", "y", "likelihood")


def write_predicted_labels(
    folder: str | os.PathLike[str],
    part: str,
    predictions: Sequence[ClipPredictions],
    clips: Mapping[str, Clip],
    skeleton: Skeleton,
    run: str,
) -> list[str]:
    """Writes the predicted labels of one set of frames.

    Args:
      folder: folder to write to.
      part: name of the set, which becomes the name of the files: `<part>.csv` and `<part>.slp`.
      predictions: the predictions.
      clips: the clips that they are of, by name.
      skeleton: the joints.
      run: name of the run, part of the scorer.

    Returns:
      Paths of the files written.
    """
    scorer = f"keras_pose_{re.sub(r'[^A-Za-z0-9.-]+', '-', run)}"
    base = os.path.join(folder, part)
    files.write_text(f"{base}.csv", _format_table(predictions, clips, skeleton, scorer))
    written = [f"{base}.csv"]
    in_files = [found for found in predictions if _file_of(clips[found.name]) is not None]
    if in_files and importlib.util.find_spec("sleap_io") is not None:
        with files.replace_atomically(f"{base}.slp") as temporary:
            _write_slp(temporary, in_files, clips, skeleton)
        written.append(f"{base}.slp")
    elif os.path.exists(f"{base}.slp"):
        os.remove(f"{base}.slp")  # of other predictions
    return written


def _format_table(predictions, clips, skeleton, scorer):
    """The text of a table: three columns that name a frame as DeepLabCut does, then x, y, likelihood of each joint."""
    width = len(_COORDS) * skeleton.num_joints
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["scorer", "", "", *[scorer] * width])
    table.writerow(["bodyparts", "", "", *(joint for joint in skeleton.joints for _ in _COORDS)])
    table.writerow(["coords", "", "", *_COORDS * skeleton.num_joints])
    named = set()
    for found in predictions:
        clip = clips[found.name]
        paths = getattr(clip.frames, "paths", {})
        for position, joints, scores in zip(found.frames.tolist(), found.predicted, found.scores):
            image = os.path.basename(paths[position]) if position in paths else f"img{position:06d}.png"
            values = np.concatenate([joints, scores[:, None]], axis=1).ravel().tolist()
            numbers = ["" if math.isnan(value) else f"{value:.4f}" for value in values]
            # Two people of one picture are two clips of one session: the row of the second names its clip.
            folder = clip.name if (clip.session, image) in named else clip.session
            named.add((folder, image))
            table.writerow(["labeled-data", folder, image, *numbers])
    return text.getvalue()


def _file_of(clip) -> str | dict[int, str] | None:
    """The video of a clip, or {position: image}; None if its frames are in no file of their own."""
    frames: Any = clip.frames
    if isinstance(frames, VideoWithImages):
        frames = frames.video
    if isinstance(frames, (LazyVideo, VideoFrames)):
        return os.path.abspath(frames.path)
    if isinstance(frames, ImageFrames):
        return {position: os.path.abspath(path) for position, path in frames.paths.items()}
    return None


def _write_slp(path, predictions, clips, skeleton):
    import sleap_io

    edges = [list(edge) for edge in skeleton.edges]
    symmetries = [list(pair) for pair in skeleton.flip_pairs]
    of_sleap = sleap_io.Skeleton(list(skeleton.joints), edges=edges, symmetries=symmetries, name=skeleton.name)
    frames = []
    videos: dict[str, Any] = {}
    for found in predictions:
        file = _file_of(clips[found.name])
        if isinstance(file, dict):
            positions = found.frames.tolist()
            images = [file[position] for position in positions]
            video = sleap_io.Video.from_filename(images)
            numbers = list(range(len(positions)))
        else:
            video = videos[file] if file in videos else _name_video(sleap_io, file)
            videos[file] = video
            numbers = found.frames.tolist()
        for number, joints, scores in zip(numbers, found.predicted, found.scores):
            known = np.nan_to_num(scores)
            person = sleap_io.PredictedInstance.from_numpy(
                joints.astype(np.float64), skeleton=of_sleap, point_scores=known, score=float(known.mean())
            )
            frames.append(sleap_io.LabeledFrame(video=video, frame_idx=int(number), instances=[person]))
    labels = sleap_io.Labels(frames, skeletons=[of_sleap])
    sleap_io.save_file(labels, path, format="slp", embed=False)


def _name_video(sleap_io, path):
    """The entry of a video in a labels file; one of a kind that sleap_io does not open (.mpg, …) is named only."""
    try:
        return sleap_io.Video.from_filename(path)
    except ValueError:
        return sleap_io.Video(filename=path, open_backend=False)
