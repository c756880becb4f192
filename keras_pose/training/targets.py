"""How a model is compared with its targets: losses and metrics for each of its outputs."""

from __future__ import annotations

from keras_pose.models import factory
from keras_pose.training import losses, metrics

ACCURACY_FRACTION = 0.05  # of the input's longer side


def make_losses(config, model):
    """Returns {output name: loss}; every output is compared with the same joints.

    Args:
      config: `TrainConfig`.
      model: built by `models.factory`.
    """
    side = max(config.input_size_hw)
    if config.model == "coordinate":
        loss = losses.TukeyBiweight(side) if config.coordinate_loss == "tukey" else losses.CoordinateL2(side)
        return {"joints": loss}
    stride = factory.heatmap_stride(model)
    return {name: losses.HeatmapL2(stride=stride, sigma_px=config.sigma_px) for name in model.output_names}


def make_metrics(config):
    """Returns {output name: metrics} of the output that predictions are taken from; distances in input px."""
    watched = [
        metrics.MeanError(name="mean_error"),
        metrics.AccuracyWithin(ACCURACY_FRACTION * max(config.input_size_hw), name="accuracy"),
    ]
    if config.model != "coordinate":
        watched.append(metrics.PeakHeight(name="peak_height"))
    return {main_output(config.model): watched}


def main_output(model_kind):
    """Returns the name of the output that predictions are taken from."""
    return "joints" if model_kind == "coordinate" else "heatmaps"
