"""Makes a SavedModel of a trained run: net, decoding of images, and joints in px of the frame."""

from __future__ import annotations

import json
import os
import tempfile

import numpy as np
import tensorflow as tf
from absl import logging

from keras_pose import files
from keras_pose.exporting import model_card, pose_module, publish, tflite, warmup
from keras_pose.runs import run_directory, trained

_MAX_DIFFERENCE_PX = 1e-3


def export(config, echo=print) -> str:
    """Exports a run, as `export.py` does: a new version, published only when it answers as the net in memory.

    Args:
      config: `ExportConfig`.
      echo: function that shows a line of text.

    Returns:
      str, the folder of the new version.

    Raises:
      ValueError: where the run is none, or of a net that cannot be exported, or the version exists.
      ArithmeticError: where the export answers otherwise than the net in memory.
    """
    model, train_config, skeleton = trained.load_model(config.run_dir, config.precision)
    _check_exportable(config.run_dir, train_config)
    run = run_directory.RunDirectory(config.run_dir)
    with publish.new_version(config.model_dir, config.version) as (version, folder):
        names = pose_module.signature_names(train_config)
        card = model_card.describe_model(train_config, config, run, skeleton, version, names)
        texts = {"skeleton": skeleton.to_dict(), "model_card": card}
        module = pose_module.PoseModule(model, train_config, {name: json.dumps(text) for name, text in texts.items()})
        save(module, folder, texts)
        note = tflite.write(module, folder, config.tflite) if config.tflite != "none" else ""
        warm = warmup.write_requests(folder, config.model_name, names)
        difference = compare(module, folder)
    path = os.path.join(config.model_dir, str(version))
    echo(f"{config.model_name} version {version}: {path} (differs from the net in memory by {difference:.1g} px)")
    if note:
        echo(note)
    if not warm:
        echo("NOTE: tensorflow-serving-api is not installed: no warm-up requests, the first answers take longer")
    return path


def _check_exportable(run_dir, config):
    if not config.model.kind.exportable:
        raise ValueError(
            f"--run_dir: expected --model=heatmap, coordinate or flowing, received {run_dir} of "
            f"--model={config.model.kind.name}, which needs flow at its input that a server does not have"
        )


def save(module, folder, assets):
    """Saves a `PoseModule` with its signatures.

    Args:
      module: `PoseModule`.
      folder: where to.
      assets: dict of str to what becomes assets/<name>.json.
    """
    with tempfile.TemporaryDirectory() as beside:
        module.asset_files = []
        for name, content in assets.items():
            path = os.path.join(beside, f"{name}.json")
            files.write_json(path, content)
            module.asset_files.append(tf.saved_model.Asset(path))
        verbosity = logging.get_verbosity()
        logging.set_verbosity(logging.WARNING)  # it tells of hundreds of names it gives to tensors inside
        try:
            tf.saved_model.save(module, folder, signatures=module.signatures())
        finally:
            logging.set_verbosity(verbosity)


def compare(module, folder) -> float:
    """Loads an export and asks it and the net in memory for the joints of one image.

    Returns:
      float, the largest difference in px.

    Raises:
      ArithmeticError: where they differ by more than 1/1000 px.
    """
    loaded = tf.saved_model.load(folder).signatures["predict_frames"]
    frames = tf.constant(warmup.example_frame()[None])
    expected, received = module.predict_frames(frames), loaded(frames=frames)
    difference = float(np.abs(expected["keypoints"] - received["keypoints"]).max())
    same = np.array_equal(expected["valid"], received["valid"])
    if not (same and difference <= _MAX_DIFFERENCE_PX):
        raise ArithmeticError(f"the export differs from the net in memory by {difference:g} px")
    return difference
