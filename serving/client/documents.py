"""The JSON document that the client writes: the joints of each image or frame, in pixels."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from serving.client.pose_client import Poses


def describe_rows(poses: Poses) -> list[dict[str, list]]:
    """Returns a dict of lists, {"keypoints", "scores", "valid"}, for each image of a `Poses`."""
    return [
        {"keypoints": keypoints.tolist(), "scores": scores.tolist(), "valid": valid.tolist()}
        for keypoints, scores, valid in zip(*poses)
    ]


def describe_frames(poses: Poses, decoded: Sequence[bool]) -> list[dict[str, Any]]:
    """Returns `describe_rows` of the frames of a video, each with "decoded".

    Args:
      poses: `Poses` of T frames.
      decoded: T values; false for a frame that could not be decoded. Whatever was predicted for it is left out: its
        keypoints and scores are 0, and its joints are not valid.
    """
    there = np.asarray(decoded, bool)
    keypoints, scores, valid = poses
    kept = (
        np.where(there[:, None, None], keypoints, 0),
        np.where(there[:, None], scores, 0),
        valid & there[:, None],
    )
    rows = [dict(zip(("keypoints", "scores", "valid"), (part.tolist() for part in row))) for row in zip(*kept)]
    return [{**row, "decoded": bool(found)} for row, found in zip(rows, there)]


def write_document(path: str | os.PathLike[str], document: Any) -> None:
    """Writes a JSON file atomically: the whole file or nothing.

    Args:
      path: the file. Its folder must exist.
      document: any value that JSON can represent, without NaN and infinity.

    Raises:
      ValueError: if the document contains NaN or infinity.
      OSError: if the file cannot be written; the message names it. The old file is unchanged then.
    """
    path = os.fspath(path)
    text = json.dumps(document, indent=1, allow_nan=False) + "\n"
    with _name_unwritable(path):
        handle, temporary = tempfile.mkstemp(dir=os.path.dirname(path) or ".", prefix=".writing-", suffix=".json")
    try:
        with _name_unwritable(path), open(handle, "w", encoding="utf-8") as file:
            file.write(text)
        # `mkstemp` makes the file private; give it the permissions of any new file.
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):  # the error of the block is the one to report
            os.remove(temporary)
        raise


@contextlib.contextmanager
def _name_unwritable(path):
    """Makes of an error of the file system one line that names the file and the reason."""
    try:
        yield
    except OSError as error:
        raise OSError(f"{path}: cannot be written: {error.strerror or error}") from error
