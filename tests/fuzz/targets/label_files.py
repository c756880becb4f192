"""Label Studio's tasks, YOLO-pose folders and SLEAP files with changed entries, text or bytes."""

from __future__ import annotations

import functools
import json
import os
import random
import tempfile

from tests.fuzz import numbered
from tests.fuzz.accounting import read_and_check
from tests.fuzz.changes import raw, trees

_IMAGES = (40, 41, 42)
_JOINTS = ("nose", "left_eye", "right_eye")


def run_label_studio(rng: random.Random, folder: str, log: list) -> bool:
    """Changes tasks; the pictures stay as they are."""
    for number in _IMAGES:
        _write(folder, f"img_{number}.png", numbered.picture(number))
    tasks = [_task(number) for number in _IMAGES]
    kind = rng.choice(("none", "tree", "tree", "tree", "text", "bytes"))
    for _ in range(rng.randrange(1, 4) if kind == "tree" else 0):
        tasks = trees.change_tree(rng, tasks, log)
    data = json.dumps(tasks).encode("utf-8", "replace")
    if kind in ("text", "bytes"):
        data = (raw.change_text if kind == "text" else raw.change_bytes)(rng, data, log)
    _write(folder, "tasks.json", data)
    return read_and_check(os.path.join(folder, "tasks.json"), folder, None, must_read=kind == "none")


def _task(number):
    height, width = numbered.SIZE_HW
    sides = {"original_width": width, "original_height": height, "type": "keypointlabels"}
    points = [
        {**sides, "id": f"k{at}", "value": {"x": 10 + 20 * at, "y": 30, "width": 0.5, "keypointlabels": [name]}}
        for at, name in enumerate(_JOINTS)
    ]
    box = {"id": "box", "type": "rectanglelabels", "value": {"x": 1, "y": 1, "width": 9, "height": 9}}
    relations = [{"type": "relation", "from_id": f"k{at}", "to_id": "box"} for at in range(len(_JOINTS))]
    result = [*points, box, *relations]
    return {"id": number, "data": {"image": f"img_{number}.png"}, "annotations": [{"id": 1, "result": result}]}


def run_yolo(rng: random.Random, folder: str, log: list) -> bool:
    """Changes data.yaml or the text of an image."""
    texts = {"data.yaml": "train: images\nkpt_shape: [3, 3]\nkpt_names: {0: [nose, left_eye, right_eye]}\n"}
    for number in _IMAGES:
        _write(folder, f"images/img_{number}.png", numbered.picture(number))
        texts[f"labels/img_{number}.txt"] = (
            "0 .5 .5 .4 .4 .1 .2 2 .3 .4 1 0 0 0\n0 .5 .5 .1 .1 .1 .2 2 .3 .4 1 .1 .1 2\n"
        )
    changed = rng.choice([*texts, ""])
    for name, text in texts.items():
        data = text.encode()
        if name == changed:
            data = rng.choice((raw.change_text, raw.change_bytes))(rng, data, log)
        _write(folder, name, data)
    return read_and_check(folder, folder, None, must_read=not changed)


def run_slp(rng: random.Random, folder: str, log: list) -> bool:
    """Cuts a SLEAP file with its images inside, or overwrites its end. The HDF5 library hangs on some changed bytes."""
    data = _slp_bytes()
    unchanged = rng.randrange(4) == 0
    if not unchanged:
        length = rng.randrange(len(data))
        log.append(f"cut after {length} bytes")
        data = data[:length] + rng.choice((b"", bytes(len(data) - length)))
    _write(folder, "labels.pkg.slp", data)
    return read_and_check(os.path.join(folder, "labels.pkg.slp"), folder, None, must_read=unchanged)


@functools.lru_cache(maxsize=1)
def _slp_bytes():
    import numpy as np
    import sleap_io

    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, f"{number}.png") for number in _IMAGES]
        for path, number in zip(paths, _IMAGES):
            _write(folder, os.path.basename(path), numbered.picture(number))
        skeleton = sleap_io.Skeleton(list(_JOINTS), edges=[("nose", "left_eye")])
        video = sleap_io.Video.from_filename(paths)
        points = np.array([[5.0, 6], [20, 30], [np.nan, np.nan]])
        frames = [
            sleap_io.LabeledFrame(video, at, [sleap_io.Instance.from_numpy(points + at, skeleton=skeleton)])
            for at in range(len(paths))
        ]
        out = os.path.join(folder, "a.pkg.slp")
        sleap_io.save_slp(sleap_io.Labels(frames), out, embed="user", verbose=False)
        with open(out, "rb") as file:
            return file.read()


def _write(folder, name, data):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)
