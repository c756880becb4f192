"""Compares the labels of an input, counted without the readers, with what a reader returns and says."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import numpy as np

from keras_pose.data import picture_check, validation
from keras_pose.data.clip import UNLABELLED
from keras_pose.data.open_source import open_source
from keras_pose.data.picture_orientation import decide_orientation
from keras_pose.data.picture_range import set_ranges
from keras_pose.data.picture_sizes import split_sizes
from tests.fuzz import numbered, oracle

_TOLERANCE_PX = 1e-3
_COUNTED = (
    "(?:rows|lines|images|pictures|labels|annotations|entries|people|persons|sessions|clips|folders|frames|more|others)"
)


@dataclasses.dataclass
class Entry:
    """A labelled row or annotation of an input.

    Args:
      place: how messages name it, such as `labels.csv:7`; a digit must not follow.
      picture: the number that its picture shows; None if that is not known.
      joints: {name: (x, y)} of its labelled joints, as far as the file leaves no doubt.
      unsure: names of joints that may or may not be labelled, or None if that can be all of them.
      clip: name of its clip, for messages about a whole clip.
      names: other ways in which messages name it, such as the picture's name.
    """

    place: str
    picture: int | None
    joints: dict[str, tuple[float, float]]
    unsure: frozenset | None = frozenset()
    clip: str = ""
    names: tuple[str, ...] = ()

    def is_named(self, text: str) -> bool:
        """Whether a message is about this entry."""
        return any(re.search(re.escape(name) + r"(?![\w])", text) for name in (self.place, *self.names))


def read_and_check(spec: str, folder: str, entries: list[Entry] | None, must_read: bool = False, **options) -> bool:
    """Reads a source, with bad labels as errors and left out, and accounts for every entry.

    Args:
      spec: what to open.
      folder: folder of the input, which error messages name.
      entries: all labelled entries of the input; None if they are not known.
      must_read: whether the input is good, so that a refusal is a fault.
      **options: options of `open_source`.

    Returns:
      Whether it was read with bad labels as errors.
    """
    opened = oracle.attempt(_open, spec, names=(folder, "--"), **options)
    if opened.error is None:
        opened.value, facts = opened.value
        strict = oracle.attempt(validation.validate, opened.value, "error", facts=facts, names=(folder, "--"))
        lenient = oracle.attempt(validation.validate, opened.value, "skip", facts=facts, names=(folder, "--"))
    error = opened.error or strict.error
    if must_read and error is not None:
        raise oracle.Fault("good data refused", str(error), oracle.place_of(error))
    if opened.error is not None or lenient.error is not None:
        return False
    source = lenient.value
    if strict.error is None:
        oracle.expect(
            len(source.skipped) == len(opened.value.skipped),
            "skip leaves out what error accepts",
            f"{source.skipped[len(opened.value.skipped) :]}",
        )
    if entries is not None:
        messages = [*source.skipped, *source.notes, getattr(source, "summary", "")]
        messages += opened.warnings + strict.warnings + lenient.warnings
        _account(source, entries, [message for message in messages if message], folder)
    return strict.error is None


def _open(spec, **options):
    """The source and the facts about its pictures, as `data.selection.open_data` has them before validation."""
    source = open_source(spec, **options)
    facts = picture_check.inspect_pictures(source.clips)
    source = decide_orientation(source, facts)
    return split_sizes(set_ranges(source, facts), facts), facts


def _account(source, entries, messages, folder):
    waiting = [with_names_of_notes(entry, messages) for entry in entries]
    for clip in source.clips:
        for row in range(clip.num_labelled):
            entry = _find_entry(clip, row, source, waiting, folder)
            oracle.expect(entry is not None, "label that the file does not have", _describe(clip, row, source))
            waiting.remove(entry)
            _compare(entry, clip, row, source, messages)
    # Each of the others is named by a message, or belongs to a clip that one names, or to a number that one states.
    lost = [entry for entry in waiting if not any(entry.is_named(message) for message in messages)]
    read = {clip.session for clip in source.clips}
    lost = [entry for entry in lost if entry.clip in read or not _names_clip(entry.clip, messages)]
    clips = {entry.clip for entry in lost}
    counted = [(_stated_count(message, folder), message) for message in messages]
    room = sum(max(0, count - sum(entry.is_named(m) for entry in waiting)) for count, m in counted)
    if len(lost) > room and not (clips.isdisjoint(read) and 0 < len(clips) <= room):
        listed = ", ".join(entry.place for entry in lost)
        raise oracle.Fault("left out without a word", f"{listed}; messages: {messages}", "" if messages else "silent")


def with_names_of_notes(entry: Entry, messages: list[str]) -> Entry:
    """Returns the entry with its joints under the names that notes tell for them."""
    found = [re.search(r"(['\"])(.+)\1 is read as the body part (['\"])(.+)\3", message) for message in messages]
    names = {match[2]: match[4] for match in found if match}
    joints = {names.get(name, name): point for name, point in entry.joints.items()}
    unsure = None if entry.unsure is None else frozenset(names.get(name, name) for name in entry.unsure)
    return dataclasses.replace(entry, joints=joints, unsure=unsure)


def _find_entry(clip, row, source, waiting, folder):
    """The entry that a labelled row comes from: by the picture's number, then by its place or its joints."""
    outcome = oracle.attempt(clip.frames.read, [int(clip.labelled[row])], names=(folder,))
    if outcome.error is not None:
        raise oracle.Fault("label whose picture cannot be read passes validation", str(outcome.error))
    number = numbered.read(outcome.value[0])
    found = [entry for entry in waiting if entry.picture in (None, number) or number is None]
    by_place = [entry for entry in found if entry.is_named(clip.origins[row])]
    if by_place:
        return by_place[0]
    found.sort(key=lambda entry: (entry.picture is None, len(_differences(entry, clip, row, source.skeleton.joints))))
    return found[0] if found else None


def _compare(entry, clip, row, source, messages):
    origin = Entry(clip.origins[row], None, {}, names=entry.names)
    for name, what in _differences(entry, clip, row, source.skeleton.joints).items():
        lacks = what == "lost"
        said = any(
            entry.is_named(m) or origin.is_named(m) or (name not in source.skeleton.joints and name in m)
            for m in messages
        )
        if not (lacks and said):
            text = f"{entry.place}: joint {name!r}: {what}; {_describe(clip, row, source)}; messages: {messages}"
            raise oracle.Fault("joint lost without a word" if lacks else "joint differs from the file", text)


def _differences(entry, clip, row, joints):
    """{joint: "lost", or how it differs}."""
    found: dict[str, str] = {}
    if entry.unsure is None:
        return found
    labelled = {joint: clip.joints[row, j] for j, joint in enumerate(joints) if clip.visibility[row, j] != UNLABELLED}
    for name, point in entry.joints.items():
        if name in entry.unsure:
            continue
        if name not in labelled:
            found[name] = "lost"
        elif not np.allclose(labelled[name], np.asarray(point, np.float32), atol=_TOLERANCE_PX, rtol=1e-5):
            found[name] = f"{point} in the file, {labelled[name].tolist()} read"
    for name in set(labelled) - set(entry.joints) - set(entry.unsure):
        found[name] = "not in the file"
    return found


def _names_clip(clip, messages):
    """Whether a message is about a whole clip: its name without a row behind it."""
    return bool(clip) and any(re.search(rf"{re.escape(clip)}(?![\w])(?!\S*:\d)", message) for message in messages)


def _stated_count(message, folder):
    """The first number of a message that counts entries: "2 of 8 rows", "3 other annotations"; 0 if there is none."""
    found = re.search(rf"(?<![\w.:/-])(\d{{1,6}})(?: [^\s/]+){{0,3}} {_COUNTED}\b", message.replace(folder, ""))
    return int(found[1]) if found else 0


def _describe(clip, row, source):
    points = dict(zip(source.skeleton.joints, clip.joints[row].tolist()))
    return f"read as {clip.origins[row]}, frame {int(clip.labelled[row])} of {clip.name}: {points}"


def number_in(cell: Any) -> float | None:
    """Returns the number of a cell that is one beyond doubt, else None."""
    if isinstance(cell, bool):
        return None
    if isinstance(cell, (int, float)):
        return float(cell) if abs(cell) < 1e6 else None  # not for NaN
    text = str(cell).strip()
    return float(text) if re.fullmatch(r"-?[0-9]{1,6}(\.[0-9]{1,6})?", text) else None
