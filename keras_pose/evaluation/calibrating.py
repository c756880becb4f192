"""Fits the calibration of a run to its validation frames, and keeps it in the folder of the run.

The weights were chosen by these frames, so their errors are a little smaller than those of new frames; their
number of weights is far too large for that choice to fit single frames. Other frames that the net has not seen would be
fewer to train on. The evaluation judges the result on test frames.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from keras_pose import console
from keras_pose.confidence import fitting, store
from keras_pose.confidence.calibration import Calibration
from keras_pose.evaluation import calibration_scores
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.runs import run_directory


def calibrate_run(
    run_dir: str,
    predict: Callable[[], Sequence[ClipPredictions]],
    distance: float = 0.0,
    echo: Callable[[str], None] = console.show,
) -> tuple[Calibration | None, str]:
    """Returns the calibration of a run. It is fitted and stored if there is none for its weights and this distance.

    Args:
      run_dir: folder of the run.
      predict: function that predicts the validation frames; called only if they are needed.
      distance: the distance that probabilities are about, as a fraction of the longer side; 0: that of the run.
      echo: function that shows a line of text.

    Returns:
      The calibration and "", or None and the reason.

    Raises:
      ValueError: for a damaged calibration file or a distance out of range.
    """
    run, config, skeleton = run_directory.open_run(run_dir)
    if not config.model.kind.predicts_heatmaps:
        return None, f"--model={config.model.kind.name} predicts positions without scores"
    stored, _ = store.read(run.path, run.weights, skeleton.joints)
    wanted = distance or (stored.distance if stored else config.optimisation.confidence_distance)
    if stored is not None and stored.distance == wanted:
        return stored, ""
    pairs = skeleton.flip_pairs
    digest = store.file_digest(run.weights)
    try:
        predictions = predict()
        found = calibration_scores.gather(predictions) if predictions else None
        if found is None:
            return None, "no validation frames"
        calibration = fitting.fit(skeleton.joints, found.scores, found.errors, found.sessions, wanted, pairs, digest)
    except (fitting.CannotCalibrateError, OSError) as error:
        return None, str(error)
    try:
        store.write(run.path, calibration)
    except OSError as error:
        echo(f"note: the calibration of confidences is not kept: {error}")
    return calibration, ""
