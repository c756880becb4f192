"""Each labelled person of a picture as a frame of its own, in sets that tell where people are (`--person_crop`)."""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Iterable, Sequence

from keras_pose.data import person_crop
from keras_pose.data.importers.coco.findings import Findings
from keras_pose.data.importers.labelled_frames import LabelledFrame
from keras_pose.words import count

WITHOUT_PLACE = (
    "whose place in the picture the file does not tell, beside people whose place it tells (--person_crop=none reads "
    "the largest person of whole pictures)"
)


def take_apart(frames: Iterable[LabelledFrame], crop: str, findings: Findings) -> list[LabelledFrame]:
    """Returns a frame for each person whose place is known (`Person.region`), with the region to look at.

    Args:
      frames: a frame for each picture, with all people in it.
      crop: `--person_crop`; with "none", or if no place is known, frames stay as they are.
      findings: counts people without a place who are not alone in their picture, and are left out; gets a note.

    Returns:
      Frames of one person each. Each becomes a clip of the name of its picture; of several people in a picture,
      `<picture> person <number>`. Clips of a picture have the same session: what its clip was called otherwise.

    Raises:
      ValueError: for another value of `crop`.
    """
    factor = person_crop.parse(crop)
    frames = list(frames)
    people = [person for frame in frames for person in frame.people]
    if factor is None or all(person.region is None for person in people):
        return frames
    num_people = collections.Counter(frame.file for frame in frames for _ in frame.people)
    seen: collections.Counter[str] = collections.Counter()
    taken: dict[tuple[str, int], str] = {}
    apart = []
    for frame in frames:
        position = _free_position(frame, taken)
        for person in frame.people:
            seen[frame.file] += 1
            several = num_people[frame.file] > 1
            if person.region is None and several:
                findings.leave_out(WITHOUT_PLACE, person.place)
                continue
            apart.append(
                dataclasses.replace(
                    frame,
                    position=position,
                    people=[person],
                    group=f"{frame.file} person {seen[frame.file]}" if several else frame.file,
                    session=_session(frame),
                    region=None if person.region is None else person_crop.enlarge(person.region, factor),
                )
            )
    findings.add_note(_describe(apart, num_people))
    return apart


def _session(frame):
    return frame.session or frame.group or frame.file.replace("\\", "/").rpartition("/")[2]


def _free_position(frame, taken):
    """The position of a frame; the next one if the same picture is in another part of the set.

    Splits name frames by session and position, and must tell the two apart.
    """
    position = frame.position
    if frame.frames is not None:  # its pictures are found by their positions
        return position
    while taken.setdefault((_session(frame), position), frame.part) != frame.part:
        position += 1
    return position


def _describe(apart: Sequence[LabelledFrame], num_people):
    several = sum(number > 1 for number in num_people.values())
    return (
        f"the net sees a square around each of {len(apart)} labelled people, in px of their "
        f"pictures; {count(several, 'picture')} with several people; --person_crop=none reads whole pictures"
    )
