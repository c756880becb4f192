"""What `keras_pose.load` returns: one interface for runs and exports, for frames, videos and streams.

Letters in shapes: N frames, J joints, H W a frame's height and width.
"""

from __future__ import annotations

import abc
import dataclasses
import math
import os
import warnings
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_pose.confidence.calibration import Calibration
from keras_pose.media.video import VideoFrames
from keras_pose.pooling.config import WindowConfig
from keras_pose.pooling.reach import Reach
from keras_pose.poses.video_poses import ModelFacts
from keras_pose.skeleton import Skeleton

if TYPE_CHECKING:
    from keras_pose.inference.engine import Engine

CENTRED = "centred"
CAUSAL = "causal"
MODES = (CENTRED, CAUSAL)
NO_REACH = Reach(1, 0)


@dataclasses.dataclass(frozen=True)
class Poses:
    """The joints of several frames.

    Attributes:
      joints: float32 [N, J, 2], (x, y) in px of the frame.
      scores: float32 [N, J], an uncalibrated confidence score: the height of the heatmap at the joint. A coordinate net
        has none: NaN from a run, 1 from an export. If an export sees no sign of a joint, its position and score are 0.
    """

    joints: np.ndarray
    scores: np.ndarray


@dataclasses.dataclass(frozen=True)
class Modes:
    """Several candidates for each joint, such as the left and the right hand.

    Attributes:
      joints: float32 [N, J, M, 2], (x, y) in px of the frame, the highest mode first; 0 if there is no such mode.
      scores: float32 [N, J, M], the height of each mode; 0 if there is none.
    """

    joints: np.ndarray
    scores: np.ndarray


@dataclasses.dataclass(frozen=True)
class FramePose:
    """The joints of one frame.

    Attributes:
      frame: its number, from 0 in the order of the video or stream.
      joints: float32 [J, 2], (x, y) in px of the frame.
      scores: float32 [J], see `Poses`.
      time_s: time of the frame in s from the start of the video; None if it is unknown.
      decoded: False if the frame could not be decoded: its joints are NaN and its scores 0.
      confidences: float32 [J], calibrated probability that each joint lies within the distance of the model's
        calibration; None if the model has none.
      expected_errors_px: float32 [J], expected distance to the true joint in px of the frame; None likewise.
      ambiguous: bool [J], whether the heatmap has a second mode that is nearly as high and lies elsewhere; None if it
        was not looked for.
    """

    frame: int
    joints: np.ndarray
    scores: np.ndarray
    time_s: float | None = None
    decoded: bool = True
    confidences: np.ndarray | None = None
    expected_errors_px: np.ndarray | None = None
    ambiguous: np.ndarray | None = None

    @classmethod
    def missing(cls, frame: int, num_joints: int) -> FramePose:
        """Returns what stands for the pose of a frame that could not be decoded."""
        nowhere = np.full((num_joints, 2), np.nan, np.float32)
        return cls(frame, nowhere, np.zeros(num_joints, np.float32), decoded=False)


class Stream(abc.ABC):
    """Predicts frames that are pushed one after the other."""

    @abc.abstractmethod
    def push(self, frame: np.ndarray | None, region: Sequence[float] | None = None) -> list[FramePose]:
        """Takes the next frame; returns the poses that it completes.

        Args:
          frame: uint8 RGB [H, W, 3]. None: the frame could not be decoded. It keeps its number and gets a pose that is
            marked (`FramePose.decoded`); windows end before it, as at the end of the video.
          region: (left, top, width, height) in px of the frame to look at; None: all of it. It may move from frame to
            frame, which is to the net as if a camera moved.

        Raises:
          ValueError: for another shape or type; the frame is then not counted.
        """

    @abc.abstractmethod
    def flush(self) -> list[FramePose]:
        """Ends the video; returns the poses that were still waiting. The next frame starts another video."""

    def predict(self, frames: Iterable[np.ndarray | None]) -> Iterator[FramePose]:
        """Predicts a whole video.

        Args:
          frames: iterable of what `push` takes; it may be a reader, which is read as poses are asked for.

        Yields:
          `FramePose` of each frame, in order. If reading a frame fails, the poses of all frames before it come first,
          as if the video ended there, then the error.
        """
        self.flush()
        try:
            for frame in frames:
                yield from self.push(frame)
        except Exception:
            yield from self.flush()
            raise
        yield from self.flush()


class PoseModel(abc.ABC):
    """A trained net that predicts joints.

    Attributes:
      skeleton: `Skeleton`; the order of its joints is that of every answer.
      input_size_hw: (height, width) in px of what the net sees.
      facts: name, version and digest of the weights.
      calibration: what scores mean, as probabilities and expected errors; None if the model has no calibration.
    """

    skeleton: Skeleton
    input_size_hw: tuple[int, int]
    facts: ModelFacts
    calibration: Calibration | None = None

    def open_engine(self, frame_rate: float = 0.0) -> Engine:
        """Opens what analyses videos with this model in batches; see `engine.Engine`.

        Args:
          frame_rate: frames per second of the video, see `stream`.

        Raises:
          ValueError: if the model has none.
        """
        raise ValueError(f"{type(self).__name__}: expected a run or an export, received a model without an engine")

    def window_reach(self, frame_rate: float = 0.0) -> Reach:
        """Returns how far the windows of the model reach in a video; no neighbours for a net without a window.

        Args:
          frame_rate: frames per second of the video, see `stream`.
        """
        return NO_REACH

    def settings(self) -> dict[str, Any]:
        """Returns the settings of the model, besides its weights, that shape its predictions, as JSON."""
        return {}

    @abc.abstractmethod
    def predict(self, frames: np.ndarray, frame_rate: float = 0.0) -> Poses:
        """Predicts the joints of frames of one size.

        Args:
          frames: uint8 [N, H, W, 3], RGB, or a list of N frames. A net that sees windows takes them for consecutive
            frames of one video. The frames are all in memory; `predict_video` reads a video file of any length.
          frame_rate: frames per second of the video, see `stream`.

        Returns:
          `Poses` of N frames; N may be 0.

        Raises:
          ValueError: for frames of another shape or type.
        """

    def predict_modes(
        self, frames: np.ndarray, max_modes: int = 3, min_height: float = 0.1, frame_rate: float = 0.0
    ) -> Modes:
        """Predicts several candidates for each joint of frames of one size.

        Args:
          frames: as `predict`.
          max_modes: M, the largest number of candidates for a joint.
          min_height: lower maxima of a heatmap are left out; above 0.
          frame_rate: frames per second of the video, see `stream`.

        Raises:
          ValueError: if the model gives no heatmaps: a coordinate net, or an export.
        """
        raise ValueError("predict_modes: expected a run of a net with heatmaps, received a model without them")

    @abc.abstractmethod
    def stream(self, mode: str = CENTRED, frame_rate: float = 0.0) -> Stream:
        """Opens a stream of frames.

        Args:
          mode: "centred": a pose comes late, when the frames after it have arrived. "causal": a pose comes at once,
            from its frame and the frames before it. Ignored for a net without neighbours.
          frame_rate: frames per second of the video, which say how many frames apart the neighbours of a window in
            seconds are. 0: unknown; the rate that the net was trained to assume is taken, with a warning.

        Raises:
          ValueError: for an unknown mode.
        """

    def predict_video(self, path: str | os.PathLike[str]) -> Iterator[FramePose]:
        """Predicts every frame of a video file, as it is read: few frames are in memory at any time.

        Args:
          path: path of a video. It is predicted upright, as players show it: positions are in px of the upright frame.

        Yields:
          `FramePose` with the time at which the video shows the frame, also at a variable frame rate; None if the file
          states neither times nor a rate. A damaged frame keeps its number and time, and its pose is marked
          (`FramePose.decoded`). If reading ends with an error, the poses of all frames before it come first.

        Raises:
          ValueError: if the file is missing, or is no video.
        """
        video = VideoFrames(path)
        return self._predict_frames_of(video)

    def _predict_frames_of(self, video):
        times: dict[int, float | None] = {}  # of the frames whose poses have not come

        def read():
            for number, time_s, frame in video.numbered_with_times():
                times[number] = time_s
                yield frame

        try:
            for pose in self._predict_in_order(read(), video.fps):
                yield dataclasses.replace(pose, time_s=times.pop(pose.frame))
        finally:
            video.close()

    def _predict_in_order(self, frames, frame_rate=0.0):
        """Yields a `FramePose` of each frame, None: not decoded; overridden if there is a quicker way than a stream."""
        return self.stream(CENTRED, frame_rate).predict(frames)


def check_frame_rate(frame_rate: float) -> None:
    """Checks the frame rate of a video.

    Raises:
      ValueError: if it is below 0 or not finite.
    """
    if not (math.isfinite(frame_rate) and frame_rate >= 0):
        raise ValueError(f"frame_rate: expected frames per second, or 0 if unknown, received {frame_rate}")


def warn_of_assumed_rate(window: WindowConfig, frame_rate: float) -> None:
    """Warns if the window of a net is in seconds, and neither the video nor the run says its frame rate."""
    if window.in_seconds and not (frame_rate or window.frame_rate):
        warnings.warn(
            f"the frame rate is unknown: {window.assumed_rate:g} frames/s are assumed for windows of "
            f"{window.window_seconds:g} s on each side (frame_rate=… says it)",
            stacklevel=4,
        )


def check_mode(mode: str) -> None:
    """Checks the mode of a stream.

    Raises:
      ValueError: for an unknown one.
    """
    if mode not in MODES:
        raise ValueError(f"mode: expected one of {', '.join(MODES)}, received {mode!r}")
