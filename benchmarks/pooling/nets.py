"""The trained nets around which poolings are compared: nets for single frames, and whole runs beside them."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import Callable, Sequence

import keras
import numpy as np

from benchmarks.pooling import movenet_maps
from benchmarks.pooling.movenet_maps import MoveNetMaps
from keras_pose import shipped
from keras_pose.data.clip import Clip
from keras_pose.data.synthetic import versions
from keras_pose.data.synthetic.signers import SKELETON
from keras_pose.evaluation import scoring
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.inference import loading
from keras_pose.models import kinds, movenet
from keras_pose.models.pose_net import PoseNet
from keras_pose.runs import run_directory, trained
from keras_pose.runs.config import TrainConfig
from keras_pose.skeleton import Skeleton, same_joints

_FRAMES_AT_ONCE = 32


@dataclasses.dataclass(frozen=True)
class FrameNet:
    """A trained net for single frames: its run directory, model, configuration and skeleton."""

    run_dir: str
    model: keras.Model
    config: TrainConfig
    skeleton: Skeleton

    def digest(self) -> str:
        """Returns a digest of the file of weights."""
        with open(run_directory.RunDirectory(self.run_dir).weights, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()[:16]

    def predict_maps(self, frames: np.ndarray) -> np.ndarray:
        """Runs the net: float32 [F, H, W, 3], RGB 0..255, to heatmaps float32 [F, h, w, J]."""
        starts = range(0, len(frames), _FRAMES_AT_ONCE)
        chunks = [frames[start : start + _FRAMES_AT_ONCE] for start in starts]
        return np.concatenate([self.model(chunk, training=False)["heatmaps"].numpy() for chunk in chunks])


def open_net(run_dir: str) -> FrameNet:
    """Opens the single-frame net.

    Raises:
      ValueError: if the folder is no run of --model=heatmap, has other joints, or was trained on the test signers.
    """
    run, config, skeleton = run_directory.open_run(run_dir)
    if config.model.kind is not kinds.HEATMAP:
        hint = f"; its single-frame net is in {run.frame_net}" if os.path.isdir(run.frame_net) else ""
        name = config.model.kind.name
        raise ValueError(f"--net: expected a run of --model=heatmap, {run_dir} has --model={name}{hint}")
    _check_run(run_dir, "--net")
    return FrameNet(run_dir, trained.load_model(run_dir)[0], config, skeleton)


def open_any_net(name: str) -> FrameNet | MoveNetMaps:
    """Opens any source of heatmaps of single frames.

    Args:
      name: a run of --model=heatmap or flowing (its net for single frames), a net that comes with the package, or the
        folder of MoveNet's SavedModel.

    Raises:
      ValueError: if it is none of these, or predicts no heatmaps.
    """
    if movenet.is_saved_model(name):
        return movenet_maps.open_maps(name)
    run_dir = shipped.find(name)
    model, config, skeleton = trained.load_model(run_dir)
    net = PoseNet(model)
    if not net.predicts_heatmaps() or net.frame_net().sees_window():
        raise ValueError(
            f"--net: expected a net with heatmaps of single frames, {name} has --model={config.model.kind.name}"
        )
    return FrameNet(run_dir, net.frame_net().model, config, skeleton)


def score_runs(
    run_dirs: Sequence[str], clips: Sequence[Clip], echo: Callable[[str], None] = print
) -> dict[str, list[ClipPredictions]]:
    """Predicts clips with whole trained runs.

    Args:
      run_dirs: folders of the runs.
      clips: clips of signers.
      echo: function that shows a line of text.

    Returns:
      Predictions by name of the run.

    Raises:
      ValueError: if a folder is no run, has other joints, or was trained on the test signers; or if two runs have the
        same name.
    """
    names = [os.path.basename(os.path.abspath(path)) for path in run_dirs]
    if len(set(names)) < len(names):
        raise ValueError(f"--trained: expected runs of different names, received {', '.join(run_dirs)}")
    for path in run_dirs:
        _check_run(path, "--trained")
    scored = {}
    for name, path in zip(names, run_dirs):
        echo(f"scoring {path}")
        scored[name] = scoring.predict_clips(loading.load_predictor(path), clips)
    return scored


def _check_run(run_dir, flag):
    _, config, skeleton = run_directory.open_run(run_dir)
    if not same_joints(skeleton, SKELETON):
        raise ValueError(
            f"{flag}: expected the joints of the signers ({', '.join(SKELETON.joints)}), {run_dir} has "
            f"{', '.join(skeleton.joints)}"
        )
    source = config.data.source
    if versions.version_of(source) and source.split(":")[1] == "test":
        raise ValueError(f"{flag}: expected a run that never saw the test signers, {run_dir} has --data={source}")
