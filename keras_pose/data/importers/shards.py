"""Opens a folder of shards that `keras-pose prepare` wrote: clips, labels and messages of the source it was made of.

Labels are read from the indices beside the shards, and frames when they are needed, so opening takes seconds for
millions of frames.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from keras_pose.data import authors_split, shard_files
from keras_pose.data.clip import Clip
from keras_pose.data.person_crop import AUTO, NONE
from keras_pose.data.shard_files import ShardReader
from keras_pose.data.shard_frames import Records, ShardFrames
from keras_pose.data.source import Source
from keras_pose.skeleton import Skeleton

_OF_RECORDS = ("offset", "length", "crc", "picture_start", "picture_length", "position", "alone")
_OF_LABELS = ("joints", "visibility", "weights", "landmarks", "label_position", "picture_digest")


def read(spec: str, split: str | None = None, person_crop: str = AUTO) -> Source:
    """Opens a folder of shards.

    Args:
      spec: the folder, or its shards.json.
      split: the authors' split that is asked for (`authors_split.parse`); shards hold the one they were prepared with.
      person_crop: the regions that are asked for; "auto": those that the shards hold.

    Returns:
      `Source` with the clips in the order of the original source, and its messages about what was left out.

    Raises:
      ValueError: if files are missing, cut or damaged, or of another version; the message names them. The pictures
        themselves are checked when they are read. Also for another split, or other regions.
    """
    folder = os.path.dirname(spec) or "." if os.path.isfile(spec) else spec
    description = shard_files.read_description(folder)
    prepared = description["settings"].get("split", authors_split.RANDOM)
    if split and split != authors_split.parse(prepared):
        raise ValueError(
            f"{folder}: --split=authors:{split}: these shards were prepared with --split={prepared}; prepare others "
            f"with --split=authors:{split}"
        )
    _check_crop(folder, person_crop, description)
    entries = description["shards"]
    reader = ShardReader(folder, [entry["file"] for entry in entries])
    indices = [shard_files.read_index(folder, entry) for entry in entries]
    try:
        clips = _make_clips(description, indices, reader)
        skeleton = Skeleton(**description["skeleton"])
    except (KeyError, TypeError, IndexError) as error:
        raise ValueError(f"{folder}: expected shards that `keras-pose prepare` wrote, but {error!r}") from error
    return Source(
        clips,
        skeleton,
        skipped=tuple(description["skipped"]),
        notes=(*description["notes"], *_describe_left_out(folder, description)),
        summary=description["summary"],
    )


def _check_crop(folder, asked, description):
    """Refuses regions that the shards of a set that has some do not hold."""
    prepared = description["settings"].get("person_crop", AUTO)
    has_regions = any("region" in entry for entry in description["clips"])
    if asked in (AUTO, prepared) or not (has_regions or prepared == NONE and asked != NONE):
        return
    raise ValueError(
        f"{folder}: --person_crop={asked}: these shards were prepared with --person_crop={prepared}; prepare others "
        f"with --person_crop={asked}"
    )


def _describe_left_out(folder, description):
    """Tells what the preparation has left out, because `--every_label` of a training counts what is left."""
    every = description.get("every_label", 1)
    if every == 1:
        return ()
    return (
        f"{folder} was prepared with --every_label={every}: of {every} labels of its source, it has 1; --every_label "
        "here leaves out more of these",
    )


def _make_clips(
    description: Mapping[str, Any], indices: Sequence[Mapping[str, np.ndarray]], reader: ShardReader
) -> list[Clip]:
    # Put the indices of all shards into one; records and labels are sorted by clip and position.
    records = {name: np.concatenate([index[name] for index in indices]) for name in _OF_RECORDS}
    records["shard"] = np.repeat(np.arange(len(indices), dtype=np.int32), [len(i["offset"]) for i in indices])
    records["number"] = np.concatenate([np.arange(len(i["offset"]), dtype=np.int32) for i in indices])
    labels = {name: np.concatenate([index[name] for index in indices]) for name in _OF_LABELS}
    origins = [origin for index in indices for origin in json.loads(index["origins"].tobytes())]
    # Cut it into clips.
    numbers = np.arange(len(description["clips"]) + 1)
    record_ends = np.searchsorted(np.concatenate([index["clip"] for index in indices]), numbers)
    label_ends = np.searchsorted(np.concatenate([index["label_clip"] for index in indices]), numbers)
    neighbours = description["settings"].get("window") if description["settings"]["frames"] == "labelled" else None
    clips = []
    for number, entry in enumerate(description["clips"]):
        own = slice(record_ends[number], record_ends[number + 1])
        rows = slice(label_ends[number], label_ends[number + 1])
        positions = labels["label_position"][rows]
        digests = [digest.decode() for digest in labels["picture_digest"][rows].tolist()]
        pictures = dict(zip(positions.tolist(), digests))
        place = Records(**{name: values[own] for name, values in records.items()})
        frames = ShardFrames(reader, place, entry, neighbours, pictures)
        clip = Clip(
            name=entry["name"],
            frames=frames,
            labelled=positions,
            joints=labels["joints"][rows],
            visibility=labels["visibility"][rows],
            weights=labels["weights"][rows],
            origins=tuple(origins[rows]),
            frame_rate=entry.get("frame_rate", 0.0),  # shards of earlier versions do not know it
            region=entry.get("region"),
            landmarks={name: labels["landmarks"][rows, place] for place, name in enumerate(entry["landmarks"])},
            **{name: entry[name] for name in shard_files.clip_texts()},
        )
        clips.append(clip)
    return clips
