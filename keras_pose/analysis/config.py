"""The flags of `predict.py`. Loads no TensorFlow."""

from __future__ import annotations

import dataclasses
import os

from keras_pose import options, shipped
from keras_pose.analysis.drawing_flags import DrawingConfig
from keras_pose.analysis.region_flags import RegionConfig
from keras_pose.cluster.config import PartConfig, RayConfig
from keras_pose.options import option, part
from keras_pose.poses.formats import FORMATS
from keras_pose.tracking.smoothing import BETA, MEDIAN_FRAMES, MIN_CUTOFF_HZ

_SOURCES = ("run_dir", "saved_model", "model")


@dataclasses.dataclass(frozen=True)
class PredictConfig:
    """The analysis of videos with one model."""

    video: str | tuple[str, ...] = option(
        None,
        "Videos to analyse: a file, a folder, a list of paths (.txt) or a pattern, or several separated by commas. The "
        "flag can also be given several times. Or a camera (0, /dev/video0) or a stream (rtsp://…), whose poses are "
        "shown in a window as they come.",
        repeats=True,
    )
    run_dir: str = option("", "Run of train.py to predict with.")
    saved_model: str = option("", "Export to predict with: the folder of a version, with saved_model.pb.")
    model: str = option(
        "",
        "Run or export to predict with, whichever the folder is; or upper_body, the net that comes with this package.",
    )
    out_dir: str = option(
        "",
        "Folder to write to, <video>.<format> for each video. If empty: predictions/<name of the model> in the current "
        "folder, so that two models do not overwrite each other's files. Camera or stream: folder for "
        "<source>.live.csv, the poses as they come; if empty, they are not kept.",
    )
    formats: str = option(
        "csv",
        "Files of poses to write, separated by commas, such as csv,slp,parquet. The formats are "
        + "; ".join(f"{ending}: {entry.help}" for ending, entry in FORMATS.items())
        + ".",
    )
    start: int = option(0, "Number of the first frame to predict, from 0; frames before it are not read.", at_least=0)
    end: int = option(0, "Number of the frame to stop before. 0: predict to the end of the video.", at_least=0)
    every: int = option(
        1,
        "Predict each k-th frame, in frames. Neighbours for pooling are consecutive frames all the same, so a flowing "
        "net gains time only if k is larger than its window.",
        at_least=1,
    )
    frame_rate: float = option(
        0.0,
        "Frames per second of videos that do not state theirs, for windows in seconds; a rate that a video states "
        "counts instead. Too high a rate makes windows reach too far. 0: as in the training of the model, where 30 is "
        "assumed if nothing else was said. Camera or stream: the rate until it is measured.",
        at_least=0,
        at_most=10000,
    )
    batch_size: int = option(
        8, "Frames times people that the net sees at once; more take more memory. Results are the same.", at_least=1
    )
    smoothing: str = option(
        "none",
        "How to smooth the finished joints over time: not at all, by a one-euro filter, or by a median. Scores stay; "
        "gaps stay gaps.",
        choices=("none", "one_euro", "median"),
    )
    min_cutoff_hz: float = option(
        MIN_CUTOFF_HZ, "--smoothing=one_euro: cutoff of slow motion in Hz; lower: smoother, and later.", at_least=0.001
    )
    beta: float = option(
        BETA,
        "--smoothing=one_euro: how fast the cutoff rises with speed, in Hz per (side of the region per second); "
        "higher: less lag.",
        at_least=0,
    )
    median_frames: int = option(
        MEDIAN_FRAMES,
        "--smoothing=median: frames around each frame whose median is taken, an odd number; more: smoother.",
        at_least=1,
    )
    look_ahead: int = option(
        0,
        "Camera or stream: frames by which the joints in the window are moved on along the optical flow, to hide "
        "latency. Use latency times frame rate, rounded; more is less exact. 0: not at all.",
        at_least=0,
    )
    where: RegionConfig = part(RegionConfig)
    drawing: DrawingConfig = part(DrawingConfig)
    share: PartConfig = part(PartConfig)
    ray: RayConfig = part(RayConfig)
    overwrite: bool = option(False, "Whether to analyse videos again that are finished. Otherwise they are skipped.")

    def __post_init__(self) -> None:
        options.check(self)
        given = [name for name in _SOURCES if getattr(self, name)]
        if len(given) != 1:
            received = " and ".join(f"--{name}" for name in given) or "none"
            raise ValueError(f"--run_dir, --saved_model, --model: expected one of them, received {received}")
        if self.end and self.end <= self.start:
            raise ValueError(f"--end: expected 0 or more than --start={self.start}, received {self.end}")
        if self.smoothing == "median" and self.median_frames % 2 == 0:
            raise ValueError(f"--median_frames: expected an odd number of frames, received {self.median_frames}")

    @property
    def smoothing_options(self) -> tuple[tuple[str, float], ...]:
        """The arguments of the method of smoothing."""
        names = {"one_euro": ("min_cutoff_hz", "beta"), "median": ("median_frames",)}.get(self.smoothing, ())
        return tuple((name, getattr(self, name)) for name in names)

    @property
    def model_path(self) -> str:
        """The folder of the model."""
        return shipped.find(self.run_dir or self.saved_model or self.model)

    @property
    def videos(self) -> tuple[str, ...]:
        """The texts that name the videos."""
        return (self.video,) if isinstance(self.video, str) else self.video

    @property
    def endings(self) -> list[str]:
        """The endings of the files of poses."""
        return list(dict.fromkeys(name.strip().lstrip(".") for name in self.formats.split(",") if name.strip()))

    def folder(self, model_name: str) -> str:
        """Returns the folder to write to."""
        return self.out_dir or os.path.join("predictions", model_name)
