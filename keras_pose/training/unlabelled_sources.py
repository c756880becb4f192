"""Opens what `--unlabelled` names: videos of the training clips, other videos, or a source whose labels are ignored.

All of them become clips without a labelled joint. Loads no TensorFlow.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence

import numpy as np

from keras_pose import files
from keras_pose.analysis import video_list
from keras_pose.data import authors_split, groups, importers
from keras_pose.data.clip import Clip, missing_frames
from keras_pose.data.config import DataConfig
from keras_pose.data.lazy_video import LazyVideo
from keras_pose.data.open_source import open_source
from keras_pose.data.shard_frames import ShardFrames
from keras_pose.media.video import VideoFrames
from keras_pose.runs.unlabelled_flags import NEIGHBOURS

NAME = "unlabelled"  # of the source of these clips (`Clip.source`), and in front of their names
FLAG = "--unlabelled"
_LIST_ENDING = ".txt"


def check_exists(spec: str) -> None:
    """Checks that videos or sources exist, before anything is written.

    Raises:
      ValueError: for what is not there; the message names the flag.
    """
    if spec and spec != NEIGHBOURS:
        _divide(spec)


def open_clips(spec: str, train: Sequence[Clip], config: DataConfig) -> list[Clip]:
    """Opens the clips that `--unlabelled` names.

    Args:
      spec: value of the flag, not empty.
      train: the training clips.
      config: how sources are read, and how clips are grouped.

    Returns:
      Clips without labelled frames, from the source `NAME`, with its name in front of theirs. Those of separate
      pictures, or of shards, which lack most frames, are not among them.

    Raises:
      ValueError: for videos or sources that cannot be read.
    """
    num_joints = train[0].joints.shape[1]
    if spec == NEIGHBOURS:
        found = list(train)
    else:
        sources, videos = _divide(spec)
        found = [clip for source in sources for clip in _open_source(source, config)]
        found += _open_videos(videos)
        found, _ = groups.regroup(found, config.group_by, must_fit=False)
    return [_mark(clip, num_joints) for clip in found if _is_video(clip)]


def free_positions(clip: Clip, train: Sequence[Clip]) -> np.ndarray:
    """Returns int64 [N], the frames of a clip that exist and that no training clip has labels of.

    Args:
      clip: a clip of `open_clips`.
      train: the training clips.
    """
    labelled = {int(i) for other in train if other.frames is clip.frames for i in other.labelled}
    count = clip.frames.num_frames or 0
    taken = labelled | missing_frames(clip.frames)
    return np.array([position for position in range(count) if position not in taken], np.int64)


def file_of(clip: Clip) -> str:
    """Returns the real path of the video of a clip; empty if its frames are in no video file."""
    frames = getattr(clip.frames, "video", None) or clip.frames
    return os.path.realpath(frames.path) if isinstance(frames, (LazyVideo, VideoFrames)) else ""


def _divide(spec):
    """Returns (sources that importers read, paths of videos)."""
    sources = []
    others = []
    for part in files.split_paths(spec):
        is_list = os.path.isfile(part) and part.lower().endswith(_LIST_ENDING)
        read = not is_list and any(importer.matches(part) for importer in importers.IMPORTERS)
        (sources if read else others).append(part)
    videos = video_list.find_videos(others, FLAG) if others or not sources else []
    return sources, videos


def _open_source(spec, config):
    return open_source(
        spec,
        num_clips=config.signer_clips,
        num_frames=config.signer_frames,
        size_hw=(config.signer_size, config.signer_size),
        label_every=config.signer_label_every,
        image_dir=config.image_dir,
        category=config.category,
        scorer=config.scorer,
        individual=config.individual,
        split=authors_split.parse(authors_split.RANDOM),
    ).clips


def _open_videos(paths):
    clips = []
    taken = set()
    for path in paths:
        name = os.path.splitext(os.path.basename(path))[0]
        if name in taken:  # of another folder
            name = os.path.splitext(path)[0]
        taken.add(name)
        nothing = np.zeros(0, np.int32)
        clips.append(Clip(name, VideoFrames(path), nothing, np.zeros((0, 1, 2)), np.zeros((0, 1))))
    return clips


def _is_video(clip):
    return not isinstance(clip.frames, ShardFrames) and bool(clip.frames.num_frames)


def _mark(clip, num_joints):
    nothing = np.zeros((0, num_joints))
    return dataclasses.replace(
        clip,
        name=f"{NAME}/{clip.name}",
        session=f"{NAME}/{clip.session}",
        source=NAME,
        labelled=np.zeros(0, np.int32),
        joints=np.zeros((0, num_joints, 2)),
        visibility=nothing,
        weights=nothing,
        origins=(),
        landmarks={},
    )
