"""Asks what the heatmaps are worth: the same classifier on heatmaps, on frames, and on maps learned from the frames.

`python -m examples.gestures.compare --pose_model=runs/quickstart/export/pose/1 --clips=runs/gesture_clips/train
--test_clips=runs/gesture_clips/test --output=runs/gestures` prints a table. Every alternative sees the same clips as
often, with the same optimiser; frames are averaged to the size of the maps. The convolutional net in front of the last
one is as wide as the maps' channels and is trained together with the classifier.
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
from examples.gestures.classifier import build_classifier


def shrink_frames(clips, size_hw) -> np.ndarray:
    """Returns the frames of clips, averaged to a smaller size: float32 [N, T, h, w, 3], 0 to 1."""
    small = [tf.image.resize(clip_files.read_frames(clip.path), size_hw, method="area").numpy() for clip in clips]
    return np.stack(small).astype(np.float32) / 255


def build_with_learned_maps(frames_shape, num_maps, num_gestures, filters=16):
    """Builds three convolutions a frame, which make `num_maps` maps in place of the pose net, and the classifier."""
    frames = keras.Input(tuple(frames_shape), name="small_frames")
    x = frames
    for number, (width, activation) in enumerate(((filters, "relu"), (filters, "relu"), (num_maps, None))):
        convolution = keras.layers.Conv2D(width, 3, padding="same", activation=activation)
        x = keras.layers.TimeDistributed(convolution, name=f"convolution_{number}")(x)
    return keras.Model(frames, build_classifier(x.shape[1:], num_gestures)(x))


def compare(pose_model, clips, output, test_clips="", epochs=40, seed=0, echo=print) -> list[dict]:
    """Trains the classifier on each kind of input; arguments as in `train.train`.

    Returns:
      A dict for each: "what", "accuracy", "interval", "seconds" of training, and "gain", the 95 % interval of the
      heatmaps' accuracy less this one's on the same test clips.
    """
    train_clips, test_set, names = training.read_sets(clips, test_clips)
    labels, truth = training.numbers(train_clips, names), training.numbers(test_set, names)
    every = train_clips + test_set
    maps = pose_maps.compute_maps(pose_maps.PoseModel(pose_model), every, os.path.join(output, "maps"))
    frames = shrink_frames(every, maps.shape[2:4])
    builders = {
        "heatmaps": (maps, build_classifier),
        "frames": (frames, build_classifier),
        "frames, maps learned here": (
            frames,
            lambda shape, num_gestures: build_with_learned_maps(shape, maps.shape[-1], num_gestures),
        ),
    }
    rows = [_row("most frequent gesture", truth == np.bincount(labels).argmax(), 0.0)]
    for what, (inputs, build) in builders.items():
        keras.utils.set_random_seed(seed)
        model, start = build(inputs.shape[1:], len(names)), time.monotonic()
        training.fit(model, inputs[: len(labels)], labels, epochs)
        seconds = time.monotonic() - start
        predicted = model.predict(inputs[len(labels) :], verbose=0).argmax(-1)
        rows.append(_row(what, predicted == truth, seconds))
    best = next(row["right"] for row in rows if row["what"] == "heatmaps")
    for row in rows:
        row["gain"] = scoring.interval(best - row.pop("right"))
        low, high = row["interval"]
        echo(f"{row['what']:28} {row['accuracy']:.3f} ({low:.3f} to {high:.3f})  {row['seconds']:.0f} s")
    return rows


def _row(what, right, seconds):
    right = np.asarray(right, np.float64)
    return {
        "what": what,
        "accuracy": right.mean(),
        "interval": scoring.interval(right),
        "seconds": seconds,
        "right": right,
    }


def main(argv=None):
    options = training.parse_arguments("compare", "Compares heatmaps with frames as input of the classifier.", argv)
    try:
        compare(**vars(options))
    except (ValueError, OSError) as error:
        sys.exit(f"compare: {error}")


if __name__ == "__main__":
    main()
