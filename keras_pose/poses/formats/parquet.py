"""The tidy table as Parquet: float32 and float64 as they are, null for what is not there or unknown.

The description is in the metadata of the schema, under `keras_pose`.
"""

from __future__ import annotations

import contextlib
import os
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from keras_pose import files
from keras_pose.poses.formats import description, tidy_table
from keras_pose.poses.video_poses import VideoPoses

_FRAMES_AT_ONCE = 16384


def write(path: str | os.PathLike[str], poses: VideoPoses) -> None:
    """Writes poses as a Parquet file."""
    schema = _schema(description.to_text(poses))
    names = {"person": pa.array(poses.people, pa.string()), "joint": pa.array(poses.skeleton.joints, pa.string())}
    with files.replace_atomically(path) as temporary, pq.ParquetWriter(temporary, schema) as writer:
        for first in range(0, poses.num_frames, _FRAMES_AT_ONCE):
            last = min(first + _FRAMES_AT_ONCE, poses.num_frames)
            columns = tidy_table.columns(poses, first, last)
            arrays = [_array(columns[field.name], field, names) for field in schema]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def read(path: str | os.PathLike[str]) -> VideoPoses:
    """Reads poses from a tidy Parquet file, with or without its description; see `tidy_table.to_poses`.

    Raises:
      OSError: if it cannot be opened.
      ValueError: if it is something else; the message names it.
    """
    with _naming(path):
        table = pq.read_table(_open(path))
    text = (table.schema.metadata or {}).get(description.KEY.encode())
    about = None if text is None else description.parse(path, text.decode())
    return tidy_table.to_poses(path, table.to_pandas(), about)


def read_description(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Reads the description of poses from a Parquet file; its rows stay unread."""
    with _naming(path):
        metadata = pq.read_schema(_open(path)).metadata or {}
    return description.parse(path, metadata.get(description.KEY.encode(), b"").decode())


@contextlib.contextmanager
def _naming(path):
    try:
        yield
    except pa.ArrowInvalid as error:
        reason = " ".join(str(error).split())
        raise ValueError(f"{os.fspath(path)}: expected a tidy table of poses (Parquet), but {reason}") from error


def _open(path):
    """Returns the path, or raises Python's own error if it cannot be opened."""
    with open(path, "rb"):
        return os.fspath(path)


def _schema(text):
    types = {"frame": pa.int64(), "time_s": pa.float64(), "ambiguous": pa.bool_(), "decoded": pa.bool_()}
    types |= dict.fromkeys(("person", "joint"), pa.dictionary(pa.int32(), pa.string()))
    fields = [pa.field(name, types.get(name, pa.float32())) for name in tidy_table.COLUMNS]
    return pa.schema(fields, {description.KEY: text})


def _array(values, field, names):
    if field.name in names:
        return pa.DictionaryArray.from_arrays(pa.array(values, pa.int32()), names[field.name])
    return pa.array(values, field.type, from_pandas=True)
