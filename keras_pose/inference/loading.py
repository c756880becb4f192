"""Loads a trained net as a model that predicts frames, videos and streams. `load` is `keras_pose.load`."""

from __future__ import annotations

import os
import warnings

import keras
import numpy as np

from keras_pose.confidence import store
from keras_pose.inference.exported_model import ExportedModel
from keras_pose.inference.graphs import FrameGraphs
from keras_pose.inference.pose_model import CENTRED, Modes, PoseModel, Poses, Stream
from keras_pose.inference.predictor import Predictor
from keras_pose.inference.streaming import StreamingPredictor
from keras_pose.inference.window_predictor import WindowPredictor
from keras_pose.inference.window_stream import WindowStream
from keras_pose.runs.config import TrainConfig
from keras_pose.runs.run_directory import RunDirectory
from keras_pose.runs.trained import load_model
from keras_pose.skeleton import Skeleton


def load(source: str | os.PathLike[str]) -> PoseModel:
    """Loads a trained net.

    Args:
      source: folder of a run (it holds flags.txt), or of a version of an export (it holds saved_model.pb).

    Returns:
      `PoseModel`.

    Raises:
      ValueError: if the folder is neither, or the run has no weights yet.
    """
    path = os.fspath(source)
    if os.path.isfile(os.path.join(path, "saved_model.pb")):
        return ExportedModel(path)
    if os.path.isfile(os.path.join(path, "flags.txt")):
        model = RunModel(*load_model(path))
        model.calibration, why_not = _read_calibration(path, model.skeleton)
        if why_not:
            warnings.warn(f"no calibrated confidences: {why_not}", stacklevel=2)
        return model
    if not os.path.isdir(path):
        raise ValueError(f"{path}: expected the folder of a run or of an export's version, found no such folder")
    versions = [name for name in os.listdir(path) if os.path.isfile(os.path.join(path, name, "saved_model.pb"))]
    hint = f"; {os.path.join(path, max(versions, key=_as_number))} holds one" if versions else ""
    raise ValueError(
        f"{path}: expected the folder of a run (with flags.txt) or of an export's version (with saved_model.pb){hint}"
    )


class RunModel(PoseModel):
    """The best weights of a run.

    Args:
      model: net of `models.factory` with its weights.
      config: `TrainConfig` of the run.
      skeleton: `Skeleton` of its joints.
    """

    def __init__(self, model: keras.Model, config: TrainConfig, skeleton: Skeleton) -> None:
        self.skeleton = skeleton
        self._model = model
        self._config = config
        self._predictor = make_predictor(model, config, skeleton)
        self._stream_graphs: FrameGraphs | None = None  # those of the first stream, for all others

    def predict(self, frames: np.ndarray) -> Poses:
        """See `PoseModel.predict`."""
        return Poses(*self._predictor.predict(frames))

    def predict_modes(self, frames: np.ndarray, max_modes: int = 3, min_height: float = 0.1) -> Modes:
        """See `PoseModel.predict_modes`."""
        return Modes(*self._predictor.predict_modes(frames, max_modes, min_height))

    def stream(self, mode: str = CENTRED) -> Stream:
        """See `PoseModel.stream`."""
        kind = self._config.model.kind
        if kind.pools or (kind.predicts_heatmaps and not kind.sees_window):
            stream = StreamingPredictor.from_config(
                self._model, self._config, self.skeleton, mode=mode, graphs=self._stream_graphs
            )
            self._stream_graphs = stream.graphs
            return stream
        return WindowStream(self._predict_middle, self.skeleton.num_joints, max(self._config.offsets), mode)

    def _predict_middle(self, frames, middle):
        if isinstance(self._predictor, WindowPredictor):
            return self._predictor.predict_frame(np.stack(frames), middle)
        joints, scores = self._predictor.predict(frames[middle][None])
        return joints[0], scores[0]


def make_predictor(
    model: keras.Model, config: TrainConfig, skeleton: Skeleton, flip_test: bool = False
) -> Predictor | WindowPredictor:
    """Makes the predictor that a run is scored with.

    Args:
      model: net of `models.factory` with its weights.
      config: `TrainConfig` of the run.
      skeleton: `Skeleton` of its joints.
      flip_test: see `Predictor`.

    Raises:
      ValueError: for a flip test of a net that sees several frames.
    """
    size_hw = config.model.input_size_hw
    if not config.model.kind.sees_window:
        return Predictor(model, skeleton, size_hw, flip_test)
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
