"""Reads COCO keypoint annotations of separate images and of video frames.

Source: the COCO data format (cocodataset.org, keypoint detection). `keypoints` are J × (x, y, v); v is 0 for
unlabelled, 1 for hidden, 2 for visible; `skeleton` pairs count from 1. Additions of this project, which
`keras_pose.data.synthetic.export` writes: `videos` (`id`, `file_name`); `video_id` and `frame_index` (0-based) of an
image; `flip_pairs` (left and right names) and `colors` of a category. If there are no `flip_pairs`, they follow from
the names. Positions are used unchanged: (x, y) px with pixel centres at integers.

What other tools write is read, too: `annotation_file` (the file), `categories` (joints and edges), `people`
and `keypoints` (annotations), `images` and `file_search` (where the images are).
"""

from __future__ import annotations

import collections
import dataclasses
import os

from keras_pose.data.clip import Frames
from keras_pose.data.image_frames import ImageFrames
from keras_pose.data.importers.coco import annotation_file
from keras_pose.data.importers.coco.findings import Findings
from keras_pose.data.importers.coco.images import find_pictures
from keras_pose.data.importers.coco.people import Person, read_people
from keras_pose.data.importers.coco.video_labels import turn_labels
from keras_pose.data.importers.file_search import FileSearch
from keras_pose.data.importers.labelled_frames import clip_of_people
from keras_pose.data.source import Source
from keras_pose.media.video import VideoFrames

_SMALLER = (
    "of smaller people than another in the same image (only the largest box of an image is read; to use the others, "
    "cut the images so that each shows one person)"
)


def read(
    path: str | os.PathLike[str], image_dir: str = "", category: str = "", exif_orientation: str = "auto"
) -> Source:
    """Reads a data set of COCO keypoints.

    All images of the same video become frames of one clip; every other image becomes a clip of its own. If an image
    shows several people, the one with the largest box is read.

    Args:
      path: a .json file; or a folder with `annotations.json`, or with one file of COCO keypoints.
      image_dir: folder of the images and videos, searched before the places that `file_search` lists.
      category: name of the category to read; empty: the one with the most labelled joints.
      exif_orientation: how the labels see frames of videos that are turned when they are played, if the sizes in the
        labels do not tell: "upright", "stored", or "auto" (`video_labels`).

    Returns:
      `Source`. Its `problems` hold bad entries and bad joints, `skipped` the reasons for which annotations are left
      out on purpose, and `summary` the number of each.

    Raises:
      ValueError: if the file is not a COCO keypoint file, the category is unknown, none of the images is found, or it
        is not known how the labels see a video; the message names the file.
    """
    path = annotation_file.find_annotations(os.fspath(path))
    content = annotation_file.read_content(path)
    findings = Findings(path)
    people, skeleton = read_people(content, category, findings)
    pictures = find_pictures(content, people, FileSearch(path, image_dir), findings)
    # Build a clip of each image and of each video, the videos in the order of the file.
    order = {id(video): number for number, video in enumerate(content.videos)}
    videos = collections.defaultdict(list)
    for picture in sorted((p for p in pictures if p.video), key=lambda p: order[id(p.video)]):
        videos[os.path.normpath(picture.path)].append(picture)
    images = [picture for picture in pictures if not picture.video]
    groups = [sorted(group, key=lambda picture: picture.position) for group in videos.values()] + [
        [picture] for picture in images
    ]
    names = _name_clips(groups, os.path.dirname(path) or ".")
    clips = [_build_clip(name, group, skeleton.joints, findings) for name, group in zip(names, groups)]
    built = [(clip, [picture.size_hw for picture in group]) for clip, group in zip(clips, groups) if clip is not None]
    kept = turn_labels([clip for clip, _ in built], [sizes for _, sizes in built], findings, exif_orientation)
    count = sum(clip.num_labelled for clip in kept)
    summary = findings.summary(count, len(content.annotations), count)
    return Source(kept, skeleton, findings.skipped(), tuple(findings.problems), tuple(findings.notes), path, summary)


def _name_clips(groups, folder):
    """Returns a name for each clip: `file_name`, or the path from `folder` if several have the same `file_name`."""
    names = [_name_clip(group[0]) for group in groups]
    counts = collections.Counter(names)
    names = [os.path.relpath(group[0].path, folder) if counts[name] > 1 else name for name, group in zip(names, groups)]
    taken = collections.Counter(names)
    return [f"{name} ({n})" if taken[name] > 1 else name for n, name in enumerate(names)]


def _name_clip(picture):
    if picture.video is None:
        return picture.name
    name = picture.video.get("name")
    return name if isinstance(name, str) and name else os.path.splitext(picture.name)[0]


def _build_clip(name, pictures, joints, findings):
    """Returns the clip of an image or of the labelled frames of a video, or None if its file cannot be read."""
    people = [_choose_person(picture, findings) for picture in pictures]
    first = pictures[0]
    frames: Frames
    try:
        frames = VideoFrames(first.path) if first.video else ImageFrames([first.path], first.size_hw)
    except (ValueError, OSError) as error:
        kind = "whose video cannot be read" if first.video else "whose image cannot be read"
        more = f" and {len(people) - 1} more" if len(people) > 1 else ""
        findings.add_bad(kind, f"{people[0].place}{more}", str(error), name, len(people))
        return None
    clip = clip_of_people(name, frames, [picture.position for picture in pictures], people, findings)
    return dataclasses.replace(clip, group=first.group) if first.group else clip


def _choose_person(picture, findings):
    """Returns the person with the largest box; of equal boxes the first."""
    chosen = max(picture.people, key=Person.area) if len(picture.people) > 1 else picture.people[0]
    for person in picture.people:
        if person is not chosen:
            findings.leave_out(_SMALLER, person.place)
    return chosen
