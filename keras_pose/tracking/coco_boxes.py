"""Reads boxes of people from COCO JSON: a data set with `images` and `annotations`, or a plain list of results.

The number of a box's frame, from 0, is `frame_id` of the annotation or of its image; otherwise the place of its image
in the order of the image ids; in a list of results, `image_id` itself. The name of a person is `track_id` (or
`instance_id`); if no annotation has one, boxes of consecutive frames are joined by their overlap (`association`) and
numbered from 1.
"""

from __future__ import annotations

import math
import os
from typing import Any

from keras_pose import files
from keras_pose.tracking.association import match
from keras_pose.tracking.boxes import BoxTrack, make_tracks
from keras_pose.tracking.regions import Region

_TRACK_FIELDS = ("track_id", "instance_id")
_MIN_OVERLAP = 0.3
_PERSON = "person"


def read_coco_boxes(path: str | os.PathLike[str], max_gap: int) -> list[BoxTrack]:
    """Reads the boxes of a file.

    If there are categories, and one of them is "person", other boxes are left out.

    Args:
      path: the file.
      max_gap: the largest number of frames without a box that two joined boxes may have between them.

    Raises:
      ValueError: for a file that is not such JSON, or an annotation that is no box; the message names its position.
      OSError: if the file cannot be read.
    """
    place = os.fspath(path)
    content = files.read_json(path)
    annotations = content.get("annotations") if isinstance(content, dict) else content
    if not isinstance(annotations, list):
        raise ValueError(f"{place}: expected COCO boxes: an object with a list 'annotations', or a list of results")
    images = content.get("images") if isinstance(content, dict) else None
    frames = _number_images(images, place)
    person = _person_category(content)
    found = []
    for number, annotation in enumerate(annotations):
        where = f"{place}: annotations[{number}]"
        if not isinstance(annotation, dict):
            raise ValueError(f"{where}: expected an object, received {_shorten(annotation)}")
        if person is not None and annotation.get("category_id") != person:
            continue
        frame = _frame_of(annotation, frames, where)
        found.append((frame, _track_of(annotation), _read_box(annotation, where), where))
    return make_tracks(_join_by_name(found) if any(name for _, name, _, _ in found) else _join(found, max_gap))


def _number_images(images: Any, place: str) -> dict[Any, int] | None:
    """The number of the frame of each image by its id; None if there are no images."""
    if not isinstance(images, list) or not images:
        return None
    if not all(isinstance(image, dict) and isinstance(image.get("id"), (int, str)) for image in images):
        raise ValueError(f"{place}: expected images with an 'id'")
    videos = {str(image["video_id"]) for image in images if "video_id" in image}
    if len(videos) > 1:
        raise ValueError(f"{place}: expected images of one video, received video_id {', '.join(sorted(videos)[:5])}")
    ids = sorted((image["id"] for image in images), key=lambda value: (isinstance(value, str), value))
    ranks = {value: rank for rank, value in enumerate(ids)}
    return {image["id"]: _whole(image.get("frame_id"), ranks[image["id"]]) for image in images}


def _person_category(content):
    """The id of the category "person"; None if there is none."""
    categories = content.get("categories") if isinstance(content, dict) else None
    for category in categories if isinstance(categories, list) else ():
        if isinstance(category, dict) and category.get("name") == _PERSON:
            return category.get("id")
    return None


def _frame_of(annotation, frames, where):
    image = annotation.get("image_id")
    frame = _whole(annotation.get("frame_id"), None)
    if frame is None and frames is not None:
        frame = frames.get(image) if isinstance(image, (int, str)) else None
        if frame is None:
            raise ValueError(f"{where}: expected the image_id of one of the images, received {_shorten(image)}")
    frame = _whole(image, None) if frame is None else frame
    if frame is None or frame < 0:
        raise ValueError(f"{where}: expected frame_id or image_id, a frame's number from 0, received {_shorten(image)}")
    return frame


def _track_of(annotation):
    names = [annotation[field] for field in _TRACK_FIELDS if isinstance(annotation.get(field), (int, str))]
    return str(names[0]) if names else ""


def _read_box(annotation: dict, where: str) -> Region:
    box = annotation.get("bbox")
    numbers = box if isinstance(box, list) and len(box) == 4 else []
    if not numbers or not all(type(v) in (int, float) and math.isfinite(v) for v in numbers) or min(numbers[2:]) <= 0:
        raise ValueError(
            f"{where}: expected bbox [left, top, width, height] in px with an area, received {_shorten(box)}"
        )
    left, top, width, height = (float(number) for number in numbers)
    return left, top, width, height


def _join_by_name(found):
    entries: dict[str, dict[int, Region]] = {}
    for frame, name, box, where in found:
        if not name:
            raise ValueError(f"{where}: expected a track_id, as others have, found none")
        boxes = entries.setdefault(name, {})
        if frame in boxes:
            raise ValueError(f"{where}: expected one box of track {name} in frame {frame}, received a second")
        boxes[frame] = box
    return entries


def _join(found, max_gap):
    """Joins boxes of consecutive frames that overlap."""
    by_frame: dict[int, list[Region]] = {}
    for frame, _, box, _ in found:
        by_frame.setdefault(frame, []).append(box)
    entries: dict[str, dict[int, Region]] = {}
    for frame in sorted(by_frame):
        open_names = [name for name, boxes in entries.items() if frame - max(boxes) <= max_gap + 1]
        last = [entries[name][max(entries[name])] for name in open_names]
        names = {column: open_names[row] for row, column in match(last, by_frame[frame], _MIN_OVERLAP)}
        for column, box in enumerate(by_frame[frame]):
            entries.setdefault(names.get(column) or str(len(entries) + 1), {})[frame] = box
    return entries


def _whole(value, otherwise):
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise


def _shorten(value):
    text = repr(value)
    return text if len(text) <= 80 else text[:80] + "…"
