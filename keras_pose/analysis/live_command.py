"""`predict.py` with a camera or a stream instead of videos."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras_pose
from keras_pose import console
from keras_pose.analysis.chosen_videos import Chosen
from keras_pose.analysis.config import PredictConfig
from keras_pose.analysis.live import LiveSettings, LiveSummary, run_live
from keras_pose.analysis.live_regions import LiveRegions
from keras_pose.pooling.reach import ASSUMED_RATE
from keras_pose.tracking import sources


def show_live(chosen: Chosen, config: PredictConfig, show: Callable[[str], Any] = console.show) -> LiveSummary:
    """Predicts a camera or a stream until it ends, or the user ends it.

    Args:
      chosen: model and source.
      config: the flags.
      show: function that shows a line of text.

    Raises:
      ValueError: if the model or the source cannot be opened, or a region does not overlap the frames.
      OSError: if the CSV cannot be written.
    """
    model = keras_pose.load(chosen.model_path)
    where = config.where
    regions = None
    if where.detector or where.region not in ("", sources.WHOLE):
        height, width = model.input_size_hw
        options: dict[str, Any] = dict(where.source_options)
        regions = LiveRegions(where.region, where.detector, width / height, **options)
    rate = config.frame_rate or ASSUMED_RATE
    settings = LiveSettings(look_ahead=config.look_ahead, out_dir=config.out_dir, frame_rate=rate)
    return run_live(model, chosen.live, settings, regions, show)
