"""After the training: the trained net, its start (the fitted pooling on the net as it was) and the single frame.

They are compared once more on the validation set. If the joint training made the net worse there, its start is kept.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from keras_pose import files
from keras_pose.choosing.clip_maps import targets_of
from keras_pose.choosing.comparison import SINGLE, Comparison
from keras_pose.choosing.nets import FOLDER
from keras_pose.data import pipeline
from keras_pose.data.clip import Clip
from keras_pose.data.samples import Samples
from keras_pose.models.pose_net import PoseNet
from keras_pose.runs import checkpoint_files, temporal_choice, weights_file
from keras_pose.runs.run_directory import RunDirectory
from keras_pose.skeleton import Skeleton

TRAINED = "trained"
START = "start"


def weights_path(run: RunDirectory, name: str) -> str:
    """Returns the path of the weights of a run at its "start", or as "trained" if the start is kept."""
    return os.path.join(run.path, FOLDER, f"{name}.weights.h5")


def restore(run: RunDirectory) -> None:
    """Puts the trained weights back in place of the start, before a run trains on."""
    if os.path.exists(weights_path(run, TRAINED)):
        _copy(weights_path(run, TRAINED), run.weights)
        os.remove(weights_path(run, TRAINED))


def check(
    run: RunDirectory,
    model: keras.Model,
    held_out: Samples,
    skeleton: Skeleton,
    echo: Callable[[str], None],
) -> None:
    """Keeps the start of a training in place of its result if it is better on the validation set, and records it.

    Args:
      run: folder of the run, with its choice, the weights of its start and those that training kept.
      model: the net; its weights change.
      held_out: the validation set.
      skeleton: the joints.
      echo: function that shows a line of text.
    """
    step = checkpoint_files.newest_step(run.checkpoints)
    choice: dict[str, Any] = temporal_choice.read(run.path) or {}
    done = choice.get("final", {})
    if done.get("step") != step:
        done = {"step": step, **_compare(run, model, held_out, skeleton)}
        files.write_json(temporal_choice.path_in(run.path), {**choice, "final": done})
    if done["kept"] == START and not os.path.exists(weights_path(run, TRAINED)):
        _copy(run.weights, weights_path(run, TRAINED))
    if done["kept"] == START:
        _copy(weights_path(run, START), run.weights)
    echo(describe(done))


def describe(final: dict[str, Any]) -> str:
    """Returns what was found as a line of text."""
    whole = "the fitted start is better than what training made of it and is kept"
    if final["kept"] == TRAINED:
        whole = "training all together made the fitted start no worse"
    low, high = (100 * value for value in final["interval"])
    text = (
        f"on the validation set, {whole}; against the single-frame net: {100 * final['difference']:+.1f} points "
        f"({low:.1f} to {high:.1f})"
    )
    return text + (". This is worse: use --pooling=none" if high < 0 else "")


def _compare(run, model, held_out, skeleton):
    """Returns which weights to keep, and the difference of these from the single-frame net at the start."""
    clips, targets = _validation(held_out)
    trained = weights_path(run, TRAINED)
    predicted = {}
    # A compiled model would look for its losses in the files, too.
    bare = keras.Model(model.inputs, model.output)
    weights_file.load(bare, trained if os.path.exists(trained) else run.weights)
    predicted[TRAINED] = _predict(model, held_out)[0]
    weights_file.load(bare, weights_path(run, START))
    predicted[START], predicted[SINGLE] = _predict(model, held_out)
    comparison = Comparison(clips, targets, skeleton, held_out.input_size_hw, predicted)
    worse = comparison.difference(TRAINED, START)[0] < 0
    kept = START if worse else TRAINED
    difference, _, interval = comparison.difference(kept, SINGLE)
    return {
        "kept": kept,
        "difference": difference,
        "interval": interval,
        "trained_less_start": comparison.difference(TRAINED, START)[0],
    }


def _validation(held_out: Samples) -> tuple[list[Clip], np.ndarray]:
    clips = list({id(clip): clip for clip, _ in held_out.rows}.values())
    return clips, np.concatenate([targets_of(clip, held_out.crop(clip)) for clip in clips])


def _predict(model, held_out):
    """Returns the joints of pooled maps and of the current frame's maps alone, float32 [N, J, 2] in input px."""
    net = PoseNet(model)
    pooled = []
    alone = []
    dataset = pipeline.make_evaluation_dataset(held_out, 8)
    with pipeline.raise_reader_errors(held_out):
        for window, _ in dataset:
            outputs = model(net.select_inputs(window), training=False)
            pooled.append(net.codec().decode(outputs["heatmaps"])[0].numpy())
            alone.append(net.codec().decode(outputs["frame_heatmaps"])[0].numpy())
    return np.concatenate(pooled), np.concatenate(alone)


def _copy(source, target):
    with files.replace_atomically(target) as temporary:
        shutil.copyfile(source, temporary)
