"""A run exported in every precision and as every kind of TensorFlow Lite file; each export predicts labelled frames."""

from __future__ import annotations

import dataclasses
import os
import pathlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from keras_pose import geometry
from keras_pose.data.clip import Clip
from keras_pose.exporting import exporter, onnx_file, onnx_packages, pose_module, tflite
from keras_pose.exporting.config import ExportConfig
from keras_pose.inference import saved_models
from keras_pose.runs import trained

_FRAMES_AT_ONCE = 32


@dataclasses.dataclass(frozen=True)
class ExportedNet:
    """An export that predicts labelled frames, as `scoring.predict_clips` expects.

    Args:
      read: function of a `Clip` to the frames to predict, uint8 [N, H, W, 3], and the index of the labelled ones.
      predict: function of these frames to joints float32 [N, J, 2] in frame px and scores float32 [N, J].
      megabytes: size of its files; None if it does not matter.
    """

    read: Callable[[Clip], tuple[np.ndarray, Any]]
    predict: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
    megabytes: float | None

    def predict_labelled(self, clip: Clip) -> tuple[np.ndarray, np.ndarray]:
        """Returns joints and scores of the labelled frames of a clip."""
        frames, labelled = self.read(clip)
        joints, scores = self.predict(frames)
        return joints[labelled], scores[labelled]


def open_saved_model(path: str | os.PathLike[str]) -> ExportedNet:
    """Opens `predict_frames` of an export."""
    predict_frames = saved_models.load(path).signatures["predict_frames"]

    def predict(frames):
        chunks = [frames[start : start + _FRAMES_AT_ONCE] for start in range(0, len(frames), _FRAMES_AT_ONCE)]
        answers = [predict_frames(frames=tf.constant(chunk)) for chunk in chunks]
        return tuple(np.concatenate([answer[name] for answer in answers]) for name in ("keypoints", "scores"))

    return ExportedNet(_read_labelled, predict, megabytes_of(path))


def open_clip_model(path: str | os.PathLike[str]) -> ExportedNet:
    """Opens `predict_clip` of an export, which sees all frames of a clip."""
    predict_clip = saved_models.load(path).signatures["predict_clip"]

    def predict(frames):
        answer = predict_clip(frames_bytes=[[tf.io.encode_png(frame) for frame in frames]])
        return answer["keypoints"][0].numpy(), answer["scores"][0].numpy()

    return ExportedNet(_read_all, predict, None)


def open_lite(path: str | os.PathLike[str], size_hw: tuple[int, int]) -> ExportedNet:
    """Opens a TensorFlow Lite file, which takes one frame at a time.

    Args:
      path: the file.
      size_hw: (H, W) of its input in px; frames are fitted to it as `Predictor` does.
    """
    pose = tflite.open_interpreter(pathlib.Path(path).read_bytes()).get_signature_runner(tflite.SIGNATURE)

    def predict(frames):
        crop = geometry.CropTransform.fit(frames.shape[1:3], size_hw)
        answers = [pose(frames=crop.warp(frame)[None]) for frame in frames]
        joints, scores = (np.concatenate([answer[name] for answer in answers]) for name in ("keypoints", "scores"))
        return crop.to_frame(joints), scores

    return ExportedNet(_read_labelled, predict, megabytes_of(path))


def open_onnx(path: str | os.PathLike[str]) -> ExportedNet:
    """Opens an ONNX file in ONNX Runtime, in one thread as TensorFlow Lite."""
    session = onnx_file.open_session(os.fspath(path))

    def predict(frames):
        chunks = [frames[start : start + _FRAMES_AT_ONCE] for start in range(0, len(frames), _FRAMES_AT_ONCE)]
        answers = [session(chunk) for chunk in chunks]
        return tuple(np.concatenate([answer[name] for answer in answers]) for name in ("keypoints", "scores"))

    return ExportedNet(_read_labelled, predict, megabytes_of(path))


def export_all(
    run_dir: str, folder: str, precisions: Sequence[str], lite_kinds: Sequence[str], with_onnx: bool = False
) -> dict[str, ExportedNet]:
    """Exports a run in every precision, as every kind of TensorFlow Lite file, and as an ONNX file.

    Args:
      run_dir: the run.
      folder: where to write the exports.
      precisions: of SavedModels.
      lite_kinds: of TensorFlow Lite files.
      with_onnx: whether to write an ONNX file, if its packages are installed.

    Returns:
      The exports by name, such as "SavedModel, float32", "TensorFlow Lite, int8" and "ONNX Runtime, float32".
    """
    exported = {}
    for precision, path in export_saved_models(run_dir, folder, precisions).items():
        exported[f"SavedModel, {precision}"] = open_saved_model(path)
    model, config, _ = trained.load_model(run_dir)
    module = pose_module.PoseModule(model, config, {})
    for kind in lite_kinds:
        lite_folder = os.path.join(folder, f"lite-{kind}")
        os.makedirs(lite_folder)
        tflite.write(module, lite_folder, kind)
        path = os.path.join(lite_folder, tflite.FILE)
        exported[f"TensorFlow Lite, {kind}"] = open_lite(path, config.model.input_size_hw)
    if with_onnx and all(map(onnx_packages.is_installed, onnx_packages.PACKAGES)):
        onnx_file.write(module, folder, {})
        exported["ONNX Runtime, float32"] = open_onnx(os.path.join(folder, onnx_file.FILE))
    return exported


def export_saved_models(run_dir: str, folder: str, precisions: Sequence[str]) -> dict[str, str]:
    """Exports a run in every precision; returns the folder of each version."""
    return {
        precision: exporter.export(
            ExportConfig(run_dir=run_dir, export_dir=folder, model_name=precision, precision=precision)
        )
        for precision in precisions
    }


def megabytes_of(path: str | os.PathLike[str]) -> float:
    """Returns the size of a file, or of all files in a folder, in MB."""
    path = pathlib.Path(path)
    paths = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in paths if file.is_file()) / 1e6


def _read_labelled(clip):
    return np.concatenate([clip.read_window(row) for row in range(clip.num_labelled)]), slice(None)


def _read_all(clip):
    return clip.frames.read(range(clip.frames.num_frames)), clip.labelled
