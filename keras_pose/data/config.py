"""What a run learns from: the flags of sources, splits and augmentation. Loads no TensorFlow."""

from __future__ import annotations

import dataclasses

from keras_pose import options
from keras_pose.data import authors_split, importers, label_flags
from keras_pose.data import person_crop as crop_rules
from keras_pose.options import option

ON_BAD_LABEL = (
    "How to handle invalid labels and damaged pictures: stop with an error, or skip them: the row, or only the joint "
    "if only a joint is invalid."
)


@dataclasses.dataclass(frozen=True)
class DataConfig:
    """The data of a run: its sources, what is held out, and how labels are read."""

    source: str = option(
        "signers:train",
        f"Data to learn from: {importers.describe_sources()}. Or several sources with commas between them (a path that "
        "exists is one source, even if it contains commas). The first one gives the joints and the validation frames; "
        "the others are further training data.",
        flag="data",
        resume=options.DATA,
    )
    signer_clips: int = option(400, "Number of synthetic clips if --data is signers:…; more is better.", at_least=1)
    signer_frames: int = option(16, "Number of frames of a synthetic clip.", at_least=1)
    signer_size: int = option(128, "Side of synthetic frames in px.", at_least=32)
    signer_label_every: int = option(
        1, "Interval of labels in synthetic frames. Windows (--window) need long clips with few labels.", at_least=1
    )
    source_weights: str = option(
        "",
        "Factor on the loss of every label of each source of --data, such as 1,0.3: how far its labels are trusted. "
        "It does not change how often frames are drawn (--data_shares), nor any figure of accuracy. Empty: all 1.",
        flag="data_weights",
    )
    source_shares: str = option(
        "auto",
        "How often frames of each source of --data are drawn: auto (in proportion to the square root of its number of "
        "labelled frames, so that few careful labels do not drown among many automatic ones), frames (in proportion "
        "to the number), or a number for each source, such as 1,1.",
        flag="data_shares",
    )
    test_clips: str = option(
        "",
        "File of clip names, one per line. These clips are kept out of training and validation and scored at the end. "
        "The name of a folder of pictures stands for all of them.",
        resume=options.DATA,
    )
    test_fraction: float = option(
        0.0,
        "Fraction of the labelled frames, drawn with --split_seed, to keep out as a test set. For projects of separate "
        "images. Neighbouring frames of a video are too alike for this; use --test_clips if you have video.",
        at_least=0.0,
        at_most=0.9,
    )
    test_source: str = option(
        "",
        "Source (as --data) to score at the end, instead of a part of --data.",
        flag="test_data",
        resume=options.DATA,
    )
    validation_fraction: float = option(
        0.1,
        "Fraction of the training clips (of the frames, for separate images) to validate on, by which training decides "
        "which weights to keep.",
        at_least=0.01,
        at_most=0.9,
    )
    split: str = option(
        authors_split.RANDOM,
        "How clips are divided: random (--test_clips, --test_fraction or --test_data name the test set, "
        "--validation_fraction the rest), or authors: as the authors of a research set divided it, so that figures "
        "compare with papers; what they call test is scored at the end (with --test_data: what is test there), and "
        "--validation_fraction counts only if they name no validation clips. authors:<name> takes one of several "
        "splits, for example authors:sub1 of JHMDB; clips that are not in it are left out.",
        resume=options.DATA,
    )
    group_by: str = option(
        "auto",
        "What clips have in common: validation and test never share a group with training, and intervals are drawn "
        "over groups. auto: what the data set says (film, person), otherwise each session is a group; session: each "
        "session is one; <file.csv>:<column>: a table with names of clips in its first column; or a regular "
        r"expression for the names of clips, such as '^(.*)_\d+$': its first group (or what it matches) is the group.",
        resume=options.DATA,
    )
    split_seed: int = option(0, "Seed of the validation and test splits.", at_least=0)
    every_label: int = option(
        1,
        "Interval of the labelled frames to use of each clip: 3 uses every third, to train and to score; test clips "
        "of --split=authors keep all, so that figures compare. Densely labelled video teaches about the same with "
        "fewer, and takes less memory.",
        at_least=1,
        resume=options.DATA,
    )
    on_bad_label: str = option("error", ON_BAD_LABEL, choices=("error", "skip"), resume=options.DATA)
    outside: str = option("error", label_flags.OUTSIDE_HELP, choices=label_flags.OUTSIDE, resume=options.DATA)
    person_crop: str = option(crop_rules.AUTO, crop_rules.HELP, resume=options.DATA)
    exif_orientation: str = option("auto", label_flags.EXIF_ORIENTATION_HELP, choices=label_flags.EXIF_ORIENTATION)
    label_scale: float = option(
        1.0, "Factor that converts the coordinates of a caffe-heatmap list to px. Some published lists need 282."
    )
    image_dir: str = option(
        "",
        "Folder of the images and videos that a label file names (COCO, SLEAP, NWB, JABS, Label Studio). Needed only "
        "if they are neither below the folder of the label file nor, for files in annotations/, below the folder "
        "above it.",
        resume=options.DATA,
    )
    category: str = option(
        "",
        "Name of the category of COCO annotations to learn, if categories have different keypoints. By default the one "
        "with the most labelled joints; the others are left out.",
        resume=options.DATA,
    )
    scorer: str = option(
        "",
        "Whose labels of a DeepLabCut project to read if a folder has tables of several people; empty: those of the "
        "scorer in config.yaml. Folders with one table are read, whoever labelled them.",
        resume=options.DATA,
    )
    individual: str = option(
        "",
        "Individual of a multi-animal DeepLabCut project to read, by name; needed if several are labelled. The labels "
        "of the others are left out.",
        resume=options.DATA,
    )
    joints: str = option(
        "all",
        "Joints to learn: all of the data; upper_body (head, wrists, elbows, shoulders); or names as a,b,c, in the "
        "order that the run then has. The other joints are not learnt, but --pck_reference may name them when the run "
        "is scored. Frames without a label of a chosen joint are left out.",
        resume=options.DATA,
    )
    flip_pairs: str = option(
        "auto",
        "Joints that swap in a mirrored frame: auto (the pairs of the data set, or names that differ in their side, "
        "such as left_ear and right_ear, earL and earR, ear.l and ear.r), none, or left1:right1,left2:right2.",
    )
    cache: bool = option(
        True,
        "Keep decoded frames in memory, until only a tenth of it is free: much faster from the second pass over the "
        "data on. No use if the frames by far do not fit (hundreds of thousands): --nocache.",
        resume=options.FREE,
    )

    def __post_init__(self) -> None:
        options.check(self)
        crop_rules.parse(self.person_crop)
        if sum(map(bool, (self.test_clips, self.test_fraction, self.test_source))) > 1:
            raise ValueError("--test_clips, --test_fraction, --test_data: expected at most one of them")
        follows_authors = authors_split.parse(self.split) is not None
        if follows_authors and (self.test_clips or self.test_fraction):
            raise ValueError(
                f"--split={self.split} names the test set; expected it without --test_clips and --test_fraction"
            )


@dataclasses.dataclass(frozen=True)
class AugmentationConfig:
    """How training frames are changed at random, in the net's input."""

    scale: float = option(0.25, "Largest zoom x: between 1/(1+x) and 1+x.", flag="aug_scale", at_least=0.0)
    # People and animals differ in shape, and a small data set shows only a few of them.
    stretch: float = option(
        0.1,
        "Largest change of shape x: width to height between 1/(1+x) and 1+x, and a shear of up to x/2.",
        flag="aug_stretch",
        at_least=0.0,
    )
    rotation_deg: float = option(
        20.0, "Largest rotation to either side in degrees.", flag="aug_rotation", at_least=0.0, at_most=180.0
    )
    shift: float = option(
        0.1,
        "Largest shift to either side as a fraction of the input's sides.",
        flag="aug_shift",
        at_least=0.0,
        at_most=1.0,
    )
    mirror: str = option(
        "auto",
        "Probability of mirroring, 0 to 1; auto: 0.5 if flip pairs are known, else 0. auto is also 0 while the name of "
        "a joint without a pair looks left or right: it would keep its name on the wrong side.",
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
        8.0, "Largest standard deviation of added noise in grey levels.", flag="aug_noise", at_least=0.0
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
