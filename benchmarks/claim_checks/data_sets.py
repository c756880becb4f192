"""The data that claims are checked on: synthetic signers, people in films (JHMDB), and lips of speakers.

What is scored was never used to train or choose anything. Of JHMDB, every third film of train_upper.txt is kept out;
the films of test_upper.txt are not touched.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from typing import Any

from benchmarks import fine_tuning
from benchmarks.claim_checks.forms import Form
from benchmarks.teacher_labels import film_of
from keras_pose import files

SIGNERS = "signers"
JHMDB = "JHMDB"
LIPS = "lips"
PERSON_FRACTION = 0.05
POINT_FRACTION = 0.02  # lips are small
_TEST_INTERVAL = 3  # every third film is tested on
_FEW_INTERVAL = 4  # every fourth film that is trained on makes the small set


@dataclasses.dataclass(frozen=True)
class DataSet:
    """A set of labelled clips, divided into training and test.

    Args:
      name: SIGNERS, JHMDB or LIPS.
      flags: flags of `train.py` that open it.
      few: flags that open a small part of the training clips, and the same test clips; {}: there is none.
      joints: the joints whose accuracy counts, as `trainings.find_joints` takes them; "": all.
      fraction: a joint is right within this part of the frame's longer side.
    """

    name: str
    flags: Mapping[str, Any]
    few: Mapping[str, Any]
    joints: str
    fraction: float

    @property
    def where(self) -> str:
        """What is scored, in words."""
        joints = {"wrist+elbow": "wrists and elbows", "": "all points"}[self.joints]
        return f"{self.name}: {joints} within {100 * self.fraction:g} % of the frame"


def open_signers(form: Form) -> DataSet:
    """Describes the signers: two labelled frames of each clip, which have neighbours on both sides."""
    flags = {
        "data": "signers:train",
        "test_data": f"signers:test:{form.signer_tests}",
        "signer_frames": 5,
        "signer_label_every": 2,
        "signer_size": form.signer_side,
        "input_size": str(form.signer_side),
        "signer_clips": form.signer_clips,
    }
    few = {**flags, "signer_clips": form.few_signer_clips}
    return DataSet(SIGNERS, flags, few, "wrist+elbow", PERSON_FRACTION)


def open_jhmdb(folder: str, out: str, form: Form) -> DataSet:
    """Links the films of JHMDB's list of training clips in folders of their own, and lists those to test on.

    Args:
      folder: JHMDB.
      out: folder to make the links in.
      form: sizes.
    """
    tested_by_others = {film_of(name) for name in fine_tuning.read_names(folder, "test_upper.txt")}
    names = [n for n in fine_tuning.read_names(folder, "train_upper.txt") if film_of(n) not in tested_by_others]
    names = names[: form.most_clips or None]
    films = sorted({film_of(name) for name in names})
    test = films[::_TEST_INTERVAL]
    few = [film for film in films if film not in test][::_FEW_INTERVAL]
    test_clips = [name for name in names if film_of(name) in test]
    listed = os.path.join(out, "jhmdb_test.txt")
    files.write_text(listed, "".join(f"{name}\n" for name in test_clips))
    everything = fine_tuning.link_clips(folder, names, os.path.join(out, "jhmdb"))
    part = [name for name in names if film_of(name) in {*test, *few}]
    small = fine_tuning.link_clips(folder, part, os.path.join(out, "jhmdb_few"))
    flags = {
        "data": everything,
        "test_clips": listed,
        "joints": "upper_body",
        "on_bad_label": "skip",
        "outside": "unlabel",
        "every_label": form.film_stride,
        "input_size": form.film_input,
        "aug_scale": 0.3,
        "aug_color": 1.0,
    }
    return DataSet(JHMDB, flags, {**flags, "data": small}, "wrist+elbow", PERSON_FRACTION)


def open_lips(folder: str, form: Form) -> DataSet:
    """Describes the lips: small points, so that a joint must be nearer to be right."""
    flags = {
        "data": folder,
        "test_clips": os.path.join(folder, "test_clips.txt"),
        "input_size": form.lips_input,
        "aug_scale": 0.3,
        "aug_stretch": 0.2,
        "aug_color": 1.0,
        "aug_occlusion": 0.3,
    }
    return DataSet(LIPS, flags, {}, "", POINT_FRACTION)
