"""Writes a trained run as a SavedModel that takes images or clips and returns joints in px of these images."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf
from absl import logging

from keras_pose import console, files
from keras_pose.confidence import store
from keras_pose.exporting import examples, export_checks, model_card, onnx_file, publish, tflite, warmup
from keras_pose.exporting.config import ExportConfig
from keras_pose.exporting.pose_module import PoseModule
from keras_pose.exporting.signatures import find_signatures
from keras_pose.inference import saved_models
from keras_pose.runs import run_directory, trained

_MAX_DIFFERENCE_PX = 1e-3


def export(config: ExportConfig, echo: Callable[[str], Any] = console.show) -> str:
    """Exports a run as a new version, which is published only if its answers equal those of the net in memory.

    Args:
      config: the run to export and the folder to write to.
      echo: function that shows a line of text.

    Returns:
      The folder of the new version.

    Raises:
      ValueError: if the folder is not a run, its net cannot be exported, or the version exists.
      OSError: if the weights of the run cannot be read, or the export cannot be written.
      ArithmeticError: if the export's answers differ from those of the net in memory.
    """
    export_checks.check(config)
    live = console.LiveLine(echo=echo)

    def show_stage(number: int, text: str) -> None:
        if live.is_live:
            live.update(lambda: f"exporting, {number} of 4: {text}", at_once=True)

    show_stage(1, "building the net")
    model, train_config, skeleton = trained.load_model(config.run_dir, config.precision)
    run, _, _ = run_directory.open_run(config.run_dir)
    with publish.new_version(config.model_dir, config.version) as (version, folder):
        kind = train_config.model.kind
        in_seconds = kind.pools and train_config.window.in_seconds
        signatures = find_signatures(PoseModule, kind.predicts_heatmaps, in_seconds)
        names = [signature.name for signature in signatures]
        calibration, why_not = store.read(run.path, run.weights, skeleton.joints)
        card = model_card.describe_model(train_config, config, run, skeleton, version, names, calibration)
        texts = {"skeleton": skeleton.to_dict(), "model_card": card}
        if calibration is not None:
            texts["calibration"] = calibration.to_dict()
        as_json = {name: json.dumps(text) for name, text in texts.items()}
        module = PoseModule(model, train_config, as_json, calibration)
        with _name_failed_write(config.model_dir):
            show_stage(2, "tracing and saving the graph of each signature")
            save(module, folder, texts)
            show_stage(3, "TensorFlow Lite, ONNX and warm-up requests")
            notes = [tflite.write(module, folder, config.tflite)] if config.tflite != "none" else []
            if config.onnx:
                notes.append(onnx_file.write(module, folder, as_json))
            warm = warmup.write_requests(folder, config.model_name, signatures)
        show_stage(4, "comparing the export with the net in memory")
        difference = compare(module, folder)
    live.clear()
    path = os.path.join(config.model_dir, str(version))
    echo(f"{config.model_name} version {version}: {path} (differs from the net in memory by {difference:.1g} px)")
    for note in notes:
        echo(note)
    if why_not and train_config.model.kind.predicts_heatmaps:
        echo(f"note: the export has no calibrated confidences: {why_not}")
    if not warm:
        echo(
            "note: tensorflow-serving-api is not installed: the export has no warm-up requests, first answers are slow"
        )
    return path


@contextlib.contextmanager
def _name_failed_write(model_dir):
    """Makes of a failed write, of TensorFlow too, one line that names the folder and the reason."""
    try:
        yield
    except (OSError, tf.errors.OpError) as error:
        # TensorFlow's message is "{{node}} <file>; <reason> [Op:…]".
        text = (
            error.message.rpartition("; ")[2].partition(" [Op:")[0] if isinstance(error, tf.errors.OpError) else error
        )
        raise OSError(f"{model_dir}: the export cannot be written: {' '.join(str(text).split())}") from error


def save(module: PoseModule, folder: str, assets: Mapping[str, Any]) -> None:
    """Saves a module with its signatures.

    Args:
      module: module to save.
      folder: folder of the SavedModel.
      assets: content for JSON by name: each is saved as assets/<name>.json.
    """
    with tempfile.TemporaryDirectory() as json_dir:
        module.asset_files = []
        for name, content in assets.items():
            path = os.path.join(json_dir, f"{name}.json")
            files.write_json(path, content)
            module.asset_files.append(tf.saved_model.Asset(path))
        verbosity = logging.get_verbosity()
        logging.set_verbosity(logging.WARNING)  # saving reports hundreds of internal tensor names
        try:
            tf.saved_model.save(module, folder, signatures=module.signatures())
        finally:
            logging.set_verbosity(verbosity)


def compare(module: PoseModule, folder: str) -> float:
    """Loads an export and compares its joints for one frame with those of the net in memory.

    Args:
      module: the module that was saved.
      folder: folder of the SavedModel.

    Returns:
      The largest difference in px.

    Raises:
      ArithmeticError: if they differ by more than 1/1000 px.
    """
    loaded = saved_models.load(folder).signatures["predict_frames"]
    frames = examples.make_frames()
    expected = module.predict_frames(frames)
    received = loaded(frames=frames)
    difference = float(np.abs(expected["keypoints"] - received["keypoints"]).max())
    same = np.array_equal(expected["valid"], received["valid"])
    if not (same and difference <= _MAX_DIFFERENCE_PX):
        raise ArithmeticError(f"the export differs from the net in memory by {difference:g} px")
    return difference
