"""Which frames of which clips go into which shard. It follows from source and settings alone."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from keras_pose.data.clip import Clip, missing_frames
from keras_pose.data.image_frames import VideoWithImages
from keras_pose.data.shard_frames import ShardFrames


@dataclasses.dataclass(frozen=True)
class Part:
    """Frames of one clip in one shard.

    Args:
      clip: number of the clip in the source.
      records: (position, whether it is the image of a frame that is also stored as a frame of the video), rising.
    """

    clip: int
    records: list[tuple[int, bool]]


def images_apart(clip: Clip) -> frozenset[int]:
    """Returns the positions of a clip that are read from an image if they are asked for alone, else from the video."""
    frames = clip.frames
    if isinstance(frames, VideoWithImages):
        return frozenset(p for p in frames.paths if p < frames.num_frames and p not in frames.missing)
    return frames.alone_positions if isinstance(frames, ShardFrames) else frozenset()


def choose_records(clip: Clip, all_frames: bool, window: int) -> list[tuple[int, bool]]:
    """Chooses the frames of a clip to store.

    Args:
      clip: the clip.
      all_frames: whether to store every frame that can be read.
      window: otherwise, the frames to store on each side of a labelled frame.

    Returns:
      The records of `Part`.
    """
    chosen = set(clip.labelled.tolist())
    if all_frames and clip.frames.num_frames is not None:
        chosen.update(set(range(clip.frames.num_frames)) - missing_frames(clip.frames))
    elif window:
        offsets = range(-window, window + 1)
        chosen.update(place for row in range(clip.num_labelled) for place in clip.window(row, offsets)[0])
    twice = images_apart(clip) & chosen if all_frames or window else frozenset()
    return sorted([(p, False) for p in chosen] + [(p, True) for p in twice])


def plan_shards(records: Sequence[list[tuple[int, bool]]], frames_per_shard: int) -> list[list[Part]]:
    """Fills shards with the records of the clips in their order.

    Args:
      records: for each clip what `choose_records` returned.
      frames_per_shard: records of each shard; the last one may have fewer.

    Returns:
      The parts of each shard.
    """
    shards: list[list[Part]] = []
    room = 0
    for clip, all_of_clip in enumerate(records):
        start = 0
        while start < len(all_of_clip):
            if not room:
                shards.append([])
                room = frames_per_shard
            taken = all_of_clip[start : start + room]
            shards[-1].append(Part(clip, taken))
            start += len(taken)
            room -= len(taken)
    return shards
