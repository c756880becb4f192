"""The images and videos of a COCO file: which picture each person is in.

An image is a frame of a video if it has a `frame_index` and the `video_id` of an entry of `videos` that has a
`file_name`; otherwise it is a file of its own. Image entries that name the same file are one image.
"""

from __future__ import annotations

import collections
import dataclasses
import math
import os
from typing import Any

from keras_pose.data.importers.coco.annotation_file import Content, Id, normalize_id, parse_number, shorten
from keras_pose.data.importers.coco.findings import Findings
from keras_pose.data.importers.coco.people import Person
from keras_pose.data.importers.file_search import FileSearch

_LARGEST_POSITION = 2**31 - 1
_BAD = ()
_NAME_FIELDS = ("file_name", "path", "coco_url", "flickr_url")


@dataclasses.dataclass
class Picture:
    """An image file, or a frame of a video, and the people in it.

    Args:
      name: `file_name` of the image, or of its video.
      path: path of the image or video file.
      video: the entry of its video; None for an image.
      position: 0-based position of the frame in the video; 0 for an image.
      size_hw: (height, width) in px as the file states them; None if it does not.
      people: the labelled people, in the order of the file.
      group: the video that the image was cut from, as data sets with tracks state it (`vid_id`, `video_id`); empty if
        the file does not. A split keeps such images together.
    """

    name: str
    path: str
    video: dict[str, Any] | None = None
    position: int = 0
    size_hw: tuple[int, int] | None = None
    people: list[Person] = dataclasses.field(default_factory=list)
    group: str = ""


def find_pictures(content: Content, people: list[Person], search: FileSearch, findings: Findings) -> list[Picture]:
    """Finds the pictures of the people. What cannot be found becomes a problem.

    Returns:
      Pictures in the order in which their people are in the file.

    Raises:
      ValueError: if none of the images or videos is found.
    """
    images = _index("images", "image", content.images, findings)
    videos = _index("videos", "video", content.videos, findings)
    members: dict[Id, list[Person]] = collections.defaultdict(list)
    for person in people:
        entry = None if person.image_id is None else images.get(person.image_id)
        if entry is None or person.image_id is None:
            received = shorten(person.image_id)
            findings.add_bad("of an unknown image", person.place, f"expected the id of an image, received {received}")
        elif isinstance(entry, str):
            findings.add_bad("of an ambiguous image", person.place, entry)
        else:
            members[person.image_id].append(person)
    # Tell frames of videos from images, and look for the files of both.
    frames = {i: frame for i in members if (frame := _frame(i, images[i], videos, members[i], findings)) != _BAD}
    names = _file_names({i: images[i] for i, frame in frames.items() if frame is None})
    for image_id in [i for i, alternatives in names.items() if not alternatives]:
        received = shorten(images[image_id].get("file_name"))
        message = f"expected the field 'file_name' with the name of a file, received {received}"
        _lose("without the name of an image", f"image {image_id}", message, members[image_id], findings)
        del frames[image_id]
    wanted: dict[Any, list[str]] = {("image", i): names[i] for i in frames if i in names}
    wanted.update({("video", frame[0]): [videos[frame[0]]["file_name"]] for frame in frames.values() if frame})
    found = search.find(wanted)
    if wanted and not any(place.path for place in found.values()):
        first = next(iter(found.values()))
        raise ValueError(f"{findings.path}: none of its {len(wanted)} images and videos was found: {first.message}")
    _note_places(wanted, found, search, findings)
    pictures: dict[Any, Picture] = {}
    for image_id, frame in frames.items():
        place = found[("video", frame[0]) if frame else ("image", image_id)]
        video = videos[frame[0]] if frame else None
        picture = Picture(_first_name(video or images[image_id]), place.path, video, frame[1] if frame else 0)
        _add_people(pictures, picture, image_id, images[image_id], members[image_id], place.message, findings)
    return list(pictures.values())


def _add_people(pictures, picture, image_id, image, people, message, findings):
    """Adds the people of an image entry to its picture, or to the picture that another entry has made of the file."""
    place = f"image {image_id}"
    kind = "whose image is missing" if picture.video is None else "whose video is missing"
    key = (os.path.normpath(picture.path), picture.position)
    if not message and picture.video and key in pictures:
        kind = "of a frame that is already labelled"
        message = f"two images have the same frame_index, {picture.position}, in video {picture.name!r}"
    if message:
        _lose(kind, place, message, people, findings, picture.name)
        return
    picture = pictures.setdefault(key, picture)
    picture.size_hw = picture.size_hw or _size_hw(image)
    picture.group = picture.group or ("" if picture.video else _video_of(image))
    picture.people += people


def _lose(kind, place, message, people, findings, clip=""):
    """Adds one problem for an image or frame with all its people."""
    more = f" ({len(people)} annotations)" if len(people) > 1 else f" ({people[0].place})"
    findings.add_bad(kind, place + more, message, clip, len(people))


def _index(field, word, entries, findings):
    """Returns entries by id; a message instead of an entry if different entries have its id."""
    by_id: dict[Id, Any] = {}
    for number, entry in enumerate(entries):
        entry_id = normalize_id(entry.get("id")) if isinstance(entry, dict) else None
        if entry_id is None:
            message = f"expected an object with the field 'id', received {shorten(entry)}"
            findings.add_bad("", f"{field}[{number}]", message, "", 0)
            continue
        other = by_id.setdefault(entry_id, entry)
        if other is not entry and isinstance(other, dict) and _identity(other) != _identity(entry):
            names = " and ".join(shorten(e.get("file_name")) for e in (other, entry))
            by_id[entry_id] = f"{word} id {entry_id} belongs to {names}"
    return by_id


def _identity(entry):
    return [entry.get(field) for field in (*_NAME_FIELDS, "video_id", "frame_index")]


def _frame(image_id, image, videos, people, findings):
    """Returns (video id, position) of a frame of a video, None for an image file, `_BAD` for a bad entry."""
    index = image.get("frame_index")
    if image.get("video_id") is None or index is None:
        return None  # tracking data sets also name the video of image files
    video_id = normalize_id(image["video_id"])
    video = None if video_id is None else videos.get(video_id)
    place = f"image {image_id}"
    if not isinstance(video, dict):
        message = video or f"expected video_id of an entry in 'videos', received [{shorten(image['video_id'])}]"
        _lose("of an unknown video", place, message, people, findings)
        return _BAD
    if not isinstance(video.get("file_name"), str) or not video["file_name"].strip():
        return None
    number = int(index) if isinstance(index, float) and index.is_integer() else index
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= _LARGEST_POSITION:
        message = f"expected frame_index of 0 or more, received {shorten(index)}"
        _lose("with an invalid frame_index", place, message, people, findings, video["file_name"])
        return _BAD
    return video_id, number


def _file_names(images):
    """Returns the names under which each image is looked for, the best first; `path` first if it tells files apart."""
    names = {}
    for image_id, entry in images.items():
        values = [entry.get(field) for field in _NAME_FIELDS]
        names[image_id] = [value for value in values if isinstance(value, str) and value.strip()]
    counts = collections.Counter(alternatives[0] for alternatives in names.values() if alternatives)
    for image_id, alternatives in names.items():
        path = images[image_id].get("path")
        if alternatives and counts[alternatives[0]] > 1 and path in alternatives:
            names[image_id] = [path]
    return names


def _first_name(entry):
    values = (entry.get(field) for field in _NAME_FIELDS)
    name = next(value for value in values if isinstance(value, str) and value.strip())
    return name if name == entry.get("file_name") else name.replace("\\", "/").rpartition("/")[2]


def _video_of(image):
    video = next((v for v in (image.get("vid_id"), image.get("video_id")) if v is not None), None)
    return f"video {video}" if isinstance(video, (int, str)) and not isinstance(video, bool) else ""


def _size_hw(image):
    """Returns (height, width) as an image entry states them, or None if it does not."""
    sides = [parse_number(image.get(side)) or 0.0 for side in ("height", "width")]
    if not all(math.isfinite(side) and side >= 1 for side in sides):
        return None
    return int(sides[0]), int(sides[1])


def _note_places(wanted, found, search, findings):
    """Notes files that were found by name alone, or outside `image_dir`."""
    loose = [key for key, place in found.items() if place.by_name]
    outside = [key for key, place in found.items() if place.path and not search.is_in_image_dir(place.path)]
    for keys, words in ((loose, "found by name alone"), (outside, "not in --image_dir, but found elsewhere")):
        if keys:
            files = "file was" if len(keys) == 1 else "files were"
            first = f"{wanted[keys[0]][0]!r} as {found[keys[0]].path}"
            findings.add_note(f"{len(keys)} {files} {words}, for example {first}")
