"""From a source to the plan of its shards: opens and validates it, counts frames, and finds what is left to write."""

from __future__ import annotations

import concurrent.futures
import contextlib
import dataclasses
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from keras_pose import console, files, locks
from keras_pose.data import selection, shard_files
from keras_pose.data.clip import Clip, missing_frames
from keras_pose.data.data_notes import echo_data_problems
from keras_pose.data.open_source import check_exists
from keras_pose.data.source import Source
from keras_pose.runs import data_digest
from keras_pose.sharding import folder, planning
from keras_pose.sharding.config import ALL, JPEG, PrepareConfig
from keras_pose.sharding.planning import Part

_DIGITS = 16


@dataclasses.dataclass(frozen=True)
class Prepared:
    """A folder that is held, and what to write to it.

    Args:
      config: the flags.
      source: the source, with valid labels only.
      plan: what shards.json will say, but for the shards.
      shards: the parts of each shard.
      names: the file name of each shard.
      left: numbers of the shards that are not written yet, or missing or cut.
      is_finished: whether all is there.
      pictures: {clip: {position: digest of the picture in the source}}.
      echo: function that shows a line of text.
    """

    config: PrepareConfig
    source: Source
    plan: dict[str, Any]
    shards: list[list[Part]]
    names: list[str]
    left: list[int]
    is_finished: bool
    pictures: dict[str, dict[int, str]]
    echo: Callable[[str], None]


@contextlib.contextmanager
def prepare(config: PrepareConfig, echo: Callable[[str], None] = console.show) -> Iterator[Prepared]:
    """Opens a source, and keeps other processes out of the folder of its shards in the block.

    Args:
      config: the flags.
      echo: function that shows a line of text.

    Yields:
      What `writing.write_shards` needs.

    Raises:
      ValueError, OSError: for a source that cannot be read, invalid labels, a folder of other data or settings, one
        that another process writes to, or one that cannot be written.
    """
    place = config.out_dir
    check_exists(config.data.source, "--data")
    files.check_folder(place, "--out_dir")
    with files.name_unwritable(place):
        os.makedirs(place, exist_ok=True)
    with locks.hold_folder(place, f"--out_dir: another process is preparing shards in {place}"):
        source = selection.open_data(config.data.source, config.data)
        echo_data_problems(source, echo)
        _count_frames(source.clips, config.num_workers)
        digests = data_digest.describe({"all": source.clips})["all"]
        plan = folder.begin(place, _describe(source, config, digests))
        all_frames = config.frames == ALL
        records = [planning.choose_records(clip, all_frames, config.window) for clip in source.clips]
        shards = planning.plan_shards(records, config.frames_per_shard)
        names = [shard_files.shard_name(number, len(shards)) for number in range(len(shards))]
        written = [folder.is_written(place, name) for name in names]
        left = [number for number, done in enumerate(written) if not done]
        is_finished = folder.is_finished(place) and not left
        if is_finished:
            echo(f"{place}: finished before; train with --data={place}")
        elif any(written):
            echo(f"going on: {sum(written)} of {len(shards)} shards are there")
        pictures = {clip.name: _picture_digests(digests[clip.name]) for clip in source.clips}
        yield Prepared(config, source, plan, shards, names, left, is_finished, pictures, echo)


def change_digest(digest: str, jpeg_quality: int) -> str:
    """Returns the digest of a picture or a video that is stored with loss; empty stays empty."""
    return hashlib.sha256(f"jpeg {jpeg_quality} {digest}".encode()).hexdigest()[:_DIGITS] if digest else ""


def _count_frames(clips: Sequence[Clip], num_workers: int) -> None:
    """Asks each clip for its number of frames, which decodes a video; readers remember it."""
    counted = 0
    with contextlib.closing(console.Meter("counting frames", len(clips), "clips")) as meter:
        pool = concurrent.futures.ThreadPoolExecutor(num_workers)
        try:
            for _ in pool.map(lambda clip: clip.frames.num_frames, clips):
                counted += 1
                meter.advance()
        finally:
            pool.shutdown(cancel_futures=True)


def _describe(source, config, digests):
    return {
        "source": source.name,
        "settings": config.settings(),
        "every_label": config.data.every_label,
        "skeleton": source.skeleton.to_dict(),
        "clips": [_describe_clip(clip, config, digests[clip.name]) for clip in source.clips],
        "skipped": list(source.skipped),
        "notes": list(source.notes),
        "summary": source.summary,
    }


def _describe_clip(clip, config, digests):
    video = digests["video"]
    lossy = config.frame_format == JPEG
    content = hashlib.sha256(json.dumps(digests, sort_keys=True).encode())
    for name in sorted(clip.landmarks):
        content.update(name.encode() + clip.landmarks[name].astype("<f4").tobytes())
    for array, kind in ((clip.joints, "<f4"), (clip.visibility, "u1"), (clip.weights, "<f4")):
        content.update(array.astype(kind).tobytes())
    region = {}
    if clip.region is not None:
        content.update(json.dumps(clip.region).encode())
        region = {"region": list(clip.region)}
    return {
        "name": clip.name,
        **{name: getattr(clip, name) for name in shard_files.clip_texts()},
        "size_hw": list(clip.frames.size_hw),
        "num_frames": clip.frames.num_frames,
        "frame_rate": clip.frame_rate,
        "missing": sorted(missing_frames(clip.frames)),
        "landmarks": list(clip.landmarks),
        "video_digest": change_digest(video, config.jpeg_quality) if lossy else video,
        "content": content.hexdigest()[:_DIGITS],
        **region,
    }


def _picture_digests(digests):
    halves = {int(position): both.split() for position, both in digests["frames"].items()}
    return {position: both[1] for position, both in halves.items() if len(both) > 1}
