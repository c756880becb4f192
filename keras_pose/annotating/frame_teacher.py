"""A net of others as a model that predicts: it sees one frame at a time, and knows no windows.

`PoseModel` is the interface of all teachers. So whatever analyses videos with a run of this package (regions, threads,
parts that survive a kill) does so with these nets, too.
"""

from __future__ import annotations

import abc
from typing import Any

import numpy as np

from keras_pose.inference.engine import Engine, view_fitted
from keras_pose.inference.frame_checks import check_frames
from keras_pose.inference.frame_engines import PositionsEngine
from keras_pose.inference.pose_model import CENTRED, PoseModel, Poses, Stream
from keras_pose.inference.window_stream import WindowStream
from keras_pose.poses.video_poses import ModelFacts
from keras_pose.skeleton import Skeleton


class FrameTeacher(PoseModel):
    """A net that finds the joints of one person in one frame.

    Args:
      skeleton: `Skeleton` of its joints.
      input_size_hw: (height, width) in px of what it sees.
      facts: its name and the digest of its weights.
    """

    def __init__(self, skeleton: Skeleton, input_size_hw: tuple[int, int], facts: ModelFacts) -> None:
        self.skeleton = skeleton
        self.input_size_hw = input_size_hw
        self.facts = facts

    @abc.abstractmethod
    def predict_fitted(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Finds the joints of an image that has the size of the input.

        Args:
          images: uint8 [1, h, w, 3], RGB.

        Returns:
          float32 [1, J, 2], (x, y) in input px, and float32 [1, J], scores of 0 to 1.
        """

    def predict(self, frames: np.ndarray, frame_rate: float = 0.0) -> Poses:
        """See `PoseModel.predict`."""
        frames = check_frames(frames)
        joints = np.zeros((len(frames), self.skeleton.num_joints, 2), np.float32)
        scores = np.zeros((len(frames), self.skeleton.num_joints), np.float32)
        for number, frame in enumerate(frames):
            view = view_fitted(frame, None, self.input_size_hw)
            points, found = self.predict_fitted(view.image[None])
            joints[number] = view.to_frame(points[0])
            scores[number] = found[0]
        return Poses(joints, scores)

    def stream(self, mode: str = CENTRED, frame_rate: float = 0.0) -> Stream:
        """See `PoseModel.stream`."""

        def predict_middle(frames, middle):
            found = self.predict(frames[middle][None])
            return found.joints[0], found.scores[0]

        return WindowStream(predict_middle, self.skeleton.num_joints, 0, mode, self.input_size_hw)

    def open_engine(self, frame_rate: float = 0.0) -> Engine:
        """See `PoseModel.open_engine`."""
        return PositionsEngine(self.predict_fitted, self.input_size_hw)

    def settings(self) -> dict[str, Any]:
        """See `PoseModel.settings`."""
        return {"teacher": type(self).__name__, "input_size": list(self.input_size_hw)}
