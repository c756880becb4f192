"""The flags of `keras-pose suggest` and `keras-pose merge`. Loads no TensorFlow."""

from __future__ import annotations

import dataclasses

from keras_pose import files, options
from keras_pose.labelling import choice
from keras_pose.labelling.writers import WRITERS
from keras_pose.options import option

_TARGETS = " ".join(f"{name}: {writer.help}." for name, writer in WRITERS.items())


@dataclasses.dataclass(frozen=True)
class SuggestConfig:
    """Which frames to suggest, and for what tool."""

    out_dir: str = option(None, "Folder to write to; it must be new or hold an earlier, unfinished suggestion.")
    run_dir: str = option(
        "",
        "Run whose net predicts the videos, the version folder of an export, or upper_body, the net that comes with "
        "this package.",
    )
    video: str | tuple[str, ...] = option(
        "",
        "Videos to choose frames from: a file, a folder, a list of paths (.txt) or a pattern, or several separated by "
        "commas. The flag can also be given several times.",
        repeats=True,
    )
    poses: str | tuple[str, ...] = option(
        "",
        "Poses of videos as predict.py --formats=npz or an earlier suggestion wrote them, or several: these videos are "
        "not predicted again.",
        repeats=True,
    )
    count: int = option(50, "Number of frames to suggest.", at_least=1)
    to: str = option("deeplabcut", f"What to write. {_TARGETS}", choices=tuple(WRITERS))
    labels: str = option(
        "",
        "Labelled project whose frames are not suggested again. By default the --data of the run; none: nothing is "
        "labelled yet.",
    )
    choose_by: str = option(
        choice.BOTH,
        "How frames are chosen. scores: the hardest. diversity: those that differ most from each other and from "
        "labelled ones. both: by the product of the two.",
        choices=choice.WAYS,
    )
    min_gap: float = option(
        0.5, "Least time in s between two suggested frames of a video; larger: more different frames.", at_least=0.0
    )
    around_labels: int = option(
        0,
        "Frames before and after each labelled frame of the videos to write as well. Their starting labels are the "
        "label, carried by optical flow; up to 4 frames away these are better than the net's predictions. 0: none.",
        at_least=0,
        at_most=25,
    )
    as_labels: bool = option(
        False,
        "Write the starting labels as labels, for tools that show no predictions: each then counts as if a person had "
        "made it, whether it was corrected or not.",
    )
    scorer: str = option("", "Name of the person who will label, for DeepLabCut. By default the one of --labels.")
    flow: str = option("dis_medium", "Optical flow that carries labels (--around_labels).")
    seed: int = option(0, "Decides between frames that are equally good.", at_least=0)

    def __post_init__(self) -> None:
        options.check(self)
        if not any(self.videos) and not self.pose_paths:
            raise ValueError("--video, --poses: expected at least one video to choose frames from, received none")
        if not self.run_dir and not self.pose_paths:
            raise ValueError("--run_dir: must be given to predict --video; or give --poses of predict.py")
        from keras_pose.flow import names

        if self.flow not in names.ESTIMATORS or self.flow == names.NONE:
            known = ", ".join(name for name in names.ESTIMATORS if name != names.NONE)
            raise ValueError(f"--flow: expected one of {known}, received {self.flow!r}")

    @property
    def videos(self) -> tuple[str, ...]:
        """The texts that name the videos."""
        return (self.video,) if isinstance(self.video, str) else self.video

    @property
    def pose_paths(self) -> list[str]:
        """The files of poses."""
        texts = (self.poses,) if isinstance(self.poses, str) else self.poses
        return [path for text in texts for path in files.split_paths(text)]


@dataclasses.dataclass(frozen=True)
class MergeConfig:
    """Which labels to merge into which project."""

    labels: str = option(None, "Corrected labels: a DeepLabCut project, or any other labelled data that --data reads.")
    into: str = option(
        None, "DeepLabCut project that gets the labels; a new folder becomes one. Changed files are backed up in it."
    )
    scorer: str = option("", "Whose labels to read in --labels if several people labelled a clip.")
    dry_run: bool = option(False, "Only say what would change.")

    def __post_init__(self) -> None:
        options.check(self)
