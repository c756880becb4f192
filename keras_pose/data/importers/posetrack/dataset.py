"""Reads PoseTrack18 (Andriluka et al. 2018): people in short videos, 15 joints, left and right are the subject's.

Every video is a clip of the pictures in its folder, most of which have no label but are neighbours in time. Positions
are used unchanged: (x, y) px with pixel centres at integers, as in COCO; the authors do not say where they count from.
"""

from __future__ import annotations

import collections
import dataclasses
import os

from keras_pose.data import authors_split
from keras_pose.data.clip import Clip
from keras_pose.data.importers import label_rows
from keras_pose.data.importers.coco import annotation_file
from keras_pose.data.importers.coco.findings import Findings
from keras_pose.data.importers.labelled_frames import choose_person, clip_of_people
from keras_pose.data.importers.posetrack import layout, people
from keras_pose.data.importers.posetrack.people import TrackedFrame
from keras_pose.data.picture_sequence import open_folder
from keras_pose.data.source import Source
from keras_pose.skeleton import Skeleton, infer_flip_pairs

_LIMBS = (("hip", "knee"), ("knee", "ankle"), ("shoulder", "elbow"), ("elbow", "wrist"), ("shoulder", "hip"))
SKELETON = Skeleton(
    "posetrack18",
    people.JOINTS,
    infer_flip_pairs(people.JOINTS),
    (
        *((f"{side}_{a}", f"{side}_{b}") for side in ("left", "right") for a, b in _LIMBS),
        *((f"{side}_shoulder", "neck") for side in ("left", "right")),
        ("left_hip", "right_hip"),
        ("neck", "nose"),
        ("nose", "head_top"),
    ),
)
_LEVELS = 3  # of folders between a file of labels and the folder of the data set: annotations/val/


def read(
    path: str | os.PathLike[str], split: str | None = None, image_dir: str = "", exif_orientation: str = "auto"
) -> Source:
    """Reads PoseTrack18.

    Args:
      path: the folder with `annotations/` and `images/`, or a file of labels.
      split: the authors' split (`authors_split.choose_name`); there is one, without a name.
      image_dir: folder of the pictures, if `images/` is not beside `annotations/`.
      exif_orientation: not used by these pictures, which have no orientation.

    Returns:
      `Source` of one clip for each video. Its landmarks `head_box_top_left` and `head_box_bottom_right` are the box
      around the head, as in MPII. Of several people in a frame the one with the largest box is read.

    Raises:
      ValueError: if labels are missing or of another form, or none of the pictures is found; the message names what is
        missing and where it belongs.
    """
    spec = os.fspath(path)
    authors_split.choose_name(split, (), spec)
    files = layout.find_files(spec)
    if not files:
        raise ValueError(
            f"{spec}: expected PoseTrack18 (annotations/val/<video>.json and images/), found no such files"
        )
    findings = Findings(spec)
    found = _read_files(files, spec, image_dir, findings)
    findings.path = spec
    if not found.clips:
        raise ValueError(
            f"{spec}: none of the videos of {len(files)} files can be used: {_explain_none(findings, found.missing)}"
        )
    _add_notes(findings, layout.find_unlabelled(spec, files, found.videos), found.num_regions)
    num_frames = sum(clip.num_labelled for clip in found.clips)
    return Source(
        _with_different_names(found.clips),
        SKELETON,
        findings.skipped(),
        tuple(findings.problems),
        tuple(findings.notes),
        spec,
        findings.summary(num_frames, found.num_annotations, num_frames),
    )


@dataclasses.dataclass
class _Found:
    """What files of labels hold.

    Args:
      clips: a clip for each video with pictures.
      missing: folders where pictures of other videos are expected.
      videos: names of all videos.
      num_annotations: labelled people.
      num_regions: frames with regions of people without labels.
    """

    clips: list[Clip] = dataclasses.field(default_factory=list)
    missing: list[str] = dataclasses.field(default_factory=list)
    videos: set[str] = dataclasses.field(default_factory=set)
    num_annotations: int = 0
    num_regions: int = 0


def _read_files(files, spec, image_dir, findings):
    found = _Found()
    for file in files:
        content = annotation_file.read_content(file)
        findings.path = file
        frames = people.read_frames(content, findings)
        found.num_annotations += len(content.annotations)
        found.num_regions += sum(frame.num_regions > 0 for frame in frames)
        for name, members in _group_by_video(frames).items():
            folder = _find_folder(name, spec, file, image_dir)
            found.videos.add(os.path.basename(name))
            if folder:
                part = layout.part_of(name) or layout.part_of(file)
                found.clips += _build_clip(name, folder, members, part, findings)
                continue
            found.missing.append(_expected_folder(name, spec, image_dir))
            for person in (person for frame in members for person in frame.people):
                findings.leave_out("whose video has no folder of pictures", f"{person.place} ({name})")
    return found


def _add_notes(findings, unlabelled, num_regions):
    if unlabelled:
        findings.add_note(
            f"{len(unlabelled)} videos of train or val have pictures but no labels: not used; expected {unlabelled[0]}"
        )
    if num_regions:
        findings.add_note(
            f"{num_regions} labelled frames have regions with people without labels (ignore_regions): nothing in these "
            "frames tells the net which person is meant"
        )


def _explain_none(findings, missing):
    """Why no video can be used: pictures that are missing, or damaged, or no labels."""
    if missing:
        return f"expected the pictures of a video in {missing[0]}"
    if findings.problems:
        return findings.problems[0].message
    return next(iter(findings.skipped()), "no person is labelled in them")


def _group_by_video(frames):
    videos: dict[str, list[TrackedFrame]] = collections.defaultdict(list)
    for frame in frames:
        videos[os.path.dirname(frame.name.replace("\\", "/"))].append(frame)
    return videos


def _find_folder(name, spec, file, image_dir):
    """The folder of the pictures of a video; empty if there is none."""
    tops = [image_dir] if image_dir else []
    tops += [spec, os.path.join(spec, "posetrack_data")] if os.path.isdir(spec) else []
    top = os.path.dirname(os.path.abspath(file))
    for _ in range(_LEVELS):
        tops.append(top)
        top = os.path.dirname(top)
    names = [name, name.partition("/")[2] or name, os.path.basename(name)]
    return next((f for top in tops for n in names if n and os.path.isdir(f := os.path.join(top, n))), "")


def _expected_folder(name, spec, image_dir):
    return os.path.join(image_dir or (spec if os.path.isdir(spec) else os.path.dirname(spec)), name, "")


def _build_clip(name, folder, members, part, findings):
    """Returns a list of the clip of a video; empty if none of its pictures can be used."""
    video = os.path.basename(name)
    positions = label_rows.positions_by_number([frame.name for frame in members])
    try:
        sequence = open_folder(folder, first=0)
        if positions is None:
            raise ValueError(f"expected names of pictures that end in their number, received {members[0].name!r}")
    except (ValueError, OSError) as error:
        findings.add_bad("whose video cannot be read", members[0].people[0].place, str(error), video, len(members))
        return []
    kept = []
    for frame, position in sorted(zip(members, positions), key=lambda pair: pair[1]):
        if frame.size_hw not in (None, sequence.size_hw):
            expected, found = (f"{height}×{width}" for height, width in (frame.size_hw, sequence.size_hw))
            message = f"{folder}: expected pictures of {expected} px (height×width) as the labels state, found {found}"
            kind = "of another size than its picture"
            findings.add_bad(kind, frame.people[0].place, message, video, len(frame.people))
            continue
        if position in sequence.paths:
            kept.append((choose_person(frame, findings), position))
            continue
        for person in frame.people:
            findings.leave_out(f"whose picture is not in {os.path.join(folder, '')}", f"{person.place} ({frame.name})")
    if not kept:
        return []
    clip = clip_of_people(video, sequence, [p for _, p in kept], [person for person, _ in kept], findings)
    return [dataclasses.replace(clip, part=part)]


def _with_different_names(clips):
    counts = collections.Counter(clip.name for clip in clips)
    names = [f"{clip.part}/{clip.name}" if counts[clip.name] > 1 else clip.name for clip in clips]
    return [clip if clip.name == name else dataclasses.replace(clip, name=name) for clip, name in zip(clips, names)]
