"""Reads COCO keypoint annotations of separate images and of video frames.

Source: the COCO data format (cocodataset.org, keypoint detection). `keypoints` are J × (x, y, v); v is 0 for
unlabelled, 1 for hidden, 2 for visible; `skeleton` pairs count from 1. Additions of this project, which
`keras_pose.data.synthetic.export` writes: `videos` (`id`, `file_name`); `video_id` and `frame_index` (0-based) of an
image; `flip_pairs` (left and right names) and `colors` of a category. If there are no `flip_pairs`, they follow from
the names. Positions are used unchanged: (x, y) px with pixel centres at integers.
"""

from __future__ import annotations

import collections
import os

import numpy as np

from keras_pose import files
from keras_pose.data.clip import UNLABELLED, VISIBLE, Clip
from keras_pose.data.image_frames import ImageFrames
from keras_pose.data.source import Source
from keras_pose.media.video import VideoFrames
from keras_pose.skeleton import Skeleton, infer_flip_pairs


def read(path: str | os.PathLike[str]) -> Source:
    """Reads a data set of COCO keypoints.

    All images with the same `video_id` become frames of one clip; every other image becomes a clip of its own. If an
    image shows several people, the one with the largest box is kept, and `Source.skipped` lists the others.

    Args:
      path: a .json file, or a folder with `annotations.json`. Images and videos are searched in the folder of the
        .json file, then in its subfolder `images/`.

    Returns:
      `Source`.

    Raises:
      ValueError: if the file is not a COCO keypoint file, or an image or video is missing; the message names the file
        and the entry.
    """
    path = os.fspath(path)
    if os.path.isdir(path):
        path = os.path.join(path, "annotations.json")
    if not os.path.isfile(path):
        raise ValueError(f"{path}: expected COCO keypoint annotations, found no such file")
    content = _read_content(path)
    skeleton, category_ids = _read_skeleton(path, content["categories"])
    images = {image["id"]: image for image in content["images"]}
    chosen, skipped = _choose_persons(path, content["annotations"], category_ids, images)
    labels = {image_id: _read_label(path, entry, skeleton) for image_id, entry in chosen.items()}
    clips = _video_clips(path, content["videos"], images, labels)
    clips += _image_clips(path, images, labels)
    return Source(clips, skeleton, tuple(skipped))


def _read_content(path):
    """Returns the content of the file, after a check of its lists and the fields that the importer needs."""
    content = files.read_json(path)
    names = ("id", "file_name")
    lists = {"images": names, "annotations": ("id",), "categories": ("id",), "videos": names}
    for field, required in lists.items():
        if isinstance(content, dict) and field == "videos":
            content.setdefault(field, [])
        if not isinstance(content, dict) or not isinstance(content.get(field), list):
            raise ValueError(f"{path}: expected COCO keypoint annotations with a list {field!r}, found none")
        for number, entry in enumerate(content[field]):
            missing = [key for key in required if key not in entry]
            if missing:
                raise ValueError(f"{path}: {field}[{number}]: expected the field {missing[0]!r}, received {entry}")
    return content


def _read_skeleton(path, categories):
    """Returns the skeleton that all categories with keypoints share, and the ids of these categories."""
    with_keypoints = [category for category in categories if category.get("keypoints")]
    if not with_keypoints:
        raise ValueError(
            f"{path}: expected a category with 'keypoints', received {[c.get('name') for c in categories]}"
        )
    first = with_keypoints[0]
    joints = tuple(first["keypoints"])
    for category in with_keypoints:
        if tuple(category["keypoints"]) != joints:
            raise ValueError(
                f"{path}: expected the same keypoints in all categories, received {list(joints)} and "
                f"{category['keypoints']}"
            )
    edges = []
    for pair in first.get("skeleton", ()):
        if len(pair) != 2 or not all(1 <= n <= len(joints) for n in pair):
            raise ValueError(f"{path}: skeleton: expected pairs of numbers from 1 to {len(joints)}, received {pair}")
        edges.append(tuple(joints[n - 1] for n in pair))
    pairs = first["flip_pairs"] if "flip_pairs" in first else infer_flip_pairs(joints)
    colors = tuple(tuple(c) for c in first.get("colors", ()))
    skeleton = Skeleton(first.get("name", "coco"), joints, tuple(tuple(p) for p in pairs), tuple(edges), colors)
    return skeleton, {category["id"] for category in with_keypoints}


def _choose_persons(path, annotations, category_ids, images):
    """Chooses one labelled person per image: {image id: annotation}; and a message for each annotation left out."""
    persons = collections.defaultdict(list)
    skipped = []
    for entry in annotations:
        place = f"{path}: annotation {entry.get('id')}"
        if entry.get("category_id") not in category_ids or "keypoints" not in entry:
            continue
        if entry.get("image_id") not in images:
            raise ValueError(f"{place}: expected the id of an image, received {entry.get('image_id')!r}")
        if entry.get("iscrowd") or not any(entry["keypoints"][2::3]):
            skipped.append(f"{place}: no labelled joint, or a crowd")
            continue
        persons[entry["image_id"]].append(entry)
    chosen = {}
    for image_id, entries in persons.items():
        chosen[image_id] = max(entries, key=_box_area)
        for entry in entries:
            if entry is not chosen[image_id]:
                skipped.append(f"{path}: annotation {entry.get('id')}: a smaller person than another in the same image")
    return chosen, skipped


def _box_area(entry):
    if len(entry.get("bbox", ())) == 4:
        return entry["bbox"][2] * entry["bbox"][3]
    points = np.reshape(entry["keypoints"], (-1, 3))
    points = points[points[:, 2] > 0, :2]
    return float(np.prod(points.max(0) - points.min(0)))


def _read_label(path, entry, skeleton):
    """Returns (joints float32 [J, 2], visibility uint8 [J], origin)."""
    origin = f"{path}: annotation {entry.get('id')}"
    try:
        values = np.asarray(entry["keypoints"], np.float64).reshape(skeleton.num_joints, 3)
    except (TypeError, ValueError):
        raise ValueError(
            f"{origin}: expected {skeleton.num_joints} × (x, y, v) numbers, received {len(entry['keypoints'])} values"
        ) from None
    visibility = values[:, 2]
    if not np.isin(visibility, range(UNLABELLED, VISIBLE + 1)).all():
        raise ValueError(f"{origin}: expected v of 0 (unlabelled), 1 (hidden) or 2 (visible), received {visibility}")
    joints = np.where(visibility[:, None] == UNLABELLED, np.nan, values[:, :2])
    return joints.astype(np.float32), visibility.astype(np.uint8), origin


def _video_clips(path, videos, images, labels):
    by_video = collections.defaultdict(list)
    for image_id in labels:
        if images[image_id].get("video_id") is not None:
            by_video[images[image_id]["video_id"]].append(image_id)
    unknown = set(by_video) - {video["id"] for video in videos}
    if unknown:
        raise ValueError(f"{path}: images: expected video_id of an entry in 'videos', received {sorted(unknown)}")
    clips = []
    for video in videos:
        members = sorted(by_video[video["id"]], key=lambda image_id: _frame_index(path, images[image_id]))
        if members:
            positions = [_frame_index(path, images[image_id]) for image_id in members]
            if len(set(positions)) < len(positions):
                raise ValueError(f"{path}: video {video['file_name']}: two images have the same frame_index")
            name = video.get("name") or os.path.splitext(video["file_name"])[0]
            frames = VideoFrames(_find_medium(path, video["file_name"]))
            clips.append(_make_clip(name, frames, positions, [labels[image_id] for image_id in members]))
    return clips


def _frame_index(path, image):
    index = image.get("frame_index")
    if not isinstance(index, int) or index < 0:
        raise ValueError(f"{path}: image {image['id']}: expected frame_index of 0 or more, received {index!r}")
    return index


def _image_clips(path, images, labels):
    clips = []
    for image_id, label in labels.items():
        image = images[image_id]
        if image.get("video_id") is None:
            size_hw = (image["height"], image["width"]) if "height" in image and "width" in image else None
            frames = ImageFrames([_find_medium(path, image["file_name"])], size_hw)
            clips.append(_make_clip(image["file_name"], frames, [0], [label]))
    return clips


def _make_clip(name, frames, positions, labels):
    joints, visibility, origins = zip(*labels)
    return Clip(name, frames, positions, np.stack(joints), np.stack(visibility), origins=origins)


def _find_medium(path, file_name):
    folder = os.path.dirname(path)
    places = [os.path.join(folder, file_name), os.path.join(folder, "images", file_name)]
    for place in places:
        if os.path.isfile(place):
            return place
    raise ValueError(f"{path}: expected {file_name!r} at {' or '.join(places)}, found neither")
