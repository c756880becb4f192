"""What a run learns from: the flags of sources, splits and augmentation. Loads no TensorFlow."""

from __future__ import annotations

import dataclasses

from keras_pose import options
from keras_pose.data import importers
from keras_pose.options import option

ON_BAD_LABEL = "How to handle invalid labels: stop with an error, or skip them."


@dataclasses.dataclass(frozen=True)
class DataConfig:
    """The data of a run: sources, what is held out, and how labels are read."""

    source: str = option("signers:train", f"Data to learn from: {importers.describe_sources()}.", flag="data")
    signer_clips: int = option(400, "Number of synthetic clips if --data is signers:…; more is better.", at_least=1)
    signer_frames: int = option(16, "Frames of a synthetic clip.", at_least=1)
    signer_size: int = option(128, "Side of synthetic frames in px.", at_least=32)
    signer_label_every: int = option(
        1, "Label one in so many synthetic frames; windows (--window) need long clips with few labels.", at_least=1
    )
    test_clips: str = option(
        "", "File of clip names, one a line, kept out of training and validation and scored at the end."
    )
    test_fraction: float = option(
        0.0,
        "Fraction of the labelled frames, drawn with --split_seed, kept out as a test set. For projects of separate "
        "images; neighbouring frames of a video are too alike for it, so use --test_clips there.",
        at_least=0.0,
        at_most=0.9,
    )
    test_source: str = option(
        "", "A source (as --data) that is scored at the end, instead of a part of --data.", flag="test_data"
    )
    validation_fraction: float = option(
        0.1,
        "Fraction of the training clips (of the frames, for separate images) on which the best weights are chosen.",
        at_least=0.01,
        at_most=0.9,
    )
    split_seed: int = option(0, "Seed of the validation and test splits.", at_least=0)
    on_bad_label: str = option("error", ON_BAD_LABEL, choices=("error", "skip"))
    label_scale: float = option(
        1.0, "Factor that turns the coordinates of a caffe-heatmap list into px; some published lists need 282."
    )
    flip_pairs: str = option(
        "auto",
        "Joints that change places in a mirrored frame: auto (those of the data set, or names that differ in "
        "left/right), none, or left1:right1,left2:right2.",
    )
    cache: bool = option(True, "Keep decoded frames in memory: much faster from the second pass on.")

    def __post_init__(self) -> None:
        options.check(self)
        if sum(map(bool, (self.test_clips, self.test_fraction, self.test_source))) > 1:
            raise ValueError("--test_clips, --test_fraction, --test_data: expected at most one of them")


@dataclasses.dataclass(frozen=True)
class AugmentationConfig:
    """How training frames are changed at random, in the network's input. The default of each flag is `train.py`'s."""

    scale: float = option(0.25, "Zoom between 1/(1+x) and 1+x.", flag="aug_scale", at_least=0.0)
    # People and animals differ in shape, and a small data set shows only a few of them.
    stretch: float = option(
        0.1,
        "Change of shape: width to height between 1/(1+x) and 1+x, and a shear of up to x/2.",
        flag="aug_stretch",
        at_least=0.0,
    )
    rotation_deg: float = option(
        20.0, "Turn by up to ± this many degrees.", flag="aug_rotation", at_least=0.0, at_most=180.0
    )
    shift: float = option(
        0.1, "Move by up to ± this fraction of the input's sides.", flag="aug_shift", at_least=0.0, at_most=1.0
    )
    mirror: str = option(
        "auto",
        "Probability of mirroring, 0 to 1; auto: 0.5 if flip pairs are known, else 0.",
        flag="aug_mirror",
    )
    color: float = option(
        0.5,
        "Strength of changes of contrast, brightness, colour and light.",
        flag="aug_color",
        at_least=0.0,
        at_most=2.0,
    )
    noise: float = option(
        8.0, "Added noise of up to this standard deviation in grey levels.", flag="aug_noise", at_least=0.0
    )
    occlusion: float = option(
        0.2, "Probability that a box covers part of the frame.", flag="aug_occlusion", at_least=0.0, at_most=1.0
    )

    def __post_init__(self) -> None:
        options.check(self)
        _ = self.mirror_probability  # raises for an invalid flag

    @property
    def mirror_probability(self) -> float | None:
        """Probability of mirroring; None if the skeleton decides (auto)."""
        if self.mirror == "auto":
            return None
        try:
            probability = float(self.mirror)
        except ValueError:
            probability = -1.0
        if not 0.0 <= probability <= 1.0:
            raise ValueError(f"--aug_mirror: expected auto or a number from 0 to 1, received {self.mirror!r}")
        return probability
