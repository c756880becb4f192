"""Measures what heatmaps add: the same classifier on heatmaps and on frames, and a convolutional net on frames.

`python -m examples.gestures.compare --pose_model=runs/quickstart/export/pose/1 --clips=runs/gesture_clips/train
--test_clips=runs/gesture_clips/test --output=runs/gestures` prints a table. All nets are trained on the same clips, for
the same number of epochs and with the same optimiser. Frames are averaged to the size of the maps.
"""

from __future__ import annotations

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from examples.gestures import clips as clip_files
from examples.gestures import pose_maps, scoring
from examples.gestures import train as training
from examples.gestures.classifier import build_classifier, classify_over_time


def shrink_frames(clips: Sequence[clip_files.LabelledClip], size_hw: Sequence[int]) -> np.ndarray:
    """Returns the frames of clips, averaged to a smaller size: float32 [N, T, h, w, 3], 0 to 1."""
    small = [tf.image.resize(clip_files.read_frames(clip.path), size_hw, method="area").numpy() for clip in clips]
    return np.stack(small).astype(np.float32) / 255


def build_frame_classifier(frames_shape: Sequence[int], num_gestures: int, filters: int = 16) -> keras.Model:
    """Builds a net that learns its own features: convolutions per frame, then over time as in the classifier.

    Args:
      frames_shape: (T, h, w, 3).
      num_gestures: number of classes.
      filters: filters of the first convolution; the second has twice as many.

    Returns:
      `keras.Model` from float32 [B, T, h, w, 3] to probabilities float32 [B, num_gestures].
    """
    frames = keras.Input(tuple(frames_shape), name="small_frames")
    x = frames
    for width in (filters, 2 * filters):
        convolution = keras.layers.Conv2D(width, 3, strides=2, padding="same", activation="relu")
        x = keras.layers.TimeDistributed(convolution)(x)
    x = keras.layers.TimeDistributed(keras.layers.Flatten())(x)
    x = keras.layers.Dense(2 * filters, activation="relu")(keras.layers.Dropout(0.2)(x))
    return keras.Model(frames, classify_over_time(x, num_gestures), name="frame_gestures")


def compare(
    pose_model: str,
    clips: str,
    output: str,
    test_clips: str = "",
    epochs: int = 40,
    seed: int = 0,
    echo: Callable[[str], Any] = print,
) -> list[dict[str, Any]]:
    """Trains the classifier on each kind of input.

    Args:
      pose_model: as in `train.train`, like all other arguments.
      clips: folder of the clips to train on.
      output: folder that keeps the heatmaps.
      test_clips: folder of the clips to test on.
      epochs: passes over the clips.
      seed: of the initial weights and the order of the clips.
      echo: function that shows a line of text.

    Returns:
      A dict for each: "what", "training_accuracy", "accuracy" on test clips with its 95 % "interval", "seconds" of
      training, and "heatmaps_gain", the interval of the difference between the heatmaps' accuracy and this one.
    """
    # Read the clips, and compute both kinds of input.
    training.check_epochs(epochs)
    train_clips, test_set, names = training.read_sets(clips, test_clips)
    labels = training.label_indices(train_clips, names)
    truth = training.label_indices(test_set, names)
    all_clips = train_clips + test_set
    maps = pose_maps.compute_maps(pose_maps.PoseModel(pose_model), all_clips, os.path.join(output, "maps"))
    frames = shrink_frames(all_clips, maps.shape[2:4])
    alternatives: dict[str, tuple[np.ndarray, Callable[..., keras.Model]]] = {
        "heatmaps": (maps, build_classifier),
        "frames, same classifier": (frames, build_classifier),
        "frames, convolutional net": (frames, build_frame_classifier),
    }
    # Train and score each alternative.
    most_frequent = np.bincount(labels).argmax()
    rows = [_row("most frequent gesture", labels == most_frequent, truth == most_frequent, 0.0)]
    for what, (inputs, build) in alternatives.items():
        keras.utils.set_random_seed(seed)
        model = build(inputs.shape[1:], len(names))
        start = time.monotonic()
        training.fit(model, inputs[: len(labels)], labels, epochs)
        seconds = time.monotonic() - start
        right = model.predict(inputs, verbose=0).argmax(-1) == np.concatenate([labels, truth])
        rows.append(_row(what, right[: len(labels)], right[len(labels) :], seconds))
    # Compare each with the heatmaps, clip by clip.
    best = next(row["right"] for row in rows if row["what"] == "heatmaps")
    for row in rows:
        row["heatmaps_gain"] = scoring.bootstrap_interval(best - row.pop("right"))
    _print_table(rows, echo)
    return rows


def _row(what, right_in_training, right, seconds):
    right = np.asarray(right, np.float64)
    return {
        "what": what,
        "training_accuracy": float(np.mean(right_in_training)),
        "accuracy": float(right.mean()),
        "interval": scoring.bootstrap_interval(right),
        "seconds": seconds,
        "right": right,
    }


def _print_table(rows, echo):
    echo(f"{'input':26} {'training clips':>14}  {'test clips':26} {'heatmaps gain':18} seconds")
    for row in rows:
        low, high = row["interval"]
        least, most = row["heatmaps_gain"]
        score = f"{row['accuracy']:.3f} ({low:.3f} to {high:.3f})"
        gain = "" if row["what"] == "heatmaps" else f"{least:.3f} to {most:.3f}"
        echo(f"{row['what']:26} {row['training_accuracy']:14.3f}  {score:26} {gain:18} {row['seconds']:.0f}")


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command line."""
    options = training.parse_arguments("compare", "Compares heatmaps with frames as input of the classifier.", argv)
    try:
        compare(**vars(options))
    except (ValueError, OSError) as error:
        sys.exit(f"compare: {error}")


if __name__ == "__main__":
    main()
