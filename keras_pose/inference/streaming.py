"""Joint positions from video as it arrives, at one pass of the net per frame, for any size of window.

Each frame goes through the single-frame net once, and flow between two frames is estimated once (in each direction).
Maps and flow of the last frames are kept, composed, warped and pooled as the flowing net does with a whole window
(Pfister, Charles, Zisserman, arXiv 1506.02897). Positions differ only by OpenCV's rounding (see
`flow.composition_numpy`).

In the middle of a video: at a cut the windows end as at the end of the video, so no map crosses it. A frame of another
size is a cut too, and so is a frame that could not be decoded. A flash is a scene of its own. A repeated frame is a
frame without motion.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from keras_pose.inference import lite_net
from keras_pose.inference.calibrated import make_pose
from keras_pose.inference.engine import view_fitted
from keras_pose.inference.frame_checks import check_frame
from keras_pose.inference.graphs import FrameGraphs
from keras_pose.inference.pooled_track import PooledTrack, PoolingParts
from keras_pose.inference.pose_model import CENTRED, FramePose, Stream, check_mode
from keras_pose.runs.config import TrainConfig
from keras_pose.skeleton import Skeleton


class StreamingPredictor(Stream):
    """Predicts the joints of the frames of a video, pushed one after the other.

    centred: a pose comes `lag_frames` frames late, when the frames after it have arrived. At a cut and at the end all
    waiting poses come at once. causal: a pose comes at once, from its frame and the frames before it. Frames after it
    count as missing, as at the end of a video, and their weight goes to the frame itself.

    Building the graphs takes seconds and happens in `__init__`, so the first frame is as fast as any other. Streams of
    one net can share them.

    Args:
      model: flowing net or heatmap net of `models.factory`. The weights of its pooling are read here, once.
      skeleton: `Skeleton` of its joints.
      input_size_hw: (height, width) that frames are fitted to, in px.
      frame_stride: frames from one neighbour to the next.
      flow: name of the flow estimator, one of `flow.names.ESTIMATORS`, or a function (target, source) of uint8
        [H, W, 3] to float32 [H, W, 2].
      mode: one of `pose_model.MODES`; ignored for a net without neighbours (for single frames, or with pooling "none").
      region: (left, top, width, height) in frame px to look at; the whole frame by default.
      find_cuts: whether to look for cuts; otherwise only a frame of another size is one.
      parallel: whether a thread estimates flow while the net runs. Results are the same.
      graphs: graphs of another stream of the same model; None: makes them.
      calibration: what the scores mean; None: unknown.
      num_within: neighbours on each side that are not too far away in time (see `pooling.reach`); None: all.

    Attributes:
      graphs: `FrameGraphs`.
      lag_frames: how many frames late a pose comes.
      buffer_bytes: size of all kept maps and flow; it does not grow.

    Raises:
      ValueError: for an unknown mode or estimator, or another net.
    """

    def __init__(
        self,
        model: keras.Model,
        skeleton: Skeleton,
        input_size_hw: tuple[int, int],
        frame_stride: int = 1,
        flow: str | Callable[[np.ndarray, np.ndarray], np.ndarray] = "dis_fast",
        mode: str = CENTRED,
        region: tuple[float, float, float, float] | None = None,
        find_cuts: bool = True,
        parallel: bool = True,
        graphs: FrameGraphs | None = None,
        calibration: Any = None,
        num_within: int | None = None,
    ) -> None:
        check_mode(mode)
        self.skeleton = skeleton
        height, width = input_size_hw
        self.input_size_hw = (height, width)
        self._region = region
        parts = PoolingParts(
            model, skeleton.num_joints, self.input_size_hw, frame_stride, flow, mode, find_cuts, num_within
        )
        self.graphs = graphs or FrameGraphs(
            parts.net, self.input_size_hw, skeleton.num_joints, lite_net.open_lite_net(parts.net)
        )
        self._calibration = calibration
        self._track = PooledTrack(parts, parallel)
        self.lag_frames = self._track.lag_frames
        self.buffer_bytes = self._track.buffer_bytes
        self._size_hw: tuple[int, int] | None = None
        self._next = 0

    @classmethod
    def from_config(
        cls, model: keras.Model, config: TrainConfig, skeleton: Skeleton, frame_rate: float = 0.0, **options
    ) -> StreamingPredictor:
        """Makes one for the net of a run, as `runs.trained.load_model` loads it.

        Args:
          model: `keras.Model`.
          config: `TrainConfig`.
          skeleton: `Skeleton`.
          frame_rate: frames per second of the video, for windows in seconds; 0: unknown.
          **options: mode, region, find_cuts, parallel, graphs, calibration.
        """
        stride, num_within = config.window.reach_at(frame_rate)
        size_hw = config.model.input_size_hw
        return cls(model, skeleton, size_hw, stride, config.flow_estimator, num_within=num_within, **options)

    def push(self, frame: np.ndarray | None, region: Sequence[float] | None = None) -> list[FramePose]:
        """Takes the next frame.

        Args:
          frame: uint8 [H, W, 3], RGB; None: it could not be decoded.
          region: (left, top, width, height) in px of the frame to look at, which may move from frame to frame; None:
            the region of the stream.

        Returns:
          The poses that it completes: none or one, or several after a cut.

        Raises:
          ValueError: for another shape or type, or a region without area; the frame is then not counted.
        """
        if frame is None:
            return self._skip_frame()
        frame = check_frame(frame, self._next)
        size_hw = (frame.shape[0], frame.shape[1])
        chosen = self._region if region is None else region
        view = view_fitted(frame, chosen, self.input_size_hw)
        poses = []
        if self._size_hw != size_hw:
            poses += self._poses(self._track.end_scene())
            self._size_hw = size_hw
        poses += self._poses(self._track.push_with(self._next, view, lambda: self._run_net(view.image)))
        self._next += 1
        return poses

    def flush(self) -> list[FramePose]:
        """Ends the video.

        Returns:
          The poses that were still waiting. The next frame pushed is frame 0 of another video.
        """
        poses = self._poses(self._track.end_scene())
        self._track.restart()
        self._size_hw = None
        self._next = 0
        return poses

    def _run_net(self, image):
        return np.asarray(self.graphs.run_net(image[None]))[0]

    def _decode(self, maps):
        return np.asarray(self.graphs.decode(maps[None]))[0]

    def _skip_frame(self):
        poses = self._poses(self._track.end_scene())
        poses.append(FramePose.missing(self._next, self.skeleton.num_joints))
        self._next += 1
        return poses

    def _poses(self, pooled):
        """Decodes pooled maps one after the other: each is valid until the next."""
        return [make_pose(p.number, p.view, self._decode(p.maps), self._calibration) for p in pooled]
