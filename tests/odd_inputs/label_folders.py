"""Small labelled data sets, in which one thing is odd: COCO files, and the data of Label Studio and YOLO-pose."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

SIZE_HW = (48, 64)
JOINTS = ("nose", "ear", "tail")
POINTS = ((10.0, 12.0), (20.5, 30.0), (40.0, 22.0))


def write_picture(path: pathlib.Path, size_hw: tuple[int, int] = SIZE_HW, seed: int = 0) -> None:
    """Writes a picture of noise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed).integers(0, 256, (*size_hw, 3)).astype(np.uint8)
    path.write_bytes(cv2.imencode(path.suffix, noise)[1].tobytes())


def coco(names: Sequence[str], size_hw: tuple[int, int] | None = SIZE_HW) -> dict[str, Any]:
    """The content of a COCO file: a person of three joints in each image.

    Args:
      names: `file_name` of the images.
      size_hw: their stated (height, width); None: not stated.
    """
    sides = {} if size_hw is None else {"height": size_hw[0], "width": size_hw[1]}
    images = [{"id": number, "file_name": name, **sides} for number, name in enumerate(names, 1)]
    keypoints = [value for x, y in POINTS for value in (x, y, 2)]
    annotations = [
        {"id": number, "image_id": number, "category_id": 1, "keypoints": list(keypoints), "num_keypoints": 3}
        for number in range(1, len(images) + 1)
    ]
    return {
        "images": images,
        "annotations": annotations,
        "categories": [{"id": 1, "name": "mouse", "keypoints": list(JOINTS), "skeleton": []}],
    }


def write_coco(folder: pathlib.Path, content: Any, pictures: Sequence[str] = ()) -> pathlib.Path:
    """Writes a COCO file and pictures beside it; returns the path of the file."""
    for seed, name in enumerate(pictures):
        write_picture(folder / "images" / name, seed=seed)
    path = folder / "annotations.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def tasks(names: Sequence[str], **changes: Any) -> list[dict[str, Any]]:
    """The tasks of a Label Studio export, a person of three joints each; `changes` go into each keypoint."""
    found = []
    for number, name in enumerate(names, 1):
        result = [
            {
                "type": "keypointlabels",
                "original_width": SIZE_HW[1],
                "original_height": SIZE_HW[0],
                "value": {"x": 100 * x / SIZE_HW[1], "y": 100 * y / SIZE_HW[0], "keypointlabels": [joint], **changes},
            }
            for joint, (x, y) in zip(JOINTS, POINTS)
        ]
        found.append({"id": number, "data": {"image": name}, "annotations": [{"id": number, "result": result}]})
    return found


def write_tasks(folder: pathlib.Path, content: Any, pictures: Sequence[str] = ("a.png", "b.png")) -> pathlib.Path:
    """Writes a Label Studio file and pictures beside it; returns the path of the file."""
    for seed, name in enumerate(pictures):
        write_picture(folder / name, seed=seed)
    path = folder / "tasks.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


YOLO_LINE = "0 .5 .5 .5 .5 0.25 0.5 2 0.5 0.75 1 0.1 0.1 2\n"
YOLO_YAML = "path: .\ntrain: images/train\nkpt_shape: [3, 3]\nkpt_names: {0: [nose, ear, tail]}\nnames: {0: mouse}\n"


def write_yolo(folder: pathlib.Path, lines: Sequence[str | bytes] = (), yaml: str = YOLO_YAML) -> pathlib.Path:
    """Writes a YOLO-pose data set: two images with good labels, and one more for each text; returns the yaml file."""
    for number, text in enumerate([YOLO_LINE, YOLO_LINE, *lines]):
        write_picture(folder / "images" / "train" / f"{number}.png", seed=number)
        path = folder / "labels" / "train" / f"{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path = folder / "data.yaml"
    path.write_text(yaml, encoding="utf-8")
    return path
