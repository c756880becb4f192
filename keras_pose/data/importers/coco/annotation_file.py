"""Finds and reads the JSON file of COCO keypoint annotations.

A folder is opened by its `annotations.json`, or by the only COCO keypoint file in it, in its folders `annotations/`,
`anns/` or `labels/`, or in a folder of a split (`train/`, `val/`, `valid/`, `test/`).
Whether a .json file holds COCO keypoints is seen from its first and last bytes, so large files stay cheap to recognise.
"""

from __future__ import annotations

import dataclasses
import json
import os
import re
from typing import Any, Union

from keras_pose.data.importers.text_encoding import describe_json_error
from keras_pose.words import write_flag

Id = Union[int, float, str]

_STANDARD_NAME = "annotations.json"
_FOLDERS = ("", "annotations", "anns", "labels", "train", "val", "valid", "test")
_MOST_FILES = 64  # a folder with more .json files than this is no COCO data set: LabelMe writes one for each image
_SAMPLE_BYTES = 1 << 18
_SHOWN_FILES = 8
_SHOWN_CHARACTERS = 80


@dataclasses.dataclass(frozen=True)
class Content:
    """The lists of a COCO file. Their entries can be any JSON value.

    Args:
      images, annotations, categories, videos: the lists; `videos` is empty if the file has none.
    """

    images: list[Any]
    annotations: list[Any]
    categories: list[Any]
    videos: list[Any]


def is_annotations(spec: str) -> bool:
    """Whether `spec` is a .json file, or a folder with COCO keypoint annotations."""
    if os.path.isdir(spec):
        return os.path.isfile(os.path.join(spec, _STANDARD_NAME)) or bool(_keypoint_files(spec))
    return os.path.isfile(spec) and spec.lower().endswith(".json")


def find_annotations(spec: str) -> str:
    """Returns the path of the file that a file or folder stands for.

    Raises:
      ValueError: if there is no such file, or the folder holds several.
    """
    if not os.path.isdir(spec):
        if os.path.isfile(spec):
            return spec
        raise ValueError(f"{spec}: expected COCO keypoint annotations, found no such file")
    standard = os.path.join(spec, _STANDARD_NAME)
    found = [standard] if os.path.isfile(standard) else _keypoint_files(spec)
    if not found:
        raise ValueError(
            f"{spec}: expected COCO keypoint annotations (annotations.json, or one COCO keypoint file in this folder, "
            "in annotations/, anns/ or labels/, or in the folder of a split), found no such file"
        )
    if len(found) > 1:
        shown = [os.path.relpath(path, spec) for path in found[:_SHOWN_FILES]]
        more = ", …" if len(found) > _SHOWN_FILES else ""
        raise ValueError(
            f"{spec}: expected one file of COCO keypoints, found {len(found)}: {', '.join(shown)}{more}; name one of "
            f"them instead of the folder, for example {write_flag('data', found[0])}"
        )
    return found[0]


def read_content(path: str) -> Content:
    """Reads a COCO file in UTF-8, UTF-16 or UTF-32, with or without a byte-order mark.

    Raises:
      ValueError: if the file is not JSON, or lacks one of the lists; the message names the file.
    """
    with open(path, "rb") as file:
        data = file.read()
    try:
        text = data.decode(json.detect_encoding(data))
        content = json.loads(text)
        if re.search(r"\\u[dD][89a-fA-F]", text):
            content = _replace_surrogates(content)
    except RecursionError:
        raise ValueError(f"{path}: expected COCO keypoint annotations, but its lists are nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"{path}: expected JSON, but {describe_json_error(error)}") from error
    lists = {}
    for field in ("images", "annotations", "categories"):
        value = content.get(field) if isinstance(content, dict) else None
        if not isinstance(value, list):
            found = "found none" if isinstance(content, dict) else f"found none: the file holds {_describe(content)}"
            raise ValueError(f"{path}: expected COCO keypoint annotations with a list {field!r}, {found}")
        lists[field] = value
    videos = content.get("videos")
    return Content(**lists, videos=videos if isinstance(videos, list) else [])


def normalize_id(value: Any) -> Id | None:
    """Returns an id so that 7, 7.0, "7" and "007" are the same; None if it is no id (null, a list, true, …)."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        text = value.strip()
        number = text.isascii() and text.isdigit() and len(text) < 100
        return int(text) if number else text or None
    if isinstance(value, float):
        return int(value) if value.is_integer() else value if value - value == 0 else None
    return value if isinstance(value, int) else None


def parse_number(value: Any) -> float | None:
    """Returns a JSON number, or a number written as text, as a float (infinite or NaN, too); None for other values."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        return float(value)
    except OverflowError:
        return float("inf")
    except ValueError:
        return None


def shorten(value: Any) -> str:
    """Returns a value for a message, cut after 80 characters."""
    if isinstance(value, (list, dict)) and len(value) > _SHOWN_CHARACTERS:
        kind = "list" if isinstance(value, list) else "object"
        return f"a {kind} of {len(value)} entries"
    text = repr(value)
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…"


def _describe(content):
    """Returns what a file holds that is no object."""
    first = content[0] if isinstance(content, list) and content else None
    if isinstance(first, dict) and "score" in first and "image_id" in first:
        return f"{len(content)} detections with a score, which are results of a detector and no labels"
    return shorten(content)


def _replace_surrogates(value):
    """Returns a JSON value whose texts can be written: halves of surrogate pairs become escapes."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, list):
        return [_replace_surrogates(entry) for entry in value]
    if isinstance(value, dict):
        return {_replace_surrogates(key): _replace_surrogates(entry) for key, entry in value.items()}
    return value


def _keypoint_files(folder):
    """Returns the paths of the COCO keypoint files of a folder, sorted."""
    paths = []
    for name in _FOLDERS:
        try:
            names = sorted(os.listdir(os.path.join(folder, name)))
        except OSError:
            continue
        paths += [os.path.join(folder, name, entry) for entry in names if entry.lower().endswith(".json")]
    if len(paths) > _MOST_FILES:
        return []
    return [path for path in paths if os.path.isfile(path) and _looks_like_keypoints(path)]


def read_ends(path: str) -> bytes:
    """Returns the first and the last 256 KiB of a file as one; empty if it cannot be read."""
    try:
        with open(path, "rb") as file:
            sample = file.read(_SAMPLE_BYTES)
            length = file.seek(0, os.SEEK_END)
            file.seek(max(len(sample), length - _SAMPLE_BYTES))
            return sample + file.read(_SAMPLE_BYTES)
    except OSError:
        return b""


def _looks_like_keypoints(path):
    """Whether the first and last bytes of a file hold the lists of COCO and the word `keypoints`."""
    sample = read_ends(path)
    text = sample.replace(b"\0", b"")  # UTF-16
    return b'"images"' in text and b'"keypoints"' in text and (b'"annotations"' in text or b'"categories"' in text)
