"""Trains a gesture classifier on the heatmaps of an exported pose net and saves both as one SavedModel.

`python -m examples.gestures.train --pose_model=runs/quickstart/export/pose/1 --clips=runs/gesture_clips/train
--test_clips=runs/gesture_clips/test --output=runs/gestures` writes `export/gestures/<version>`, `results.json` and
`confusion.png`, and keeps the heatmaps in `maps/`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from examples.gestures import atomic_files, gesture_model, pose_maps, scoring
from examples.gestures import clips as clip_files
from examples.gestures.classifier import build_classifier

BATCH_SIZE = 32
LEARNING_RATE = 2e-3


def fit(model: keras.Model, inputs: np.ndarray, labels: np.ndarray, epochs: int) -> None:
    """Trains a classifier with Adam. The learning rate falls to zero along a half cosine.

    Args:
      model: gives probabilities.
      inputs: [N, …], the model's input.
      labels: int [N].
      epochs: passes over the clips.
    """
    steps = epochs * -(-len(inputs) // BATCH_SIZE)
    rate = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, steps)
    model.compile(keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy")
    model.fit(inputs, labels, batch_size=BATCH_SIZE, epochs=epochs, verbose=0)


def check_epochs(epochs: int) -> None:
    """Raises a ValueError if there is no epoch to train."""
    if epochs < 1:
        raise ValueError(f"--epochs: expected 1 or more, received {epochs}")


def read_sets(
    clips: str, test_clips: str = "", test_share: float = 0.2
) -> tuple[list[clip_files.LabelledClip], list[clip_files.LabelledClip], list[str]]:
    """Lists the clips to train and to test on.

    Args:
      clips: folder with labels.csv.
      test_clips: folder with labels.csv, or "" to hold out a part of `clips`.
      test_share: share of `clips` to hold out if there are no test clips.

    Returns:
      The training clips, the test clips, and the K names of the gestures in alphabetical order.

    Raises:
      ValueError: if `clips.list_clips` refuses a folder, there is only one gesture, or a test clip has an unknown one.
    """
    train = clip_files.list_clips(clips)
    if test_clips:
        test = clip_files.list_clips(test_clips)
    else:
        train, test = clip_files.hold_out(train, test_share)
    names = sorted({clip.label for clip in train})
    if len(names) < 2:
        raise ValueError(f"{clips}: expected clips of at least two gestures, received {names[0]} only")
    for clip in test:
        if clip.label not in names:
            raise ValueError(f"{clip.path}: expected one of {', '.join(names)}, received {clip.label}")
    return train, test, names


def label_indices(clips: Sequence[clip_files.LabelledClip], names: Sequence[str]) -> np.ndarray:
    """Returns the index of each clip's label in `names`: int64 [N]."""
    return np.array([names.index(clip.label) for clip in clips])


def train(
    pose_model: str,
    clips: str,
    output: str,
    test_clips: str = "",
    epochs: int = 40,
    seed: int = 0,
    echo: Callable[[str], Any] = print,
) -> dict[str, Any]:
    """Trains, tests and saves a classifier; see the module.

    Args:
      pose_model: folder of one version of an export.
      clips: folder of the clips to train on, with labels.csv.
      output: folder to write to.
      test_clips: folder of the clips to test on, or "" to hold out a fifth of `clips`.
      epochs: passes over the clips.
      seed: of the initial weights and the order of the clips.
      echo: function that shows a line of text.

    Returns:
      dict: "accuracy", its 95 % "interval" over test clips, "most_frequent" (accuracy on the test clips of always
      answering with the most frequent training gesture), "confusion", "names", "saved_model".

    Raises:
      ValueError: if clips, labels or the export are invalid.
    """
    # Read the clips and compute their heatmaps.
    check_epochs(epochs)
    train_clips, test_set, names = read_sets(clips, test_clips)
    pose = pose_maps.PoseModel(pose_model)
    echo(f"{len(train_clips)} clips to train on, {len(test_set)} to test on: {', '.join(names)}")
    maps = pose_maps.compute_maps(pose, train_clips + test_set, os.path.join(output, "maps"))
    labels = label_indices(train_clips, names)
    truth = label_indices(test_set, names)

    # Train the classifier.
    keras.utils.set_random_seed(seed)
    classifier = build_classifier(maps.shape[1:], len(names))
    fit(classifier, maps[: len(labels)], labels, epochs)

    # Test it, and save it together with the pose net.
    predicted = classifier.predict(maps[len(labels) :], verbose=0).argmax(-1)
    results = score(labels, truth, predicted, names)
    model = gesture_model.GestureModel(pose, classifier, names)
    results["saved_model"] = gesture_model.save(model, os.path.join(output, "export", "gestures"))
    write_results(output, results)
    low, high = results["interval"]
    echo(f"test accuracy {results['accuracy']:.3f} ({low:.3f} to {high:.3f})")
    echo(f"always the most frequent gesture: {results['most_frequent']:.3f}")
    echo(f"saved {results['saved_model']}")
    return results


def score(labels: np.ndarray, truth: np.ndarray, predicted: np.ndarray, names: list[str]) -> dict[str, Any]:
    """Returns the results of `train`, except "saved_model".

    Args:
      labels: int [M], labels of the training clips.
      truth: int [N], labels of the test clips.
      predicted: int [N], the classifier's answers.
      names: K names of gestures.
    """
    return {
        "accuracy": float((predicted == truth).mean()),
        "interval": scoring.bootstrap_interval(predicted == truth),
        "most_frequent": float((truth == np.bincount(labels).argmax()).mean()),
        "confusion": scoring.count_confusions(truth, predicted, len(names)).tolist(),
        "names": names,
    }


def write_results(output: str, results: dict[str, Any]) -> None:
    """Writes `results.json` and `confusion.png`."""
    atomic_files.clear_stale(output)
    with atomic_files.replace(os.path.join(output, "results.json")) as temporary, open(temporary, "w") as file:
        json.dump(results, file, indent=2)
    with atomic_files.replace(os.path.join(output, "confusion.png")) as temporary:
        scoring.draw_confusion(temporary, np.array(results["confusion"]), results["names"])


def parse_arguments(program: str, description: str, argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Parses the arguments that `train` and `compare` share."""
    parser = argparse.ArgumentParser(prog=program, description=description, allow_abbrev=False)
    add = parser.add_argument
    add("--pose_model", required=True, help="folder of one version of an export, such as …/pose/1")
    add("--clips", required=True, help="folder of clips to train on, with labels.csv")
    add("--test_clips", default="", help="folder of clips to test on (default: a fifth of --clips)")
    add("--output", required=True, help="folder to write the model, results and heatmaps to")
    add("--epochs", type=int, default=40, help="passes over the training clips (default: %(default)s)")
    add("--seed", type=int, default=0, help="seed of initial weights and order of clips (default: %(default)s)")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command line."""
    options = parse_arguments("train", "Trains a gesture classifier on an exported pose net.", argv)
    try:
        train(**vars(options))
    except (ValueError, OSError) as error:
        sys.exit(f"train: {error}")


if __name__ == "__main__":
    main()
