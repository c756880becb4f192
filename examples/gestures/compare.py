"""Asks what the heatmaps are worth: the same classifier on heatmaps and on frames, and a convolutional net on frames.

`python -m examples.gestures.compare --pose_model=runs/quickstart/export/pose/1 --clips=runs/gesture_clips/train
--test_clips=runs/gesture_clips/test --output=runs/gestures` prints a table. All see the same clips as often, with the
same optimiser; frames are averaged to the size of the maps.
"""

from __future__ import annotations

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import sys
import time

import keras
import numpy as np
import tensorflow as tf

from examples.gestures import clips as clip_files
from examples.gestures import pose_maps, scoring
from examples.gestures import train as training
from examples.gestures.classifier import build_classifier, classify_over_time


def shrink_frames(clips, size_hw) -> np.ndarray:
    """Returns the frames of clips, averaged to a smaller size: float32 [N, T, h, w, 3], 0 to 1."""
    small = [tf.image.resize(clip_files.read_frames(clip.path), size_hw, method="area").numpy() for clip in clips]
    return np.stack(small).astype(np.float32) / 255


def build_frame_classifier(frames_shape, num_gestures, filters=16):
    """Builds a net that finds out for itself what to look at: convolutions a frame, then over time as the classifier.

    Args:
      frames_shape: (T, h, w, 3).
      num_gestures: number of classes.
      filters: filters of the first convolution; the second one has twice as many.

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


def compare(pose_model, clips, output, test_clips="", epochs=40, seed=0, echo=print) -> list[dict]:
    """Trains the classifier on each kind of input; arguments as in `train.train`.

    Returns:
      A dict for each: "what", "training_accuracy", "accuracy" on test clips with its 95 % "interval", "seconds" of
      training, and "heatmaps_gain", the interval of the heatmaps' accuracy less this one's on the same clips.
    """
    training.check_epochs(epochs)
    train_clips, test_set, names = training.read_sets(clips, test_clips)
    labels, truth = training.numbers(train_clips, names), training.numbers(test_set, names)
    every = train_clips + test_set
    maps = pose_maps.compute_maps(pose_maps.PoseModel(pose_model), every, os.path.join(output, "maps"))
    frames = shrink_frames(every, maps.shape[2:4])
    alternatives = {
        "heatmaps": (maps, build_classifier),
        "frames, same classifier": (frames, build_classifier),
        "frames, convolutional net": (frames, build_frame_classifier),
    }
    commonest = np.bincount(labels).argmax()
    rows = [_row("most frequent gesture", labels == commonest, truth == commonest, 0.0)]
    for what, (inputs, build) in alternatives.items():
        keras.utils.set_random_seed(seed)
        model, start = build(inputs.shape[1:], len(names)), time.monotonic()
        training.fit(model, inputs[: len(labels)], labels, epochs)
        seconds = time.monotonic() - start
        right = model.predict(inputs, verbose=0).argmax(-1) == np.concatenate([labels, truth])
        rows.append(_row(what, right[: len(labels)], right[len(labels) :], seconds))
    best = next(row["right"] for row in rows if row["what"] == "heatmaps")
    for row in rows:
        row["heatmaps_gain"] = scoring.interval(best - row.pop("right"))
    _show(rows, echo)
    return rows


def _row(what, right_in_training, right, seconds):
    right = np.asarray(right, np.float64)
    return {
        "what": what,
        "training_accuracy": float(np.mean(right_in_training)),
        "accuracy": float(right.mean()),
        "interval": scoring.interval(right),
        "seconds": seconds,
        "right": right,
    }


def _show(rows, echo):
    echo(f"{'input':26} {'training clips':>14}  {'test clips':26} {'heatmaps gain':18} seconds")
    for row in rows:
        (low, high), (least, most) = row["interval"], row["heatmaps_gain"]
        score = f"{row['accuracy']:.3f} ({low:.3f} to {high:.3f})"
        gain = "" if row["what"] == "heatmaps" else f"{least:.3f} to {most:.3f}"
        echo(f"{row['what']:26} {row['training_accuracy']:14.3f}  {score:26} {gain:18} {row['seconds']:.0f}")


def main(argv=None):
    options = training.parse_arguments("compare", "Compares heatmaps with frames as input of the classifier.", argv)
    try:
        compare(**vars(options))
    except (ValueError, OSError) as error:
        sys.exit(f"compare: {error}")


if __name__ == "__main__":
    main()
