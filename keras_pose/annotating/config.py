"""The flags of `keras-pose annotate`. Loads no TensorFlow."""

from __future__ import annotations

import dataclasses

from keras_pose import options, skeleton
from keras_pose.cluster.config import PartConfig, RayConfig
from keras_pose.flow import names
from keras_pose.options import option, part

ALL = "all"
UPPER_BODY = "upper_body"


@dataclasses.dataclass(frozen=True)
class AnnotateConfig:
    """Which videos to label, with what, and which of the labels to keep."""

    teacher: str = option(
        None,
        "What labels the videos: the folder of a run or of an export's version, the folder of a SavedModel with the "
        "signature of MoveNet, upper_body (the net that comes with this package), or mediapipe (MediaPipe Pose).",
    )
    video: str | tuple[str, ...] = option(
        None,
        "Videos to label: a file, a folder, a list of paths (.txt) or a pattern, or several separated by commas. The "
        "flag can also be given several times.",
        repeats=True,
    )
    out_dir: str = option(
        None,
        "Folder to write to; --data=<folder> then opens it. A folder that an earlier command has begun is continued if "
        "teacher and settings are the same.",
    )
    joints: str = option(
        ALL,
        "Joints to label, among those of the teacher: all, upper_body (head, wrists, elbows, shoulders), or names "
        "separated by commas.",
    )
    every: int = option(
        1, "Label each k-th frame, in frames. More: quicker, and the labels differ more from each other.", at_least=1
    )
    region: str = option(
        "whole",
        "Where the teacher looks: whole (the whole frame), x,y,width,height in px of the frame, or follow (a region "
        "that follows one person). One person is labelled in each video.",
    )
    min_confidence: float = option(
        0.3,
        "Least confidence of a joint that is labelled, 0 to 1: the calibrated probability if the teacher has one, "
        "otherwise its score. Higher: fewer labels, and fewer wrong ones. The confidence becomes the label's weight.",
        at_least=0,
        at_most=1,
    )
    agree_frames: int = option(
        4,
        "How far neighbours are whose joints are carried along the optical flow and compared, in frames before and "
        "after each. More: longer jumps are found, up to about so many frames. 0: no comparison.",
        at_least=0,
        at_most=50,
    )
    agree_distance: float = option(
        0.1,
        "Farthest that a carried joint may be from the teacher's to agree with it, as a part of the person's size (the "
        "longer side of the box around the sure joints). Smaller: more labels are thrown out.",
        at_least=0.001,
        at_most=1,
    )
    flow: str = option("dis_medium", "Optical flow that carries joints.")
    min_kept: float = option(
        0.1,
        "Least part of the joints of a video that must be labelled, 0 to 1; a video with fewer is left out.",
        at_least=0,
        at_most=1,
    )
    min_agreeing: float = option(
        0.5,
        "Least part of the confident joints of a video that must agree with their neighbours, 0 to 1; a video with "
        "fewer is left out, because the teacher jumps too much in it.",
        at_least=0,
        at_most=1,
    )
    batch_size: int = option(8, "Frames that a net of this package sees at once. Results are the same.", at_least=1)
    teacher_python: str = option(
        "",
        "--teacher=mediapipe: Python of the environment that has the package mediapipe, which needs an older NumPy "
        "than current TensorFlow does; empty: this one.",
    )
    share: PartConfig = part(PartConfig)
    ray: RayConfig = part(RayConfig)

    def __post_init__(self) -> None:
        options.check(self)
        if self.flow not in names.ESTIMATORS or self.flow == names.NONE:
            known = ", ".join(name for name in names.ESTIMATORS if name != names.NONE)
            raise ValueError(f"--flow: expected one of {known}, received {self.flow!r}")
        if self.agree_frames and self.every > self.agree_frames:
            raise ValueError(
                f"--agree_frames: expected at least --every={self.every} frames, because only labelled frames are "
                f"compared, or 0 (no comparison), received {self.agree_frames}"
            )

    @property
    def videos(self) -> tuple[str, ...]:
        """The texts that name the videos."""
        return (self.video,) if isinstance(self.video, str) else self.video

    @property
    def joint_names(self) -> list[str]:
        """The names of the joints to label; none: all."""
        if self.joints == UPPER_BODY:
            return list(skeleton.UPPER_BODY.joints)
        return [] if self.joints == ALL else [name.strip() for name in self.joints.split(",") if name.strip()]

    def shaping(self) -> dict[str, str | int | float]:
        """Returns the settings that shape the labels, by the name of their flag."""
        names_of = ("joints", "every", "region", "min_confidence", "agree_frames", "agree_distance", "flow")
        return {name: getattr(self, name) for name in (*names_of, "min_kept", "min_agreeing")}
