"""Odd COCO files."""

from __future__ import annotations

import json
import pathlib

from tests.odd_inputs.kinds import Kinds
from tests.odd_inputs.label_folders import SIZE_HW, coco, write_coco, write_picture

KINDS = Kinds()
_NAMES = ("a.png", "b.png", "c.png")


def _changed(folder: pathlib.Path, change) -> pathlib.Path:
    """Writes a COCO file of three images after `change`, a function of its content."""
    content = coco(_NAMES)
    change(content)
    return write_coco(folder, content, _NAMES)


def _with_number(folder: pathlib.Path, text: str) -> pathlib.Path:
    """Writes a COCO file with a text as the first number of the first annotation."""
    path = write_coco(folder, coco(_NAMES), _NAMES)
    path.write_text(path.read_text().replace("[10.0,", f"[{text},", 1))
    return path


@KINDS.refused("COCO: a file of zero bytes", "expected JSON, but the file is empty")
def coco_zero_bytes(folder: pathlib.Path) -> pathlib.Path:
    path = write_coco(folder, coco(_NAMES), _NAMES)
    path.write_bytes(b"")
    return path


@KINDS.refused("COCO: a file of which half is there", "the file ends too early, so it may be cut")
def coco_cut(folder: pathlib.Path) -> pathlib.Path:
    path = write_coco(folder, coco(_NAMES), _NAMES)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


@KINDS.used("COCO: a file in UTF-16")
def coco_utf_16(folder: pathlib.Path) -> pathlib.Path:
    path = write_coco(folder, coco(_NAMES), _NAMES)
    path.write_bytes(json.dumps(coco(_NAMES)).encode("utf-16"))
    return path


@KINDS.refused("COCO: JSON of another kind", "annotations.json: ")
def coco_other_json(folder: pathlib.Path) -> pathlib.Path:
    return write_coco(folder, {"version": 3, "items": []})


@KINDS.refused("COCO: boxes without keypoints", "keypoints")
def coco_boxes_only(folder: pathlib.Path) -> pathlib.Path:
    def change(content):
        content["categories"] = [{"id": 1, "name": "mouse"}]
        for annotation in content["annotations"]:
            del annotation["keypoints"]
            annotation["bbox"] = [1, 2, 20, 30]

    return _changed(folder, change)


@KINDS.refused("COCO: an annotation of two joints instead of three", "annotation 1")
def coco_wrong_joint_count(folder: pathlib.Path) -> pathlib.Path:
    return _changed(folder, lambda content: content["annotations"][0]["keypoints"].__delitem__(slice(6, None)))


@KINDS.refused("COCO: text in place of a number", "annotation 1")
def coco_text(folder: pathlib.Path) -> pathlib.Path:
    return _with_number(folder, '"left"')


@KINDS.refused("COCO: NaN in place of a number", "annotation 1")
def coco_nan(folder: pathlib.Path) -> pathlib.Path:
    return _with_number(folder, "NaN")


@KINDS.refused("COCO: an infinite number", "annotation 1")
def coco_infinite(folder: pathlib.Path) -> pathlib.Path:
    return _with_number(folder, "1e999")


@KINDS.refused("COCO: a visibility of 7", "annotation 1")
def coco_visibility(folder: pathlib.Path) -> pathlib.Path:
    return _changed(folder, lambda content: content["annotations"][0]["keypoints"].__setitem__(2, 7))


@KINDS.refused("COCO: two images of one id", "id 1")
def coco_duplicate_ids(folder: pathlib.Path) -> pathlib.Path:
    return _changed(folder, lambda content: content["images"][1].update(id=1))


@KINDS.noted("COCO: one file in two images", "than another in the same image")
def coco_duplicate_rows(folder: pathlib.Path) -> pathlib.Path:
    return _changed(folder, lambda content: content["images"][1].update(file_name="a.png"))


@KINDS.refused("COCO: annotations without the id of an image", "annotation 1")
def coco_missing_column(folder: pathlib.Path) -> pathlib.Path:
    return _changed(folder, lambda content: content["annotations"][0].pop("image_id"))


@KINDS.refused("COCO: an image that is missing", "'c.png'")
def coco_image_missing(folder: pathlib.Path) -> pathlib.Path:
    return write_coco(folder, coco(_NAMES), _NAMES[:2])


@KINDS.refused("COCO: an image of another size than the file states", "50×64")
def coco_other_size(folder: pathlib.Path) -> pathlib.Path:
    path = write_coco(folder, coco(_NAMES), _NAMES)
    write_picture(folder / "images" / "b.png", (50, SIZE_HW[1]))
    return path


@KINDS.used("COCO: paths of Windows")
def coco_windows_paths(folder: pathlib.Path) -> pathlib.Path:
    return write_coco(folder, coco([f"D:\\data\\images\\{name}" for name in _NAMES]), _NAMES)


@KINDS.used("COCO: names with spaces, brackets and letters of other scripts, in another Unicode form")
def coco_odd_names(folder: pathlib.Path) -> pathlib.Path:
    names = ["Maus 1 [x].png", "gro\u0308ße 手.png"]
    return write_coco(folder, coco(["Maus 1 [x].png", "gr\u00f6ße 手.png"]), names)
