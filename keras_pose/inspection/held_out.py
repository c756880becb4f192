"""Which frames to keep for the test: whole sessions of videos, single frames of separate images.

Frames of one video are too alike to be both in training and in the test, and so are clips of one group (a film, a
person). Of several sources, the test set comes from the first one.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os

from keras_pose.data.clip import Clip
from keras_pose.data.synthetic import versions
from keras_pose.inspection.facts import SourceFacts
from keras_pose.words import count

_MANY_SESSIONS = 8
_FEW_SESSIONS = 3
_FEW_FRAMES = 40
_SHARE = 0.15
_LIST = "test_clips.txt"


@dataclasses.dataclass(frozen=True)
class HeldOut:
    """The choice of a test set.

    Args:
      flag: name of the flag that makes it: test_clips, test_fraction or test_data; empty: no test set.
      value: value of the flag.
      reason: why, in a sentence.
      num_frames: labelled frames that are left for training and validation.
      names: names of the sessions to write to the file that the flag names; empty: the file is there.
    """

    flag: str
    value: str
    reason: str
    num_frames: int
    names: tuple[str, ...] = ()


def choose_test(source: str, clips: list[Clip], facts: SourceFacts, folder: str) -> HeldOut:
    """Chooses the test set of a source.

    Args:
      source: the source, as `--data`; the first of several.
      clips: its clips.
      facts: facts about them.
      folder: folder for a list of sessions.
    """
    total = facts.num_frames
    if versions.version_of(source):
        return HeldOut("test_data", f"{source.split(':')[0]}:test:150", "150 signers that training never draws.", total)
    own = os.path.join(source, _LIST) if os.path.isdir(source) else ""
    counts: dict[str, int] = {}
    groups: dict[str, str] = {}
    for clip in clips:
        counts[clip.session] = counts.get(clip.session, 0) + clip.num_labelled
        groups[clip.session] = clip.group
    if os.path.isfile(own):
        with open(own, encoding="utf-8", errors="replace") as file:
            named = {line.strip() for line in file}
        left = sum(count for name, count in counts.items() if name not in named)
        return HeldOut("test_clips", own, f"The data has its own {_LIST}.", left)
    whole = facts.is_video or len(counts) < total / 2
    units = set(groups.values())
    if whole and len(units) >= _FEW_SESSIONS:
        share = _SHARE if len(units) >= _MANY_SESSIONS else 1 / len(units)
        order = sorted(units, key=lambda name: hashlib.sha256(name.encode("utf-8", "replace")).digest())
        chosen = set(order[: max(1, round(share * len(units)))])
        names = tuple(sorted(name for name, group in groups.items() if group in chosen))
        left = total - sum(counts[name] for name in names)
        what = count(len(names), "clip")
        reason = (
            f"{what} of {len(counts)} with {total - left} labelled frames: frames of one clip are too alike to split."
        )
        return HeldOut("test_clips", os.path.join(folder, _LIST), reason, left, names)
    if not facts.is_video and total >= _FEW_FRAMES:
        return HeldOut("test_fraction", "0.1", "Separate images: a tenth of them, drawn by lot.", total - total // 10)
    reason = (
        "No test set: too few clips or images to keep some. The figures of the validation frames are a little too good."
    )
    return HeldOut("", "", reason, total)
