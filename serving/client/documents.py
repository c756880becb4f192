"""The JSON the client writes: joint names, and per image or frame the joints in pixels."""

from __future__ import annotations

import json
import os
import tempfile


def describe_rows(poses) -> list:
    """Returns one dict of lists, {"keypoints", "scores", "valid"}, for each image of a `Poses`."""
    return [
        {"keypoints": keypoints.tolist(), "scores": scores.tolist(), "valid": valid.tolist()}
        for keypoints, scores, valid in zip(*poses)
    ]


def write_document(path, document) -> None:
    """Writes JSON to a file, whole or not at all.

    Args:
      path: str or path-like. Its folder must be there.
      document: what JSON can hold, without NaN.

    Raises:
      ValueError: for NaN or infinity in it.
      OSError: where it cannot be written.
    """
    path = os.fspath(path)
    text = json.dumps(document, indent=1, allow_nan=False) + "\n"
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(path) or ".", prefix=".writing-", suffix=".json")
    try:
        with open(handle, "w", encoding="utf-8") as file:
            file.write(text)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, path)
    except BaseException:
        os.remove(temporary)
        raise
