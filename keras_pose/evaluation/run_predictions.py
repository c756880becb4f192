"""What a run predicts on clips: the predictions that are scored, and those that its confidences are fitted to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from keras_pose import console
from keras_pose.confidence import fitting
from keras_pose.data.clip import Clip
from keras_pose.evaluation import beside_frame, chosen_clips
from keras_pose.evaluation.beside_frame import BesideFrame
from keras_pose.evaluation.predictions import ClipPredictions


def predict_clips(
    predictor: Any, clips: Sequence[Clip], report_frames: Callable[[int], None] | None = None
) -> list[ClipPredictions]:
    """Predicts all labelled frames of clips.

    Args:
      predictor: `Predictor`, `WindowPredictor`, or another object with their `predict_labelled`.
      clips: the clips; those without labels are left out.
      report_frames: function that is called with a number of frames when these have been predicted.
    """
    return [_predict_clip(predictor, clip, report_frames) for clip in clips if clip.num_labelled]


def predict_and_show(
    predictor: Any, clips: Sequence[Clip], doing: str, echo: Callable[[str], None], predict: Callable | None = None
) -> list[Any]:
    """Predicts all labelled frames of clips, and shows how far it is.

    Args:
      predictor: as for `predict_clips`.
      clips: the clips; those without labels are left out.
      doing: what it does, such as "predicting".
      echo: function that shows a line of text.
      predict: function of predictor, clip and a report of frames; by default that of `predict_clips`.
    """
    meter = console.Meter(doing, sum(clip.num_labelled for clip in clips), "frames", console.LiveLine(echo=echo))
    found = [(predict or _predict_clip)(predictor, clip, meter.advance) for clip in clips if clip.num_labelled]
    meter.close()
    return found


def predict_run(
    predictor: Any, clips: Sequence[Clip], doing: str, echo: Callable[[str], None]
) -> tuple[list[ClipPredictions], list[BesideFrame] | None]:
    """Predicts all labelled frames of clips with a run. Args as for `predict_and_show`.

    Returns:
      The predictions, and the same beside those of the frames alone; None if the run does not pool.
    """
    if not beside_frame.pools(predictor):
        return predict_and_show(predictor, clips, doing, echo), None
    both = predict_and_show(predictor, clips, doing, echo, beside_frame.predict)
    return [of.pooled for of in both], both


def predict_validation(
    run_dir: str, predictor: Any, clips: Sequence[Clip] | None, echo: Callable[[str], None]
) -> list[ClipPredictions]:
    """Predicts the validation frames of a run.

    Args:
      run_dir: folder of the run.
      predictor: that of the run.
      clips: its validation frames, if they are open already.
      echo: function that shows a line of text.

    Raises:
      CannotCalibrateError: if they cannot be read.
    """
    try:
        clips = chosen_clips.open_validation(run_dir) if clips is None else clips
    except (ValueError, OSError) as error:
        raise fitting.CannotCalibrateError(f"the validation frames cannot be read: {error}") from error
    return predict_and_show(predictor, clips, "predicting the validation frames", echo)


def _predict_clip(predictor, clip, report_frames):
    options = {} if report_frames is None else {"report_frames": report_frames}
    return ClipPredictions.of_clip(clip, *predictor.predict_labelled(clip, **options))
