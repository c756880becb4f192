"""Odd YOLO-pose data sets."""

from __future__ import annotations

import pathlib

from tests.odd_inputs.kinds import Kinds
from tests.odd_inputs.label_folders import YOLO_LINE, YOLO_YAML, write_yolo

KINDS = Kinds()


@KINDS.refused("YOLO: a line of two joints instead of three", "2.txt:1: expected 14 numbers, received 11")
def yolo_wrong_joint_count(folder: pathlib.Path) -> pathlib.Path:
    return write_yolo(folder, ["0 .5 .5 .5 .5 0.25 0.5 2 0.5 0.75 1\n"])


@KINDS.refused("YOLO: text in place of a number", "2.txt:1: ")
def yolo_text(folder: pathlib.Path) -> pathlib.Path:
    return write_yolo(folder, [YOLO_LINE.replace("0.25", "left")])


@KINDS.refused("YOLO: NaN in place of a number", "2.txt:1: ")
def yolo_nan(folder: pathlib.Path) -> pathlib.Path:
    return write_yolo(folder, [YOLO_LINE.replace("0.25", "nan")])


@KINDS.refused("YOLO: positions in px instead of fractions", "2.txt:1: ")
def yolo_px(folder: pathlib.Path) -> pathlib.Path:
    return write_yolo(folder, ["0 32 24 32 24 16 24 2 32 36 1 6 5 2\n"])


@KINDS.refused("YOLO: bytes that are no text", "2.txt:1: ")
def yolo_bytes(folder: pathlib.Path) -> pathlib.Path:
    return write_yolo(folder, [bytes(range(256))])


@KINDS.noted("YOLO: a file of labels of zero bytes", "2 labelled images of 3")
def yolo_zero_bytes(folder: pathlib.Path) -> pathlib.Path:
    return write_yolo(folder, [""])


@KINDS.noted("YOLO: the same line twice", "smaller people")
def yolo_duplicate_rows(folder: pathlib.Path) -> pathlib.Path:
    return write_yolo(folder, [YOLO_LINE + YOLO_LINE])


@KINDS.used("YOLO: line ends of Windows, and a byte order mark")
def yolo_windows_lines(folder: pathlib.Path) -> pathlib.Path:
    return write_yolo(folder, [("\ufeff" + YOLO_LINE.replace("\n", "\r\n")).encode()])


@KINDS.noted("YOLO: labels whose image is missing", "1 of texts without an image")
def yolo_image_missing(folder: pathlib.Path) -> pathlib.Path:
    path = write_yolo(folder, [YOLO_LINE])
    (folder / "images" / "train" / "2.png").unlink()
    return path


@KINDS.refused("YOLO: no kpt_shape (a data set of boxes)", "expected `kpt_shape`")
def yolo_missing_field(folder: pathlib.Path) -> pathlib.Path:
    return write_yolo(folder, yaml=YOLO_YAML.replace("kpt_shape: [3, 3]\n", ""))


@KINDS.refused("YOLO: a yaml file that ends within a list", "data.yaml: ")
def yolo_cut(folder: pathlib.Path) -> pathlib.Path:
    return write_yolo(folder, yaml=YOLO_YAML[: YOLO_YAML.index(", ear")])


@KINDS.used("YOLO: paths of Windows")
def yolo_windows_paths(folder: pathlib.Path) -> pathlib.Path:
    yaml = YOLO_YAML.replace("path: .", "path: C:\\data\\mice").replace("images/train", "images\\train")
    return write_yolo(folder, yaml=yaml)
