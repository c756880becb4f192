"""Trains a gesture classifier on the heatmaps of an exported pose net and saves both as one SavedModel.

`python -m examples.gestures.train --pose_model=runs/quickstart/export/pose/1 --clips=runs/gesture_clips/train
--test_clips=runs/gesture_clips/test --output=runs/gestures` writes `export/gestures/<version>`, `results.json` and
`confusion.png`; the heatmaps are kept in `maps/`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from examples.gestures import clips as clip_files
from examples.gestures import gesture_model, pose_maps, scoring, whole_files
from examples.gestures.classifier import build_classifier

BATCH_SIZE, LEARNING_RATE = 32, 2e-3


def fit(model, inputs, labels, epochs):
    """Trains a classifier with Adam, the learning rate falling to zero by a half cosine.

    Args:
      model: `keras.Model` that gives probabilities.
      inputs: [N, …], what it takes.
      labels: int [N].
      epochs: how often each clip is seen.
    """
    steps = epochs * -(-len(inputs) // BATCH_SIZE)
    rate = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, steps)
    model.compile(keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy")
    model.fit(inputs, labels, batch_size=BATCH_SIZE, epochs=epochs, verbose=0)


def check_epochs(epochs):
    """Refuses a training without an epoch (ValueError)."""
    if epochs < 1:
        raise ValueError(f"--epochs: expected 1 or more, received {epochs}")


def read_sets(clips, test_clips="", test_share=0.2):
    """Lists the clips to train and to test on.

    Args:
      clips: folder with labels.csv.
      test_clips: another one; "": the share `test_share` of `clips` is kept out.
      test_share: see there.

    Returns:
      Two lists of `LabelledClip`, and the K names of the gestures in alphabetical order.

    Raises:
      ValueError: for what `clips.list_clips` refuses, a single gesture, or a test clip of an unknown one.
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


def numbers(clips, names) -> np.ndarray:
    """int64 [N]: the place of each clip's label among the names."""
    return np.array([names.index(clip.label) for clip in clips])


def train(pose_model, clips, output, test_clips="", epochs=40, seed=0, echo=print) -> dict:
    """Trains, tests and saves; see the module.

    Args:
      pose_model: folder of one version of an export.
      clips, test_clips: folders with labels.csv; without test clips a fifth of the clips is kept out for testing.
      output: folder.
      epochs: how often each clip is seen.
      seed: of the first weights and the order of the clips.
      echo: function that shows a line of text.

    Returns:
      dict: "accuracy", its 95 % "interval" over test clips, "most_frequent" (the share of the commonest training
      gesture among the test clips), "confusion", "names", "saved_model".

    Raises:
      ValueError: for clips, labels or exports that do not fit.
    """
    check_epochs(epochs)
    train_clips, test_set, names = read_sets(clips, test_clips)
    pose = pose_maps.PoseModel(pose_model)
    echo(f"{len(train_clips)} clips to train on, {len(test_set)} to test on: {', '.join(names)}")
    maps = pose_maps.compute_maps(pose, train_clips + test_set, os.path.join(output, "maps"))
    labels, truth = numbers(train_clips, names), numbers(test_set, names)

    keras.utils.set_random_seed(seed)
    classifier = build_classifier(maps.shape[1:], len(names))
    fit(classifier, maps[: len(labels)], labels, epochs)

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


def score(labels, truth, predicted, names) -> dict:
    """Returns what `train` does, the saved model left out, for int arrays: labels of training, true and seen ones."""
    return {
        "accuracy": float((predicted == truth).mean()),
        "interval": scoring.interval(predicted == truth),
        "most_frequent": float((truth == np.bincount(labels).argmax()).mean()),
        "confusion": scoring.confusion(truth, predicted, len(names)).tolist(),
        "names": names,
    }


def write_results(output, results):
    """Writes `results.json` and `confusion.png`."""
    whole_files.clear_stale(output)
    with whole_files.replace(os.path.join(output, "results.json")) as temporary, open(temporary, "w") as file:
        json.dump(results, file, indent=2)
    with whole_files.replace(os.path.join(output, "confusion.png")) as temporary:
        scoring.draw_confusion(temporary, np.array(results["confusion"]), results["names"])


def parse_arguments(program, description, argv=None) -> argparse.Namespace:
    """Reads the arguments that `train` and `compare` take."""
    parser = argparse.ArgumentParser(prog=program, description=description, allow_abbrev=False)
    parser.add_argument("--pose_model", required=True, help="folder of one version of an export, such as …/pose/1")
    parser.add_argument("--clips", required=True, help="folder of clips to train on, with labels.csv")
    parser.add_argument("--test_clips", default="", help="folder of clips to test on (a fifth of --clips)")
    parser.add_argument("--output", required=True, help="folder that gets the model, results and heatmaps")
    parser.add_argument("--epochs", type=int, default=40, help="how often each clip is seen (40)")
    parser.add_argument("--seed", type=int, default=0, help="of first weights and order (0)")
    return parser.parse_args(argv)


def main(argv=None):
    options = parse_arguments("train", "Trains a gesture classifier on an exported pose net.", argv)
    try:
        train(**vars(options))
    except (ValueError, OSError) as error:
        sys.exit(f"train: {error}")


if __name__ == "__main__":
    main()
