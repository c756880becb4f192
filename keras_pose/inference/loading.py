"""Loads the best weights of a run into what predicts with them."""

from __future__ import annotations

from keras_pose.inference.predictor import Predictor
from keras_pose.inference.streaming import StreamingPredictor
from keras_pose.inference.window_predictor import WindowPredictor
from keras_pose.runs.trained import load_model


def load_predictor(run_dir: str, flip_test: bool = False) -> Predictor | WindowPredictor:
    """Loads a run into a `Predictor`, or a `WindowPredictor` for a net that sees several frames.

    Args:
      run_dir: folder of the run.
      flip_test: see `Predictor`.

    Raises:
      ValueError: if the folder is no trained run, or for a flip test of a net that sees several frames.
    """
    model, config, skeleton = load_model(run_dir)
    size_hw = config.model.input_size_hw
    if not config.model.kind.sees_window:
        return Predictor(model, skeleton, size_hw, flip_test)
    if flip_test:
        raise ValueError(
            f"--flip_test: expected a net for single frames, {run_dir} has --model={config.model.kind.name}"
        )
    return WindowPredictor(model, skeleton, size_hw, config.offsets, config.open_flow())


def load_stream(run_dir: str, **options) -> StreamingPredictor:
    """Loads a run into a predictor of video.

    Args:
      run_dir: a run of --model=flowing or heatmap.
      **options: mode, region, find_cuts: see `StreamingPredictor`.

    Raises:
      ValueError: if the folder is no trained run, or a run of another net.
    """
    model, config, skeleton = load_model(run_dir)
    return StreamingPredictor.from_config(model, config, skeleton, **options)
