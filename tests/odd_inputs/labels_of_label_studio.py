"""Odd exports of Label Studio."""

from __future__ import annotations

import json
import pathlib

from tests.odd_inputs.kinds import Kinds
from tests.odd_inputs.label_folders import tasks, write_picture, write_tasks

KINDS = Kinds()
_NAMES = ("a.png", "b.png")


def _with_keypoint(folder: pathlib.Path, **changes) -> pathlib.Path:
    """Writes tasks with other values in the first keypoint of the first one."""
    content = tasks(_NAMES)
    content[0]["annotations"][0]["result"][0]["value"].update(changes)
    return write_tasks(folder, content)


@KINDS.refused("Label Studio: a file of zero bytes", "expected JSON, but the file is empty")
def ls_zero_bytes(folder: pathlib.Path) -> pathlib.Path:
    path = write_tasks(folder, tasks(_NAMES))
    path.write_bytes(b"")
    return path


@KINDS.refused("Label Studio: a file of which half is there", "the file ends too early, so it may be cut")
def ls_cut(folder: pathlib.Path) -> pathlib.Path:
    path = write_tasks(folder, tasks(_NAMES))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


@KINDS.refused("Label Studio: no tasks", "tasks.json: ")
def ls_no_tasks(folder: pathlib.Path) -> pathlib.Path:
    return write_tasks(folder, [])


@KINDS.refused("Label Studio: boxes without keypoints", "tasks.json: ")
def ls_boxes_only(folder: pathlib.Path) -> pathlib.Path:
    content = tasks(_NAMES)
    for task in content:
        for region in task["annotations"][0]["result"]:
            region["type"] = "rectanglelabels"
            region["value"]["rectanglelabels"] = region["value"].pop("keypointlabels")
    return write_tasks(folder, content)


@KINDS.used("Label Studio: a file in UTF-16")
def ls_utf_16(folder: pathlib.Path) -> pathlib.Path:
    path = write_tasks(folder, tasks(_NAMES))
    path.write_bytes(json.dumps(tasks(_NAMES)).encode("utf-16"))
    return path


@KINDS.refused("Label Studio: text in place of a number", "task 1")
def ls_text(folder: pathlib.Path) -> pathlib.Path:
    return _with_keypoint(folder, x="left")


@KINDS.refused("Label Studio: an infinite number", "task 1")
def ls_infinite(folder: pathlib.Path) -> pathlib.Path:
    return _with_keypoint(folder, x=float("inf"))


@KINDS.refused("Label Studio: 250 % of the width", "task 1")
def ls_outside(folder: pathlib.Path) -> pathlib.Path:
    return _with_keypoint(folder, x=250)


@KINDS.refused("Label Studio: the size of the image is missing", "original_width")
def ls_missing_field(folder: pathlib.Path) -> pathlib.Path:
    content = tasks(_NAMES)
    del content[0]["annotations"][0]["result"][0]["original_width"]
    return write_tasks(folder, content)


@KINDS.refused("Label Studio: a joint that has two positions", "task 1")
def ls_wrong_joint_count(folder: pathlib.Path) -> pathlib.Path:
    content = tasks(_NAMES)
    result = content[0]["annotations"][0]["result"]
    result.append(result[0])
    return write_tasks(folder, content)


@KINDS.refused("Label Studio: an image that is missing", "b.png")
def ls_image_missing(folder: pathlib.Path) -> pathlib.Path:
    return write_tasks(folder, tasks(_NAMES), _NAMES[:1])


@KINDS.refused("Label Studio: an image of another size", "50×64")
def ls_other_size(folder: pathlib.Path) -> pathlib.Path:
    path = write_tasks(folder, tasks(_NAMES))
    write_picture(folder / "b.png", (50, 64))
    return path


@KINDS.refused("Label Studio: the same task twice", "task ")
def ls_duplicate_rows(folder: pathlib.Path) -> pathlib.Path:
    return write_tasks(folder, [*tasks(_NAMES), *tasks(_NAMES[:1])])


@KINDS.used("Label Studio: paths of Windows, and names with spaces and letters of other scripts")
def ls_odd_names(folder: pathlib.Path) -> pathlib.Path:
    names = ("Maus 1 [x].png", "größe 手.png")
    return write_tasks(folder, tasks([f"D:\\data\\{name}" for name in names]), names)
