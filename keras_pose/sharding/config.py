"""The flags of `keras-pose prepare`. Loads no TensorFlow."""

from __future__ import annotations

import dataclasses
import os
from typing import Any

from keras_pose import options
from keras_pose.cluster.config import RayConfig
from keras_pose.data import authors_split, person_crop, several_sources
from keras_pose.data.config import DataConfig
from keras_pose.options import option, part

PNG = "png"
JPEG = "jpeg"
LABELLED = "labelled"
ALL = "all"
# Flags of a training, which the folder does not decide.
_OF_TRAINING = ("test_clips", "test_fraction", "test_source", "source_weights", "source_shares")


@dataclasses.dataclass(frozen=True)
class PrepareConfig:
    """Which source becomes shards, and how."""

    data: DataConfig = part(DataConfig)
    out_dir: str = option(
        "",
        "Folder to write shards to, a new one or one that the same command has begun: it goes on there. Then train "
        "with --data=<folder>.",
    )
    check: str = option(
        "", "Folder of shards: read all of it and compare its checksums, instead of preparing. Names damaged records."
    )
    frames: str = option(
        LABELLED,
        "Frames to store. labelled: those with labels and --window neighbours. all: every frame of a video, as windows "
        "of any size need.",
        choices=(LABELLED, ALL),
    )
    window: int = option(
        0,
        "Frames to store on each side of a labelled frame. Nets that see neighbours need as many as the --window that "
        "they are trained with; each costs as much disk as a labelled frame. Ignored for --frames=all.",
        at_least=0,
    )
    frame_format: str = option(
        PNG,
        "How to store frames. png: without loss, so training sees the same as from the source. jpeg: 3 to 10 times "
        "smaller, and a few grey levels off. Pictures that are JPEG files are copied as they are in both.",
        choices=(PNG, JPEG),
    )
    jpeg_quality: int = option(
        95, "Quality of --frame_format=jpeg; lower: smaller files and larger differences.", at_least=1, at_most=100
    )
    frames_per_shard: int = option(
        1024,
        "Frames of a shard. Larger: fewer files; smaller: less is lost when the command is killed, and more workers "
        "find something to do.",
        at_least=1,
    )
    workers: int = option(
        0, "Shards that are written at the same time, each by a thread of its own; 0: one for each core.", at_least=0
    )
    ray: RayConfig = part(RayConfig)

    def __post_init__(self) -> None:
        options.check(self)
        if bool(self.out_dir) == bool(self.check):
            raise ValueError(
                "--out_dir, --check: expected a folder to write shards to, or one to check; received "
                f"{'both' if self.check else 'none'}"
            )
        for flag in options.flags_of(DataConfig):
            if flag.field.name in _OF_TRAINING and getattr(self.data, flag.field.name) != flag.field.default:
                raise ValueError(f"--{flag.name}: a flag of training; shards hold all clips, and train.py splits them")
        if len(several_sources.split_specs(self.data.source)) > 1:
            raise ValueError(
                f"--data={self.data.source}: expected one source; prepare each in a folder of its own and train with "
                "--data=<folder>,<folder>"
            )

    @property
    def num_workers(self) -> int:
        """The number of threads that write shards."""
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return self.workers or cores

    def settings(self) -> dict[str, Any]:
        """Returns the flags that decide what is in the shards, for JSON."""
        found: dict[str, Any] = {"frames": self.frames, "frame_format": self.frame_format}
        if self.frames == LABELLED:
            found["window"] = self.window
        if self.frame_format == JPEG:
            found["jpeg_quality"] = self.jpeg_quality
        if self.data.split != authors_split.RANDOM:
            found["split"] = self.data.split
        if self.data.person_crop != person_crop.AUTO:
            found["person_crop"] = self.data.person_crop
        found["frames_per_shard"] = self.frames_per_shard
        return found
