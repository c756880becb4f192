"""COCO keypoint files with changed entries, fields, text or bytes."""

from __future__ import annotations

import json
import os
import random

from tests.fuzz import numbered
from tests.fuzz.accounting import Entry, number_in, read_and_check
from tests.fuzz.changes import raw, trees

JOINTS = ("nose", "left_eye", "right_eye")
_IMAGES = (40, 41, 42, 43)
_FRAMES = (2, 5, 6)


def run(rng: random.Random, folder: str, log: list) -> bool:
    """Changes annotations.json; the pictures stay as they are."""
    layout = rng.choice(("", "images"))
    os.makedirs(os.path.join(folder, layout), exist_ok=True)
    for number in _IMAGES:
        with open(os.path.join(folder, layout, _name(number)), "wb") as file:
            file.write(numbered.picture(number))
    with open(os.path.join(folder, layout, "clip.avi"), "wb") as file:
        file.write(numbered.video("avi", "mjpeg", options=(("q", "2"),)))
    tree = _document(with_video=bool(rng.randrange(2)))
    for _ in range(rng.randrange(3)):
        rng.choice((_add_person, _add_category, _add_boxes))(tree)
    kind = rng.choice(("tree",) * 4 + ("entry",) * 4 + ("harmless", "text", "bytes"))
    for _ in range(rng.randrange(1, 4) if kind in ("tree", "entry") else 0):
        tree = trees.change_tree(rng, tree, log) if kind == "tree" else _change_entry(rng, tree, log)
    if kind == "harmless":
        tree = _harmless(rng, tree, log)
    data = json.dumps(tree, indent=rng.choice((None, 1)), ensure_ascii=bool(rng.randrange(2))).encode(
        "utf-8", "replace"
    )
    known = True
    if kind == "text":
        data = raw.change_text(rng, data, log)
        known = log[-1] in raw.HARMLESS_TEXTS
    elif kind == "bytes":
        data = b"[" * 100_000 + data if rng.randrange(20) == 0 else raw.change_bytes(rng, data, log)
        known = False
    with open(os.path.join(folder, "annotations.json"), "wb") as file:
        file.write(data)
    must_read = kind == "harmless" or (kind == "text" and known)
    return read_and_check(folder, folder, entries_of(tree) if known else None, must_read=must_read)


def _name(number):
    return f"img_{number:03d}.png"


def _points(number):
    return [(float((number * 7 + j * 11) % 60 + 1), float((number * 5 + j * 13) % 44 + 1)) for j in range(len(JOINTS))]


def _document(with_video):
    height, width = numbered.SIZE_HW
    images = [{"id": n, "file_name": _name(n), "height": height, "width": width} for n in _IMAGES]
    if with_video:
        size = {"height": height, "width": width}
        images += [{"id": n, "file_name": f"f{n}", **size, "video_id": 1, "frame_index": n} for n in _FRAMES]
    annotations = []
    for image in images:
        keypoints = [value for x, y in _points(image["id"]) for value in (x, y, 2)]
        keypoints[2] = 1
        box = [0, 0, 60, 44]
        common = {"image_id": image["id"], "category_id": 1, "iscrowd": 0, "bbox": box, "num_keypoints": 3}
        annotations.append({"id": 100 + image["id"], **common, "keypoints": keypoints})
    annotations[1]["keypoints"][3:6] = [0, 0, 0]
    second = {**annotations[0], "id": 777, "bbox": [0, 0, 5, 5]}
    second["keypoints"] = [9.0, 9.0, 2] * len(JOINTS)
    category = {"id": 1, "name": "person", "supercategory": "person", "keypoints": list(JOINTS)}
    category["skeleton"] = [[1, 2], [1, 3]]
    document = {"info": {"year": 2020}, "licenses": [], "images": images, "annotations": [*annotations, second]}
    document["categories"] = [category]
    if with_video:
        document["videos"] = [{"id": 1, "file_name": "clip.avi"}]
    return document


def _add_person(tree):
    """A person in every picture, larger or smaller than the first."""
    for at, image in enumerate(tree["images"]):
        box = [0, 0, 63, 47] if at % 2 else [0, 0, 9, 9]
        keypoints = [value for j in range(len(JOINTS)) for value in (20.0 + j, 30.0 + at, 1 + j % 2)]
        person = {"id": 500 + len(tree["annotations"]), "image_id": image["id"], "category_id": 1, "bbox": box}
        tree["annotations"].append({**person, "keypoints": keypoints})


def _add_category(tree):
    """A second kind of thing with other keypoints, in one picture."""
    number = 2 + len(tree["categories"])
    tree["categories"].append({"id": number, "name": f"thing {number}", "keypoints": ["tip", "end"], "skeleton": []})
    thing = {"id": 800 + number, "image_id": tree["images"][-1]["id"], "category_id": number, "bbox": [1, 1, 9, 9]}
    tree["annotations"].append({**thing, "keypoints": [5.0, 5.0, 2, 7.0, 7.0, 2]})


def _add_boxes(tree):
    """A category and annotations without keypoints, as object detection has them."""
    number = 20 + len(tree["categories"])
    tree["categories"].insert(0, {"id": number, "name": "car"})
    for image in tree["images"][:2]:
        entry = {"id": 900 + len(tree["annotations"]), "image_id": image["id"], "category_id": number}
        tree["annotations"].append({**entry, "bbox": [0, 0, 5, 5], "segmentation": [[0, 0, 5, 0, 5, 5]]})


def _change_entry(rng, tree, log):
    """Changes fields that the importer reads, in ways of which some leave a usable file."""
    field, values = rng.choice(_FIELDS)
    entries = tree.get("annotations" if field in _OF_ANNOTATIONS else "images")
    value = rng.choice(values)
    entry = rng.choice(entries)
    log.append(f"{field} of {entry['id']} is {value!r}")
    at = 3 * rng.randrange(len(JOINTS)) + (2 if field == "v" else rng.randrange(2))
    if value == "delete":
        entry.pop(field, None)
    elif field in ("v", "xy"):
        if at < len(entry.get("keypoints") or ()):
            entry["keypoints"][at] = value
    else:
        entry[field] = value
    return tree


_OF_ANNOTATIONS = ("image_id", "category_id", "iscrowd", "keypoints", "bbox", "v", "xy", "area")
_FIELDS = (
    ("image_id", (40, 41, 999, None, "40", "delete")),
    ("category_id", (2, None, "1", "delete")),
    ("iscrowd", (1, None, "delete")),
    ("keypoints", ([], None, [0] * 9, [1.0, 2.0, 2], [5, 5, 2] * 4, "delete")),
    ("bbox", (None, [], [1, 2], [0, 0, -5, 9], ["a", 1, 2, 3], "delete")),
    ("v", (0, 1, 2, 3, -1, None, "2", 2.0, 0.5, True)),
    ("xy", (-0.4, -5, 63.4, 64, 1e9, None, "12", float("nan"))),
    ("area", (None, "delete")),
    ("file_name", ("missing.png", "sub\\img_040.png", "./img_041.png", "/nowhere/a.png", "", None, "img_042.png")),
    ("height", (None, 47, 0, "48", "delete")),
    ("width", (None, 65, -1, "delete")),
    ("video_id", (None, 1, 2, "1")),
    ("frame_index", (None, 0, 2, 11, 12, 99, -1, "3", 2.0)),
)


def _harmless(rng, tree, log):
    """A change after which the file says the same."""
    what = rng.randrange(6)
    log.append(f"harmless change {what}")
    if what == 0:
        rng.shuffle(tree["annotations"])
    elif what == 1:
        rng.shuffle(tree["images"])
    elif what == 2:
        tree["annotations"][0]["attributes"] = {"occluded": False, "note": None}
    elif what == 3:
        tree["categories"][0]["skeleton"] = rng.choice(([], None))
    elif what == 4:
        tree = dict(reversed(list(tree.items())))
    else:
        tree["annotations"][-1]["bbox"] = rng.choice((None, []))
    return tree


def entries_of(tree: object) -> list[Entry]:
    """Reads a document without the importer: its annotations with a keypoint that is or may be labelled."""
    if not isinstance(tree, dict):
        return []
    annotations = tree.get("annotations")
    entries = []
    for at, annotation in enumerate(annotations if isinstance(annotations, list) else ()):
        keypoints = annotation.get("keypoints") if isinstance(annotation, dict) else None
        # If every v is 0, nothing is labelled, as in the annotations of boxes.
        if isinstance(keypoints, list) and any(keypoints[2::3]):
            entries.append(_entry(tree, at, annotation, keypoints))
    return entries


def _entry(tree, at, annotation, keypoints):
    image = _only(tree.get("images"), annotation.get("image_id"))
    category = _only(tree.get("categories"), annotation.get("category_id"))
    place = f"annotation {annotation.get('id')}"
    name = image.get("file_name") if image else None
    names = (f"annotations[{at}]",) + ((name,) if isinstance(name, str) and name.endswith(".png") else ())
    names += (f"image {image.get('id')}",) if image else ()
    parts = category.get("keypoints") if category else None
    good = isinstance(parts, list) and len(set(map(str, parts))) * 3 == len(keypoints)
    if not good or not all(isinstance(part, str) for part in parts):
        return Entry(place, _picture(image), {}, None, names=names)
    joints = {}
    unsure = set()
    for part, x, y, v in zip(parts, keypoints[0::3], keypoints[1::3], keypoints[2::3]):
        sure = all(number_in(n) is not None and not isinstance(n, str) for n in (x, y, v)) and v in (0, 1, 2)
        if not sure:
            unsure.add(part)
        elif v:
            joints[part] = (float(x), float(y))
    return Entry(place, _picture(image), joints, frozenset(unsure), names=names)


def _only(entries, wanted):
    """The only entry with an id; None if there is none, or more than one."""
    found = [e for e in (entries if isinstance(entries, list) else ()) if isinstance(e, dict) and e.get("id") == wanted]
    return found[0] if len(found) == 1 and isinstance(wanted, (int, str)) else None


def _picture(image):
    """The number that the picture of an image shows, if its fields leave no doubt."""
    if not image:
        return None
    index = image.get("frame_index")
    if image.get("video_id") is not None:
        return index if isinstance(index, int) and not isinstance(index, bool) else None
    known = {_name(n): n for n in _IMAGES}
    name = image.get("file_name")
    return known.get(name) if isinstance(name, str) else None
