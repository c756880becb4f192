"""Decides for pictures with an EXIF orientation whether their labels are for the stored or for the upright picture.

Some annotation tools show a picture as its tag says and write positions in what they show; others show the stored
pixels. The size that the labels state (width and height of COCO, the frame size of a video) tells the two apart if the
tag turns the picture by 90° and the sides differ. Pictures that it leaves open (turned by 180°, mirrored, square, or
without a stated size) follow the others of the same source if these agree, else the flag decides.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from keras_pose.data.clip import Clip
from keras_pose.data.label_flags import EXIF_ORIENTATION
from keras_pose.data.pictures.check import pictures_of
from keras_pose.data.source import Source
from keras_pose.media.inspection import PictureFacts
from keras_pose.media.orientation import STORED


@dataclasses.dataclass(frozen=True)
class _Tagged:
    """A picture with an orientation.

    `upright`: how to read it, True upright, False as stored, None if its size leaves it open.
    `fits`: whether one of its sizes is the stated one, or none is stated.
    """

    clip: str
    position: int
    path: str
    tag: int
    upright: bool | None
    fits: bool


def decide_orientation(source: Source, facts: Mapping[str, PictureFacts], choice: str = "auto") -> Source:
    """Decides how the pictures of a source that have an EXIF orientation are read.

    Args:
      source: the source.
      facts: facts about its pictures, by path.
      choice: for pictures that their size leaves open: "upright", "stored", or "auto" to follow the others of the
        source.

    Returns:
      The source with pictures that are read accordingly, and a note on what was decided. A picture that has neither
      size stays as stored; validation reports it.

    Raises:
      ValueError: if pictures are left open and the choice is "auto", or for another choice.
    """
    if choice not in EXIF_ORIENTATION:
        raise ValueError(f"--exif_orientation: expected one of {', '.join(EXIF_ORIENTATION)}, received {choice!r}")
    tagged = [entry for clip in source.clips for entry in _tagged_pictures(clip, facts)]
    if not tagged:
        return source
    by_size = [entry for entry in tagged if entry.upright is not None]
    open_ones = [entry for entry in tagged if entry.upright is None and entry.fits]
    answers = {entry.upright for entry in by_size}
    if choice != "auto":
        answer = choice == "upright"
    elif not open_ones:
        answer = False
    elif len(answers) == 1:
        answer = bool(answers.pop())
    else:
        raise ValueError(_ask(source, open_ones, by_size))
    notes = [_note_by_size(by_size, is_upright) for is_upright in (True, False)]
    if open_ones:
        reason = f"--exif_orientation={choice}" if choice != "auto" else "the sizes in the labels of the others say so"
        notes.append(f"{_count(open_ones)} read {_word(answer)}: {reason}")
    chosen: dict[str, set[int]] = {}
    for entry in by_size + open_ones:
        if answer if entry.upright is None else entry.upright:
            chosen.setdefault(entry.clip, set()).add(entry.position)
    clips = [_turn(clip, chosen[clip.name]) if clip.name in chosen else clip for clip in source.clips]
    return dataclasses.replace(source, clips=clips, notes=(*source.notes, *filter(None, notes)))


def describe_orientation(facts: PictureFacts | None) -> str:
    """Returns words on the orientation of a picture for a message about its size; empty if it has none."""
    if facts is None or facts.orientation == STORED:
        return ""
    height, width = facts.upright_hw
    return f" (EXIF orientation {facts.orientation}: upright it has {height}×{width})"


def _tagged_pictures(clip, facts):
    files = pictures_of(clip)
    stated = _stated_size(clip.frames)
    for position in sorted(set(clip.labelled.tolist()) & set(files.paths)):
        found = facts.get(files.paths[position])
        if found is None or found.fault or found.orientation == STORED:
            continue
        is_stored = stated == found.size_hw
        is_upright = stated == found.upright_hw
        upright = is_upright if stated and is_stored != is_upright else None
        fits = stated is None or is_stored or is_upright
        yield _Tagged(clip.name, position, files.paths[position], found.orientation, upright, fits)


def _stated_size(frames: Any) -> tuple[int, int] | None:
    """The size that the labels state: that of the images if it is written down, that of the video if there is one."""
    size_hw = frames.stated_size_hw if hasattr(frames, "stated_size_hw") else frames.size_hw
    return tuple(size_hw) if size_hw else None


def _turn(clip: Clip, positions: set[int]) -> Clip:
    frames: Any = clip.frames
    return dataclasses.replace(clip, frames=frames.with_pictures(pictures_of(clip).turned(positions)))


def _ask(source, open_ones, by_size):
    first = open_ones[0]
    why = "the sizes in the labels do not tell"
    if by_size:
        why = "some sizes in the labels are those of the upright, some those of the stored pictures"
    return (
        f"{source.name or 'source'}: {_count(open_ones)} labelled, the first {first.path} (orientation {first.tag}), "
        f"and {why} whether the labels are positions in the picture as viewers show it or in its stored pixels: add "
        "--exif_orientation=upright or --exif_orientation=stored, according to the tool that made the labels"
    )


def _note_by_size(entries, is_upright):
    chosen = [entry for entry in entries if entry.upright == is_upright]
    return f"{_count(chosen)} read {_word(is_upright)}, as the sizes in the labels say" if chosen else ""


def _count(entries):
    return (
        "1 picture with an EXIF orientation is"
        if len(entries) == 1
        else (f"{len(entries)} pictures with an EXIF orientation are")
    )


def _word(is_upright):
    return "upright" if is_upright else "as stored"
