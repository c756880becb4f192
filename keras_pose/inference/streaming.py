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

from collections.abc import Callable

import keras
import numpy as np

from keras_pose import geometry
from keras_pose.flow import estimators, names, opencv
from keras_pose.inference.frame_checks import check_frame
from keras_pose.inference.graphs import FrameGraphs
from keras_pose.inference.pose_model import CENTRED, FramePose, Stream, check_mode
from keras_pose.inference.scene_cuts import SceneCuts
from keras_pose.models.pose_net import PoseNet
from keras_pose.pooling.accumulators import open_accumulator
from keras_pose.pooling.stream_buffer import StreamBuffer
from keras_pose.pooling.stream_pooling import StreamPooling
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
    ) -> None:
        check_mode(mode)
        self.skeleton = skeleton
        height, width = input_size_hw
        self.input_size_hw = (height, width)
        self._region = region
        net, pooling, num_neighbours = _split(PoseNet(model))
        self.graphs = graphs or FrameGraphs(net, self.input_size_hw, skeleton.num_joints)
        self._run_net = self.graphs.run_net
        self._decode = self.graphs.decode
        stride = net.heatmap_stride()
        maps_hw = (height // stride, width // stride)
        buffer = StreamBuffer(num_neighbours, frame_stride, maps_hw, skeleton.num_joints, has_future=mode == CENTRED)
        self.lag_frames = buffer.lag
        self.buffer_bytes = buffer.num_bytes
        self._pooling = None
        self._cuts = None
        if num_neighbours:
            estimate_flow, grey = (flow, False) if callable(flow) else _open_flow(flow, self.input_size_hw)
            accumulator = open_accumulator(pooling, buffer)
            self._pooling = StreamPooling(buffer, accumulator, estimate_flow, grey, parallel)
            self._cuts = SceneCuts() if find_cuts else None
        self._crop: geometry.CropTransform | None = None
        self._next = 0
        self._scene_start = 0

    @classmethod
    def from_config(cls, model: keras.Model, config: TrainConfig, skeleton: Skeleton, **options) -> StreamingPredictor:
        """Makes one for the net of a run, as `runs.trained.load_model` loads it.

        Args:
          model: `keras.Model`.
          config: `TrainConfig`.
          skeleton: `Skeleton`.
          **options: mode, region, find_cuts, parallel, graphs.
        """
        return cls(
            model, skeleton, config.model.input_size_hw, config.window.frame_stride, config.flow_estimator, **options
        )

    def push(self, frame: np.ndarray | None) -> list[FramePose]:
        """Takes the next frame.

        Args:
          frame: uint8 [H, W, 3], RGB; None: it could not be decoded.

        Returns:
          The poses that it completes: none or one, or several after a cut.

        Raises:
          ValueError: for another shape or type; the frame is then not counted.
        """
        if frame is None:
            return self._skip_frame()
        frame = check_frame(frame, self._next)
        poses = []
        size_hw = (frame.shape[0], frame.shape[1])
        if self._crop is None or self._crop.frame_size_hw != size_hw:
            poses += self._end_scene()
            self._crop = geometry.CropTransform.fit(size_hw, self.input_size_hw, self._region)
        image = self._crop.warp(frame)
        if self._cuts and self._cuts.is_cut(opencv.to_grey(image)):
            poses += self._end_scene()
        poses += self._advance(image)
        self._next += 1
        return poses

    def flush(self) -> list[FramePose]:
        """Ends the video.

        Returns:
          The poses that were still waiting. The next frame pushed is frame 0 of another video.
        """
        poses = self._end_scene()
        self._crop = None
        self._next = 0
        self._scene_start = 0
        if self._cuts:
            self._cuts.restart()
        return poses

    def _skip_frame(self):
        poses = [*self._end_scene(), FramePose.missing(self._next, self.skeleton.num_joints)]
        self._next += 1
        self._scene_start = self._next
        return poses

    def _advance(self, image):
        place = self._next - self._scene_start
        if self._pooling is None:
            return [self._pose(self._next, self._run_net(image))]
        self._pooling.begin(place, image)
        complete = self._pooling.finish(place, self._run_net(image).numpy())
        return [self._pose(self._scene_start + middle, maps) for middle, maps in complete]

    def _end_scene(self):
        poses = []
        if self._pooling:
            waiting = self._pooling.end(self._next - self._scene_start)
            poses = [self._pose(self._scene_start + middle, maps) for middle, maps in waiting]
        self._scene_start = self._next
        return poses

    def _pose(self, frame, maps):
        decoded = self._decode(maps).numpy()
        return FramePose(frame, self._crop.to_frame(decoded[:, :2]), decoded[:, 2])


def _split(net):
    """Returns the net for single frames, the pooling layer or None, and the number of neighbours on each side."""
    pooling = net.pooling()
    if pooling is None:
        if net.sees_window() or not net.predicts_heatmaps():
            raise ValueError(f"model {net.model.name!r}: expected a flowing net or a heatmap net for single frames")
        return net, None, 0
    return net.frame_net(), pooling, net.num_neighbours() if pooling.reads_neighbours else 0


def _open_flow(name, size_hw):
    """Returns the estimator, and whether it takes grey frames; the one in TensorFlow takes colours, as in training."""
    estimate_flow = estimators.open_estimator(name)
    grey = name != names.IN_GRAPH
    # Estimate once, so that its graph is built here.
    black = np.zeros(size_hw if grey else (*size_hw, 3), np.uint8)
    estimate_flow(black, black)
    return estimate_flow, grey
