"""Labelled people in frames of videos and in images, as clips: the last step of several importers.

An importer lists `LabelledFrame`s: which file each is in, and who is in it. `build_source` finds the files, keeps the
largest person of each frame, and makes a clip of each video and of each group of images.
"""

from __future__ import annotations

import collections
import dataclasses
import os
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from keras_pose.data.clip import UNLABELLED, Clip, Frames
from keras_pose.data.image_frames import ImageFrames
from keras_pose.data.importers.coco.findings import Findings
from keras_pose.data.importers.coco.people import Person
from keras_pose.data.importers.coco.video_labels import turn_labels
from keras_pose.data.importers.file_search import FileSearch
from keras_pose.data.person_crop import Region, overlaps
from keras_pose.data.source import Problem, Source
from keras_pose.media.video import VideoFrames
from keras_pose.skeleton import Skeleton

SMALLER = (
    "of smaller people than another in the same frame (only the largest box of a frame is read; to use the others, cut "
    "the images so that each shows one person)"
)
ELSEWHERE = "whose place, as the file tells it, is outside the picture"
_LARGEST_POSITION = 2**31 - 1


class HasPeople(Protocol):
    """A frame with the people in it."""

    people: list[Person]


@dataclasses.dataclass
class LabelledFrame:
    """A frame with at least one labelled person.

    Args:
      file: name of the video or image as the label file has it.
      is_video: whether `file` is a video.
      position: 0-based number of the frame in the video; of an image, its number in the group.
      people: the people in it.
      group: images with the same text become one clip of that name; empty: the image is a clip of its own.
      size_hw: (height, width) in px as the label file states them; None if it does not.
      frames: reader of frames that are inside the label file; None: `file` is looked for.
      other_names: further names under which `file` may lie.
      session, recording, part: `Clip.session`, `Clip.group` and `Clip.part` of the clip, the same in all its frames.
      region: `Clip.region` of the clip, which has no other frames then (`people_apart`).
    """

    file: str
    is_video: bool
    position: int
    people: list[Person]
    group: str = ""
    size_hw: tuple[int, int] | None = None
    frames: Frames | None = None
    other_names: tuple[str, ...] = ()
    session: str = ""
    recording: str = ""
    part: str = ""
    region: Region | None = None


def build_source(
    path: str,
    frames: Sequence[LabelledFrame],
    skeleton: Skeleton,
    findings: Findings,
    image_dir: str = "",
    exif_orientation: str = "auto",
    num_instances: int | None = None,
    root: str = "",
) -> Source:
    """Builds the clips of labelled frames.

    Args:
      path: the label file.
      frames: the labelled frames, in any order.
      skeleton: the skeleton of all people.
      findings: receives what cannot be found or read, and smaller people.
      image_dir: folder to search first; see `file_search`.
      exif_orientation: as for `video_labels.turn_labels`.
      num_instances: number of labels in the file, for the summary; None: the people in `frames`.
      root: folder of a research set, whose pictures are in `images/` below it or in `image_dir`. Labels whose picture
        is missing are then left out and counted, since parts of such sets are often absent. Empty: they are bad labels.

    Returns:
      `Source` of one clip for each video, in the order of the frames, then the images.

    Raises:
      ValueError: if none of the files is found, or it is not known how the labels see a video.
    """
    total = sum(len(frame.people) for frame in frames) if num_instances is None else num_instances
    groups = _group_by_file(_find_files(path, frames, findings, image_dir, root))
    names = _name_clips(groups, os.path.dirname(path) or ".")
    clips = []
    sizes = []
    shown: set[tuple[str, int]] = set()
    for name, (paths, group) in zip(names, groups):
        clip = _build_clip(name, paths, group, findings)
        if clip is not None:
            clips.append(clip)
            sizes.append([frame.size_hw for frame in group])
            place = group[0].file if group[0].region else name  # several people of a picture are several clips
            shown.update((place, position) for position in clip.labelled.tolist())
    clips = turn_labels(clips, sizes, findings, exif_orientation)
    count = sum(clip.num_labelled for clip in clips)
    summary = findings.summary(count, total, len(shown))
    return Source(clips, skeleton, findings.skipped(), tuple(findings.problems), tuple(findings.notes), path, summary)


def _find_files(path, frames, findings, image_dir, root):
    """Returns pairs of a path, empty for frames inside the label file, and a frame; lost ones become problems."""
    wanted = {frame.file: [frame.file, *frame.other_names] for frame in frames if frame.frames is None}
    folder = os.path.join(image_dir or os.path.join(root, "images"), "") if root else ""
    found = FileSearch(os.path.join(root, os.path.basename(path)) if root else path, image_dir).find(wanted)
    if wanted and len(wanted) == len({f.file for f in frames}) and not any(place.path for place in found.values()):
        first = next(iter(found.values()))
        reason = f"{first.message}; they belong in {folder}" if folder else first.message
        raise ValueError(f"{path}: none of its {len(wanted)} images and videos was found: {reason}")
    loose = [file for file, place in found.items() if place.by_name]
    if loose:
        words = "1 file was" if len(loose) == 1 else f"{len(loose)} files were"
        findings.add_note(f"{words} found by name alone, for example {loose[0]!r} as {found[loose[0]].path}")
    pairs = []
    lost = collections.defaultdict(list)
    for frame in frames:
        place = found.get(frame.file) if frame.frames is None else None
        if place is not None and not place.path:
            lost[frame.file].append(frame)
        else:
            pairs.append((place.path if place else "", frame))
    for file, members in lost.items():
        if folder:
            for person in (person for frame in members for person in frame.people):
                findings.leave_out(f"whose picture is not in {folder}", f"{person.place} ({file})")
            continue
        kind = "whose video is missing" if members[0].is_video else "whose image is missing"
        people = sum(len(frame.people) for frame in members)
        more = f" and {people - 1} more" if people > 1 else ""
        findings.add_bad(kind, f"{members[0].people[0].place}{more}", found[file].message, "", people)
    return pairs


def _group_by_file(pairs):
    """Returns [(paths, frames)] of each clip, videos first; frames in the order of their positions."""
    groups = collections.defaultdict(list)
    for number, (path, frame) in enumerate(pairs):
        if frame.is_video:
            key = ("video", os.path.normpath(path) if path else id(frame.frames))
        else:
            key = ("group", frame.group) if frame.group else ("image", os.path.normpath(path) if path else number)
        groups[key].append((path, frame))
    ordered = sorted(groups.items(), key=lambda item: item[0][0] != "video")
    result = []
    for _, members in ordered:
        members = sorted(members, key=lambda member: member[1].position)
        result.append(([path for path, _ in members], [frame for _, frame in members]))
    return result


def _name_clips(groups, folder):
    """Returns the name of each clip: of its video without the ending, of its group, or of its image."""
    names = []
    for _, group in groups:
        first = group[0]
        base = first.file.replace("\\", "/").rstrip("/").rpartition("/")[2]
        names.append(first.group or (os.path.splitext(base)[0] if first.is_video else base) or "frames")
    counts = collections.Counter(names)
    names = [
        os.path.relpath(paths[0], folder) if counts[name] > 1 and paths[0] else name
        for name, (paths, _) in zip(names, groups)
    ]
    taken = collections.Counter(names)
    return [f"{name} ({n})" if taken[name] > 1 else name for n, name in enumerate(names)]


def _build_clip(name, paths, group, findings):
    """Returns a clip, or None if its file cannot be read."""
    group, paths = _without_bad_positions(group, paths, findings)
    if not group:
        return None
    people = [choose_person(frame, findings) for frame in group]
    positions = [frame.position for frame in group]
    frames: Frames
    try:
        if group[0].frames is not None:
            frames = group[0].frames
        elif group[0].is_video:
            frames = VideoFrames(paths[0])
        else:
            sizes = {frame.size_hw for frame in group}
            frames = ImageFrames(dict(zip(positions, paths)), sizes.pop() if len(sizes) == 1 else None)
    except (ValueError, OSError) as error:
        kind = "whose video cannot be read" if group[0].is_video else "whose image cannot be read"
        more = f" and {len(people) - 1} more" if len(people) > 1 else ""
        findings.add_bad(kind, f"{people[0].place}{more}", str(error), name, len(people))
        return None
    region = group[0].region
    if region is not None and not overlaps(region, frames.size_hw):
        findings.leave_out(ELSEWHERE, people[0].place)
        return None
    clip = clip_of_people(name, frames, positions, people, findings)
    first = group[0]
    session = first.session or clip.session
    return dataclasses.replace(clip, session=session, group=first.recording or session, part=first.part, region=region)


def clip_of_people(
    name: str, frames: Frames, positions: Sequence[int], people: Sequence[Person], findings: Findings
) -> Clip:
    """Returns the clip of the people who were chosen, and reports the faults of their joints.

    Args:
      name: name of the clip.
      frames: its frames.
      positions: the frame of each person.
      people: one person for each labelled frame.
      findings: takes a problem for each joint at fault.
    """
    values = np.stack([person.values for person in people])
    visibility = values[..., 2].astype(np.uint8)
    points = np.where(visibility[..., None] == UNLABELLED, np.nan, values[..., :2]).astype(np.float32)
    for row, person in enumerate(people):
        for joint, message in sorted(person.faults.items()):
            findings.problems.append(Problem(name, row, f"{findings.path}: {person.place}: {message}", joint))
    origins = tuple(f"{findings.path}: {person.place}" for person in people)
    names = dict.fromkeys(key for person in people for key in person.landmarks)
    unknown = np.full(2, np.nan)
    landmarks = {key: np.stack([person.landmarks.get(key, unknown) for person in people]) for key in names}
    return Clip(name, frames, np.asarray(positions, np.int64), points, visibility, origins=origins, landmarks=landmarks)


def _without_bad_positions(group, paths, findings):
    """Leaves out frames whose number no video can have."""
    kept = []
    for frame, path in zip(group, paths):
        if 0 <= frame.position <= _LARGEST_POSITION:
            kept.append((frame, path))
        else:
            message = f"expected the number of a frame of 0 or more, received {frame.position}"
            findings.add_bad("with an invalid frame number", frame.people[0].place, message, "", len(frame.people))
    return [frame for frame, _ in kept], [path for _, path in kept]


def choose_person(frame: HasPeople, findings: Findings) -> Person:
    """Returns the person with the largest box, of equal boxes the first, and counts the others.

    Args:
      frame: a `LabelledFrame`, or another object with `people`.
      findings: counts them.
    """
    chosen = max(frame.people, key=Person.area)
    for person in frame.people:
        if person is not chosen:
            findings.leave_out(SMALLER, person.place)
    return chosen
