"""Checks every label of a source before training or scoring.

Invalid labels (half a point, a point outside its image, a second label of the same frame, …) are reported all at once,
each with its file and row. They stop the run or are left out: the joint if only a joint is at fault, otherwise the row.
"""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from keras_pose.data import label_checks, label_flags, outside_labels
from keras_pose.data.clip import UNLABELLED, Clip
from keras_pose.data.label_checks import Fault
from keras_pose.data.source import Problem, Source
from keras_pose.media.inspection import PictureFacts

_SHOWN_MESSAGES = 20
_UNREADABLE = "labels that cannot be read"


@dataclasses.dataclass(frozen=True)
class _Finding:
    """A message about a label, with its place, and its kind for the count of such mistakes."""

    message: str
    kind: str


def validate(
    source: Source,
    on_bad_label: str = "error",
    outside: str = "error",
    facts: Mapping[str, PictureFacts] | None = None,
) -> Source:
    """Checks every labelled row.

    A joint is bad if the importer could not read it (half a point), a coordinate is infinite or beyond a million px, or
    it is more than half a pixel outside the frame. A row is bad if the importer could not read it, no joint is
    labelled, its frame already has a label (the first stays), its weight is not above 0, or its image is missing,
    damaged or of another size than the clip.

    Args:
      source: the source to check.
      on_bad_label: "error" refuses a source with bad labels; "skip" leaves out bad joints, bad rows, and rows in which
        no joint is left.
      outside: joints outside the frame: "error" treats them as bad; "unlabel" removes their labels, "hidden" marks them
        as hidden (`outside_labels`).
      facts: what is known of the pictures, by path; a picture that is not in it is checked by its header.

    Returns:
      `Source` without problems. `skipped` lists the joints and rows that were left out and why. Clips without a label
      are dropped.

    Raises:
      ValueError: for bad labels with "error" (the message shows the first 20, the number of all, and of each kind), a
        source without a good label, clips that do not fit the skeleton or have the same name, or an unknown choice.
    """
    _check_choice("on_bad_label", on_bad_label, ("error", "skip"))
    _check_choice("outside", outside, label_flags.OUTSIDE)
    _check_clips(source)
    problems: dict[str, list[Problem]] = collections.defaultdict(list)
    for problem in source.problems:
        problems[problem.clip].append(problem)
    findings = [_Finding(problem.message, _UNREADABLE) for problem in source.problems if problem.row is None]
    clips = []
    for clip in source.clips:
        read = [Fault(p.row, p.message, _UNREADABLE, p.joint) for p in problems[clip.name] if p.row is not None]
        checked = label_checks.check_labels(clip, source.skeleton.joints, facts)
        if outside != "error":
            checked = [fault for fault in checked if fault.kind != label_checks.OUTSIDE]
        placed = [
            dataclasses.replace(fault, message=f"{clip.origins[fault.row]}: {fault.message}") for fault in checked
        ]
        faults = sorted(read + placed, key=lambda fault: fault.row)  # stable: what was read comes first
        findings += [_Finding(fault.message, fault.kind) for fault in faults]
        good, emptied = _without(clip, faults)
        if on_bad_label == "skip":
            findings += [_Finding(f"{origin}: no joint is left", _UNREADABLE) for origin in emptied]
        clips += [good] if good.num_labelled else []
    messages = tuple(finding.message for finding in findings)
    if messages and on_bad_label == "error":
        raise ValueError(_report(source, findings))
    clips, skipped, notes = outside_labels.change_outside(clips, outside)
    clips = [clip for clip in clips if clip.num_labelled]
    if not clips:
        left_out = f": all were left out\n{_report(source, findings)}" if messages else ""
        raise ValueError(f"{source.name or 'source'}: expected at least one labelled frame, found none{left_out}")
    return dataclasses.replace(
        source,
        clips=clips,
        skipped=(*source.skipped, *messages, *skipped),
        notes=(*source.notes, *notes),
        problems=(),
    )


def _without(clip: Clip, faults: Sequence[Fault]) -> tuple[Clip, list[str]]:
    """Leaves out the joints and rows at fault; returns the rest, and the origins of rows in which no joint is left."""
    if not faults:
        return clip, []
    bad_rows = {fault.row for fault in faults if fault.joint is None}
    bad_joints = np.zeros(clip.visibility.shape, bool)
    for fault in faults:
        if fault.joint is not None:
            bad_joints[fault.row, fault.joint] = True
    if bad_joints.any():
        clip = outside_labels.unlabel(clip, bad_joints)
    emptied = set(np.flatnonzero((clip.visibility == UNLABELLED).all(-1)).tolist()) - bad_rows
    left = [row for row in range(clip.num_labelled) if row not in bad_rows and row not in emptied]
    rest = clip if len(left) == clip.num_labelled else clip.select(np.array(left, np.int64))
    return rest, [clip.origins[row] for row in sorted(emptied)]


def _check_choice(name, value, choices):
    if value not in choices:
        raise ValueError(f"{name}: expected {' or '.join(choices)}, received {value!r}")


def _check_clips(source):
    names = [clip.name for clip in source.clips]
    repeated = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) != len(names) else []
    if repeated:
        raise ValueError(f"{source.name or 'source'}: expected clips with different names, found twice: {repeated}")
    for clip in source.clips:
        if clip.joints.shape[1] != source.skeleton.num_joints:
            raise ValueError(
                f"clip {clip.name}: expected {source.skeleton.num_joints} joints as in the skeleton "
                f"{source.skeleton.name!r}, received {clip.joints.shape[1]}"
            )


def _report(source, findings):
    """All mistakes at once: their number, the first places, and by kind if there are many."""
    total = len(findings)
    counts = collections.Counter(finding.kind for finding in findings)
    lines = [f"{source.name or 'source'}: {total} bad label{'s' if total > 1 else ''}"]
    if total <= _SHOWN_MESSAGES:
        lines += [f"  {finding.message}" for finding in findings]
    else:
        for (kind, count), shown in zip(counts.most_common(), _shares(counts)):
            lines.append(f"  {count} {kind}:" if len(counts) > 1 else f"  {kind}:")
            of_kind = [finding.message for finding in findings if finding.kind == kind]
            lines += [f"    {message}" for message in of_kind[:shown]]
        lines.append(f"  … and {total - _SHOWN_MESSAGES} more")
    if counts[label_checks.OUTSIDE]:
        joints = f"{counts[label_checks.OUTSIDE]} joint{'s lie' if counts[label_checks.OUTSIDE] > 1 else ' lies'}"
        lines.append(
            f"{joints} outside: if the tool extrapolates joints that the frame cuts off, add --outside=unlabel or "
            "--outside=hidden (see --help)."
        )
    if source.summary:
        lines.append(source.summary)
    lines.append("Correct them, or leave them out with --on_bad_label=skip (only the joint, if only a joint is wrong).")
    return "\n".join(lines)


def _shares(counts):
    """How many messages of each kind to show, the most frequent kind first; all together `_SHOWN_MESSAGES`."""
    sizes = [count for _, count in counts.most_common()]
    shares = [0] * len(sizes)
    while sum(shares) < _SHOWN_MESSAGES:
        for i, size in enumerate(sizes):
            if shares[i] < size and sum(shares) < _SHOWN_MESSAGES:
                shares[i] += 1
    return shares
