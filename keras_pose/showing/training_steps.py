"""What the net predicts for a few frames at several steps of its training.

Letters in shapes: S steps, N frames, h w heatmap, J joints, M modes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from keras_pose.runs import snapshots
from keras_pose.runs.run_directory import RunDirectory
from keras_pose.showing.shown_net import ShownFrames, ShownNet

NO_SNAPSHOTS = (
    "this run kept no weights from early in training; train.py keeps them with --snapshots (8 unless it says otherwise)"
)


@dataclasses.dataclass(frozen=True)
class TrainingSteps:
    """Predictions at some steps, in the order of the steps.

    Attributes:
      steps: S numbers of steps trained.
      outputs: S arrays of the main output: maps [N, h, w, J], or positions [N, J, 2] in input px.
    """

    steps: tuple[int, ...]
    outputs: tuple[np.ndarray, ...]


def predict_at_steps(
    run: RunDirectory, shown_net: ShownNet, shown: ShownFrames, echo: Callable[[str], None]
) -> TrainingSteps:
    """Predicts frames with all weights that a run has kept. The net has its weights of now afterwards.

    Args:
      run: folder of the run.
      shown_net: its net.
      shown: the frames.
      echo: function that shows a line of text.

    Raises:
      ValueError: if a file of weights cannot be read; the message names it.
    """
    model = shown_net.model
    best = model.get_weights()
    steps = []
    outputs = []
    try:
        for step, path in snapshots.find(run).items():
            weights = snapshots.read(path)
            if [w.shape for w in weights] != [w.shape for w in best]:
                echo(f"note: {path} is left out: it was written with the other version of Keras, or for another net")
                continue
            model.set_weights(weights)
            steps.append(step)
            outputs.append(shown_net.predict(shown)[shown_net.net.main_output()])
    finally:
        model.set_weights(best)
    return TrainingSteps(tuple(steps), tuple(outputs))
