"""The flags of `evaluate.py`. Loads no TensorFlow."""

from __future__ import annotations

import dataclasses

from keras_pose import files, options
from keras_pose.data import label_flags
from keras_pose.data import person_crop as crop_rules
from keras_pose.data.config import ON_BAD_LABEL
from keras_pose.options import option

RUN = "run"  # as the run was trained
PCK_FRACTIONS = (0.05, 0.1, 0.2)


@dataclasses.dataclass(frozen=True)
class EvaluateConfig:
    """An evaluation of one or several runs on one source."""

    run_dir: str | tuple[str, ...] = option(
        None,
        "Run to score, or several separated by commas: all in one figure, with differences. The flag can also be given "
        "several times. A path that exists is one run, even if it contains commas. upper_body is the net that comes "
        "with this package; it needs --data.",
        repeats=True,
    )
    data: str = option("", "Data to score on (as in train.py); by default what the run kept out of training.")
    clips: str = option("", "File of clip names, one per line: score only these.")
    subset: str = option(
        "auto",
        "Part of the run's own --data: auto is test, or validation if the run has no test frames. Ignored with "
        "--data or --clips.",
        choices=("auto", "test", "validation", "train"),
    )
    eval_dir: str = option(
        "", "Folder to write to; by default eval/ in the (first) run; of upper_body, runs/shipped/upper_body/eval/."
    )
    pck_reference: str = option(
        "frame",
        "Length that PCK divides by: frame (its longer side), torso (shoulder to opposite hip), shoulders, head, or "
        "two joints as joint1,joint2. Its joints must be labelled, but the net need not predict them (see --joints). "
        "torso:clip_median (also behind the others) is the median over the labelled frames of each clip. Frames "
        "without a reference count in all figures but PCK; metrics.json has their number.",
    )
    pck_fractions: str = option(
        "",
        "Further fractions of that length to report PCK at, with commas, beside 0.05, 0.1 and 0.2: 0.3 of the box "
        "around a head of MPII is PCKh at 0.5.",
    )
    other_frames: int = option(
        100,
        "Frames of training and of validation to predict beside the scored ones, at most: eval/predictions/ has their "
        "predicted labels, metrics.json their mean errors. More is exact and takes longer; 0: none.",
        at_least=0,
    )
    flip_test: bool = option(False, "Average with the mirrored frame: a little more accurate, half the speed.")
    confidence_distance: float = option(
        0.0,
        "Distance that confidences are about, as a fraction of the longer side of what the net looks at. Another one "
        "than the run's fits its confidences again, to its validation frames, and keeps them in the run: predictions "
        "and exports then use them. 0: as the run has it.",
        at_least=0.0,
        at_most=1.0,
    )
    on_bad_label: str = option("error", ON_BAD_LABEL, choices=("error", "skip"))
    outside: str = option(
        "run",
        f"{label_flags.OUTSIDE_HELP} run: as the run was trained.",
        choices=("run", *label_flags.OUTSIDE),
    )
    exif_orientation: str = option(
        "run",
        f"{label_flags.EXIF_ORIENTATION_HELP} run: as the run was trained.",
        choices=("run", *label_flags.EXIF_ORIENTATION),
    )
    person_crop: str = option(RUN, f"{crop_rules.HELP} run: as the run was trained.")

    def __post_init__(self) -> None:
        options.check(self)
        if self.person_crop != RUN:
            crop_rules.parse(self.person_crop)
        _ = self.all_pck_fractions  # raises for an invalid flag

    @property
    def all_pck_fractions(self) -> tuple[float, ...]:
        """The fractions to report PCK at, rising."""
        found = set(PCK_FRACTIONS)
        for text in self.pck_fractions.split(",") if self.pck_fractions.strip() else ():
            try:
                fraction = float(text)
            except ValueError:
                fraction = 0.0
            if not 0.0 < fraction <= 10.0:
                raise ValueError(f"--pck_fractions: expected numbers above 0 and up to 10, received {text.strip()!r}")
            found.add(fraction)
        return tuple(sorted(found))

    @property
    def run_dirs(self) -> list[str]:
        """The runs to score."""
        texts = (self.run_dir,) if isinstance(self.run_dir, str) else self.run_dir
        return [path for text in texts for path in files.split_paths(text)]
