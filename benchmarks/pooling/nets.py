"""The trained nets of `benchmarks.pooling_ablation`: the single-frame net, and whole runs that are scored beside it."""

from __future__ import annotations

import dataclasses
import os

import numpy as np

from keras_pose.data.synthetic.signers import SKELETON
from keras_pose.evaluation import scoring
from keras_pose.inference import loading
from keras_pose.models import kinds
from keras_pose.runs import run_directory, trained
from keras_pose.skeleton import same_joints


@dataclasses.dataclass(frozen=True)
class FrameNet:
    """A trained net for single frames: its run directory, `keras.Model`, `TrainConfig` and `Skeleton`."""

    run_dir: str
    model: object
    config: object
    skeleton: object

    def maps(self, frames):
        """float32 [F, H, W, 3], RGB 0..255, to heatmaps float32 [F, h, w, J]."""
        return np.concatenate(
            [self.model(frames[i : i + 32], training=False)["heatmaps"].numpy() for i in range(0, len(frames), 32)]
        )


def open_net(run_dir) -> FrameNet:
    """Opens the single-frame net.

    Raises:
      ValueError: where the folder is no run of --model=heatmap, of other joints, or trained on the test signers.
    """
    run, config, skeleton = run_directory.open_run(run_dir)
    if config.model.kind is not kinds.HEATMAP:
        hint = f"; its single-frame net is in {run.frame_net}" if os.path.isdir(run.frame_net) else ""
        name = config.model.kind.name
        raise ValueError(f"--net: expected a run of --model=heatmap, {run_dir} has --model={name}{hint}")
    _check_run(run_dir, "--net")
    return FrameNet(run_dir, trained.load_model(run_dir)[0], config, skeleton)


def score_runs(run_dirs, clips, skeleton, echo=print) -> dict:
    """Predicts clips with whole trained runs.

    Returns:
      dict name of run -> list of `ClipPredictions`.

    Raises:
      ValueError: where a folder is no run, of other joints, or trained on the test signers; or for two equal names.
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
    if source.startswith("signers:test"):
        raise ValueError(f"{flag}: expected a run that never saw the test signers, {run_dir} has --data={source}")
