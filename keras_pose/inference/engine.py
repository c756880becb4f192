"""How a model analyses video in batches: views of frames, the net on many of them, the temporal step of each track.

A track is a person who is followed through a video. The work is split where it can be shared: `Engine.run` takes views
of any tracks and frames at once, `Track` takes the views of one track in order. Whatever the batches, a pose is the
same to the last bit.

Letters in shapes: H W a frame's height and width, J joints.
"""

from __future__ import annotations

import abc
import functools
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from keras_pose.geometry import CropTransform
from keras_pose.inference.pose_model import FramePose

Region = tuple[float, float, float, float]


class View(NamedTuple):
    """What a model sees of a frame.

    Attributes:
      image: uint8 [h, w, 3] of the size of the input, or the whole frame for a model that fits frames itself.
      crop: from frame px to px of `image`; None: `image` is the frame.
      side_px: longer side of the region that `image` shows, in px of the frame.
    """

    image: np.ndarray
    crop: CropTransform | None
    side_px: float

    def to_frame(self, points: np.ndarray) -> np.ndarray:
        """Maps points [..., 2] from px of `image` to px of the frame, float32."""
        return points if self.crop is None else self.crop.to_frame(points)


class Track(abc.ABC):
    """The temporal step for one track: its views and what the net made of them become poses.

    Frames have rising numbers. A number that is left out ends the windows before it, as the end of a video does.
    """

    @abc.abstractmethod
    def push(self, number: int, view: View, output: Any) -> Iterator[Any]:
        """Takes the next view; yields what `Engine.finish` makes poses of.

        Args:
          number: number of its frame.
          view: `Engine.view` of the frame.
          output: what `Engine.run` made of it; None: nobody asks for a pose of this frame or needs it as a neighbour.
        """

    @abc.abstractmethod
    def end_scene(self) -> Iterator[Any]:
        """Ends the windows, as at the end of a video; yields as `push`."""

    @abc.abstractmethod
    def restart(self) -> None:
        """Forgets all frames; call it after `end_scene`."""


class Engine(abc.ABC):
    """A model as the parts of an analysis.

    Attributes:
      reach: frames from the middle of a window to its first one; 0 for single frames.
      lag_frames: how many frames later than its own a pose can come, at most.
      memory: how many decoded frames before the windows a pose depends on.
      max_batch: the largest batch that gives the same results as any other; 0: any.
    """

    reach: int = 0
    lag_frames: int = 0
    memory: int = 0
    max_batch: int = 0

    @abc.abstractmethod
    def view(self, frame: np.ndarray, region: Region | None = None) -> View:
        """Returns what the model sees of a frame, uint8 [H, W, 3]; the whole frame by default."""

    @abc.abstractmethod
    def run(self, views: Sequence[View]) -> list[Any]:
        """Runs the net on views of any frames and tracks; returns an output for each."""

    @abc.abstractmethod
    def single_poses(self, views: Sequence[View], outputs: Sequence[Any]) -> list[tuple[np.ndarray, np.ndarray]]:
        """Returns the joints [J, 2] in px of the frame and the scores [J] of single frames, before any pooling."""

    @abc.abstractmethod
    def open_track(self) -> Track:
        """Opens the temporal step for another track."""

    @abc.abstractmethod
    def finish(self, pooled: Sequence[Any]) -> list[FramePose]:
        """Returns the poses of what tracks have yielded, in this order."""


def longer_side(frame: np.ndarray, region: Sequence[float] | None) -> float:
    """Returns the longer side of a region in px, that of the frame by default."""
    return float(max(frame.shape[:2]) if region is None else max(region[2:]))


def view_fitted(frame: np.ndarray, region: Sequence[float] | None, input_size_hw: tuple[int, int]) -> View:
    """Fits a region of a frame, the whole frame by default, to the input."""
    crop = _fit((frame.shape[0], frame.shape[1]), tuple(input_size_hw), None if region is None else tuple(region))
    return View(crop.warp(frame), crop, longer_side(frame, region))


def view_whole_or_fitted(
    frame: np.ndarray, region: Sequence[float] | None, input_size_hw: tuple[int, int] | None
) -> View:
    """Leaves a whole frame as it is, for models that fit frames to their input, and fits any other region itself.

    Raises:
      ValueError: for a region that is not the whole frame if the size of the input is unknown.
    """
    if region is None or tuple(region) == (0, 0, frame.shape[1], frame.shape[0]):
        return View(frame, None, longer_side(frame, None))
    if input_size_hw is None:
        raise ValueError("region: expected the whole frame: the model does not state the size of its input")
    return view_fitted(frame, region, input_size_hw)


@functools.lru_cache(maxsize=64)
def _fit(frame_size_hw, input_size_hw, region):
    """`CropTransform.fit`, which takes as long as the joints of a frame's maps; most frames of a video share it."""
    return CropTransform.fit(frame_size_hw, input_size_hw, region)
