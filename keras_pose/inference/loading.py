"""Loads a trained net as a model that predicts frames, videos and streams. `load` is `keras_pose.load`."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import os
import warnings
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

import keras_pose
from keras_pose import shipped
from keras_pose.confidence import store
from keras_pose.inference.engine import Engine
from keras_pose.inference.exported_model import ExportedModel
from keras_pose.inference.frame_engines import PooledEngine, PositionsEngine
from keras_pose.inference.graphs import FrameGraphs
from keras_pose.inference.lite_net import LiteNet, open_lite_net
from keras_pose.inference.pooled_track import PoolingParts
from keras_pose.inference.pose_model import (
    CENTRED,
    NO_REACH,
    Modes,
    PoseModel,
    Poses,
    Stream,
    check_frame_rate,
    warn_of_assumed_rate,
)
from keras_pose.inference.predictor import Predictor
from keras_pose.inference.streaming import StreamingPredictor
from keras_pose.inference.window_engine import WindowEngine
from keras_pose.inference.window_predictor import WindowPredictor
from keras_pose.inference.window_stream import WindowStream
from keras_pose.models.pose_net import PoseNet
from keras_pose.pooling.reach import Reach
from keras_pose.poses.video_poses import ModelFacts
from keras_pose.runs.config import TrainConfig
from keras_pose.runs.run_directory import RunDirectory
from keras_pose.runs.trained import load_model
from keras_pose.skeleton import Skeleton


def load(source: str | os.PathLike[str]) -> PoseModel:
    """Loads a trained net.

    Args:
      source: folder of a run (it holds flags.txt), or of a version of an export (it holds saved_model.pb), or
        "upper_body", the net that comes with this package.

    Returns:
      `PoseModel`.

    Raises:
      ValueError: if the folder is neither, or the run has no weights yet.
    """
    path = shipped.find(source)
    if os.path.isfile(os.path.join(path, "saved_model.pb")):
        return ExportedModel(path)
    if os.path.isfile(os.path.join(path, "flags.txt")):
        model = RunModel(*load_model(path))
        model.calibration, why_not = _read_calibration(path, model.skeleton)
        if why_not:
            warnings.warn(f"no calibrated confidences: {why_not}", stacklevel=2)
        model.facts = dataclasses.replace(model.facts, name=os.path.basename(os.path.abspath(path)))
        return model
    if not os.path.isdir(path):
        raise ValueError(
            f"{path}: expected the folder of a run or of an export's version, found no such folder; nets "
            f"that come with this package: {', '.join(shipped.NETS)}"
        )
    versions = [name for name in os.listdir(path) if os.path.isfile(os.path.join(path, name, "saved_model.pb"))]
    hint = f"; {os.path.join(path, max(versions, key=_as_number))} holds one" if versions else ""
    raise ValueError(
        f"{path}: expected the folder of a run (with flags.txt) or of an export's version (with saved_model.pb){hint}"
    )


class RunModel(PoseModel):
    """The weights of a run.

    Args:
      model: net of `models.factory` with its weights.
      config: `TrainConfig` of the run.
      skeleton: `Skeleton` of its joints.
      lite: whether TensorFlow Lite runs the net for single frames if it is the faster engine (see `lite_net`);
        otherwise TensorFlow runs it in any case.
    """

    def __init__(self, model: keras.Model, config: TrainConfig, skeleton: Skeleton, lite: bool = True) -> None:
        self.skeleton = skeleton
        self._model = model
        self._config = config
        self.input_size_hw = config.model.input_size_hw
        self._may_use_lite = lite
        self._stream_graphs: FrameGraphs | None = None
        name = os.path.basename(os.path.abspath(config.run_dir))
        self.facts = ModelFacts(name, digest=digest_arrays(model.get_weights()), keras_pose=keras_pose.__version__)

    @functools.cached_property
    def _lite(self) -> LiteNet | None:
        return open_lite_net(PoseNet(self._model).frame_net()) if self._may_use_lite else None

    @functools.cached_property
    def _predictor(self) -> Predictor | WindowPredictor:
        lite = None if self._config.model.kind.sees_window else self._lite
        return make_predictor(self._model, self._config, self.skeleton, lite=lite)

    def predict(self, frames: np.ndarray, frame_rate: float = 0.0) -> Poses:
        """See `PoseModel.predict`."""
        if isinstance(self._predictor, Predictor):
            return Poses(*self._predictor.predict(frames))
        self.window_reach(frame_rate)
        return Poses(*self._predictor.predict(frames, frame_rate))

    def window_reach(self, frame_rate: float = 0.0) -> Reach:
        """See `PoseModel.window_reach`."""
        check_frame_rate(frame_rate)
        if not self._config.model.kind.sees_window:
            return NO_REACH
        warn_of_assumed_rate(self._config.window, frame_rate)
        return self._config.window.reach_at(frame_rate)

    def predict_modes(
        self, frames: np.ndarray, max_modes: int = 3, min_height: float = 0.1, frame_rate: float = 0.0
    ) -> Modes:
        """See `PoseModel.predict_modes`."""
        if isinstance(self._predictor, Predictor):
            return Modes(*self._predictor.predict_modes(frames, max_modes, min_height))
        self.window_reach(frame_rate)
        return Modes(*self._predictor.predict_modes(frames, max_modes, min_height, frame_rate))

    def stream(self, mode: str = CENTRED, frame_rate: float = 0.0) -> Stream:
        """See `PoseModel.stream`."""
        reach = self.window_reach(frame_rate)
        if self._streams_maps():
            return StreamingPredictor.from_config(
                self._model,
                self._config,
                self.skeleton,
                frame_rate,
                mode=mode,
                graphs=self._open_graphs(),
                calibration=self.calibration,
            )
        size_hw = self.input_size_hw
        num_joints = self.skeleton.num_joints
        predict_middle = functools.partial(self._predict_middle, frame_rate=frame_rate)
        return WindowStream(predict_middle, num_joints, reach.frames, mode, size_hw, self.calibration)

    def open_engine(self, frame_rate: float = 0.0) -> Engine:
        """See `PoseModel.open_engine`."""
        config = self._config
        reach = self.window_reach(frame_rate)
        size_hw = self.input_size_hw
        if self._streams_maps():
            num_joints = self.skeleton.num_joints
            parts = PoolingParts(
                self._model, num_joints, size_hw, reach.stride, config.flow_estimator, num_within=reach.num_within
            )
            return PooledEngine(parts, self._open_graphs(), size_hw)
        if isinstance(self._predictor, Predictor):
            return PositionsEngine(self._predictor.predict_fitted, size_hw)
        predict_chunk = functools.partial(self._predict_chunk, frame_rate=frame_rate, reach=reach.frames)
        return WindowEngine(predict_chunk, size_hw, reach.frames)

    def settings(self) -> dict[str, Any]:
        """See `PoseModel.settings`."""
        config = self._config
        kind = config.model.kind
        found: dict[str, Any] = {"model": kind.name, "input_size": list(config.model.input_size_hw)}
        if kind.sees_window:
            found["window"] = config.window.num_neighbours
            found["frame_stride"] = config.window.reach_at().stride
            if config.window.in_seconds:
                found["window_seconds"] = config.window.window_seconds
                found["frame_rate"] = config.window.assumed_rate
            found["pooling"] = config.window.pooling
            found["flow"] = config.flow_estimator
        return found

    def _open_graphs(self):
        """The graphs of the first stream, for all others."""
        if self._stream_graphs is None:
            net = PoseNet(self._model).frame_net()
            self._stream_graphs = FrameGraphs(net, self.input_size_hw, self.skeleton.num_joints, self._lite)
        return self._stream_graphs

    def _streams_maps(self):
        kind = self._config.model.kind
        return kind.pools or (kind.predicts_heatmaps and not kind.sees_window)

    def _predict_chunk(self, frames, start, end, frame_rate, reach):
        """Joints and scores of frames `start` to `end`, each from its own window."""
        poses = []
        for place in range(start, end):
            first = max(0, place - reach)
            poses.append(self._predict_middle(frames[first : place + reach + 1], place - first, frame_rate))
        return np.stack([joints for joints, _ in poses]), np.stack([scores for _, scores in poses])

    def _predict_middle(self, frames, middle, frame_rate):
        if isinstance(self._predictor, WindowPredictor):
            return self._predictor.predict_frame(np.stack(frames), middle, frame_rate)
        joints, scores = self._predictor.predict(frames[middle][None])
        return joints[0], scores[0]


def digest_arrays(arrays: Sequence[np.ndarray]) -> str:
    """Returns the SHA-256 of arrays in their order, hexadecimal."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def make_predictor(
    model: keras.Model,
    config: TrainConfig,
    skeleton: Skeleton,
    flip_test: bool = False,
    lite: LiteNet | None = None,
) -> Predictor | WindowPredictor:
    """Makes the predictor that a run is scored with.

    Args:
      model: net of `models.factory` with its weights.
      config: `TrainConfig` of the run.
      skeleton: `Skeleton` of its joints.
      flip_test, lite: see `Predictor`.

    Raises:
      ValueError: for a flip test of a net that sees several frames.
    """
    size_hw = config.model.input_size_hw
    if not config.model.kind.sees_window:
        return Predictor(model, skeleton, size_hw, flip_test, lite=lite)
    if flip_test:
        name = config.model.kind.name
        raise ValueError(f"--flip_test: expected a net for single frames, {config.run_dir} has --model={name}")
    return WindowPredictor(model, skeleton, size_hw, config.offsets, config.open_flow())


def load_predictor(run_dir: str, flip_test: bool = False) -> Predictor | WindowPredictor:
    """Loads a run into a `Predictor`, or a `WindowPredictor` for a net that sees several frames.

    Args:
      run_dir: folder of the run.
      flip_test: see `Predictor`.

    Raises:
      ValueError: if the folder is no trained run, or for a flip test of a net that sees several frames.
    """
    return make_predictor(*load_model(run_dir), flip_test)


def _read_calibration(run_dir, skeleton):
    """Returns the calibration of a run, or None, and what is wrong with it; a run that has none is in order."""
    if not os.path.exists(os.path.join(run_dir, store.FILE_NAME)):
        return None, ""
    return store.read(run_dir, RunDirectory(run_dir).weights, skeleton.joints)


def _as_number(name):
    return (name.isdecimal(), int(name) if name.isdecimal() else name)
