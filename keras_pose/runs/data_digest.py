"""Digests of labels and pictures: whether a run that is resumed still has the data that it began with.

A path does not tell: a project may be moved, and a file may change under its name. The digest of a labelled frame has
two halves, one of its labels (positions, visibility, weight) and one of the content of its image file. A clip with a
video has one more, of the file's size and of samples of its content. Synthetic signers have the digest of what they are
drawn from. Shards have the digests of the source that they were made of, changed if they were compressed with loss: a
run can go on from lossless shards of its source, and the other way round. Hashing reads the image files once, which
costs seconds for thousands of them. Hash: SHA-256, its first 16 hexadecimal digits.
"""

from __future__ import annotations

import concurrent.futures
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from keras_pose.data.clip import UNLABELLED, Clip
from keras_pose.data.image_frames import ImageFrames, VideoWithImages
from keras_pose.data.lazy_video import LazyVideo
from keras_pose.data.shard_frames import ShardFrames
from keras_pose.data.synthetic import versions
from keras_pose.data.synthetic.signers import SignerFrames
from keras_pose.media import file_digests
from keras_pose.media.file_digests import digest_file, digest_video
from keras_pose.media.video import VideoFrames

_DIGITS = file_digests.DIGITS

Sets = Mapping[str, Mapping[str, Mapping[str, Any]]]


def describe(sets: Mapping[str, Sequence[Clip]]) -> dict[str, dict[str, dict[str, Any]]]:
    """Returns the digests of clips, ready for JSON.

    Args:
      sets: clips by the name of their set: train, validation, test.

    Returns:
      {set: {clip: {"video": digest or "", "frames": {position: "<labels> <picture>"}}}}.

    Raises:
      OSError: if a file cannot be read.
      ValueError: if a frame cannot be read.
    """
    clips = [clip for members in sets.values() for clip in members]
    pictures = {path for clip in clips for path in _picture_files(clip).values()}
    videos = {path for clip in clips for path in _video_files(clip)}
    with concurrent.futures.ThreadPoolExecutor() as pool:  # hashing and reading release the interpreter
        of_picture = dict(zip(pictures, pool.map(digest_file, pictures)))
        of_video = dict(zip(videos, pool.map(digest_video, videos)))
    return {
        name: {clip.name: _describe_clip(clip, of_picture, of_video) for clip in members}
        for name, members in sets.items()
    }


def from_split(split: Mapping[str, Mapping[str, Sequence[int]]]) -> dict[str, dict[str, dict[str, Any]]]:
    """Returns what `describe` returns for the positions of `split.json` alone, with empty digests: nothing is known."""
    return {
        name: {clip: {"video": "", "frames": {str(i): "" for i in positions}} for clip, positions in clips.items()}
        for name, clips in split.items()
    }


def find_change(before: Sets, now: Sets) -> str:
    """Compares the digests of two moments.

    Args:
      before, now: what `describe` or `from_split` returned.

    Returns:
      The first difference in words; empty if there is none. Empty digests are equal to any.
    """
    for clip in sorted({clip for sets in (before, now) for clips in sets.values() for clip in clips}):
        change = _find_change_of_clip(clip, _gather(before, clip), _gather(now, clip))
        if change:
            return change
    # The same frames may be in other sets, because a split was changed or a clip has come or gone.
    for name, clips in before.items():
        for clip, entry in clips.items():
            for position in entry["frames"]:
                if position not in now.get(name, {}).get(clip, {}).get("frames", {}):
                    return f"frame {position} of clip {clip} is no longer among the {name} frames"
    return ""


def _gather(sets, clip):
    """All sets of a clip together: (digests of its videos, {position: its digests})."""
    entries = [clips[clip] for clips in sets.values() if clip in clips]
    frames = {}
    for entry in entries:
        for position, digest in entry["frames"].items():
            frames.setdefault(position, []).append(digest)
    return sorted(entry["video"] for entry in entries), frames


def _find_change_of_clip(clip, before, now):
    if bool(before[1]) != bool(now[1]):
        return f"clip {clip} is {'new' if now[1] else 'gone'}"
    if all(before[0] + now[0]) and set(before[0]) != set(now[0]):
        return f"the video of clip {clip} has another content"
    for position in sorted({*before[1], *now[1]}, key=int):
        if position not in now[1] or position not in before[1]:
            return f"frame {position} of clip {clip} is {'now' if position in now[1] else 'no longer'} labelled"
        old = sorted(before[1][position])
        new = sorted(now[1][position])
        if all(old + new) and old != new:
            same_labels = [digest.split()[0] for digest in old] == [digest.split()[0] for digest in new]
            what = "the picture of" if same_labels else "the labels in"
            return f"{what} frame {position} of clip {clip} {'has another content' if same_labels else 'have changed'}"
    return ""


def _describe_clip(clip, of_picture, of_video):
    videos = _video_files(clip)
    if isinstance(clip.frames, SignerFrames):
        frames = clip.frames
        version = "" if frames.version == 1 else f"{versions.name(frames.version)} "  # as before there were versions
        drawn = f"{version}{frames.split} {frames.index} {frames.num_frames} {frames.size_hw}"
        video = hashlib.sha256(drawn.encode()).hexdigest()[:_DIGITS]
        return {"video": video, "frames": {str(position): "" for position in clip.labelled}}
    files = _picture_files(clip)
    pictures = {position: of_picture[path] for position, path in files.items()}
    if isinstance(clip.frames, ShardFrames):  # they know the digests of the source that they were made of
        pictures = clip.frames.picture_digests
    elif not videos and not files:  # frames that are in no file
        pictures = {int(position): _digest_frame(clip, position) for position in clip.labelled}
    frames = {
        str(position): f"{_digest_labels(clip, row)} {pictures.get(int(position), '')}".rstrip()
        for row, position in enumerate(clip.labelled)
    }
    video = of_video[videos[0]] if videos else getattr(clip.frames, "video_digest", "")
    return {"video": video, "frames": frames}


def _picture_files(clip):
    """{position: image file} of the labelled frames that have one."""
    if not isinstance(clip.frames, (ImageFrames, VideoWithImages)):
        return {}
    return {int(i): clip.frames.paths[int(i)] for i in clip.labelled if int(i) in clip.frames.paths}


def _video_files(clip):
    video = clip.frames.video if isinstance(clip.frames, VideoWithImages) else clip.frames
    return [video.path] if isinstance(video, (LazyVideo, VideoFrames)) else []


def _digest_labels(clip, row):
    labelled = clip.visibility[row] != UNLABELLED
    joints = np.where(labelled[:, None], clip.joints[row], 0) + 0.0  # no NaN, no -0.0
    found = hashlib.sha256(joints.astype("<f4").tobytes())
    found.update(clip.visibility[row].tobytes())
    weights = np.where(labelled, clip.weights[row], 0).astype("<f4")
    different = set(weights[labelled].tolist())
    found.update(weights[labelled][:1].tobytes() if len(different) == 1 else weights.tobytes())
    if clip.region is not None:
        found.update(np.array(clip.region, "<f8").tobytes())
    return found.hexdigest()[:_DIGITS]


def _digest_frame(clip, position):
    frame = np.ascontiguousarray(clip.frames.read([int(position)])[0])
    return hashlib.sha256(str(frame.shape).encode() + frame.tobytes()).hexdigest()[:_DIGITS]
