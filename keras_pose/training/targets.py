"""How a model is compared with its targets: losses and metrics for each of its outputs."""

from __future__ import annotations

import keras

from keras_pose.models.pose_net import PoseNet
from keras_pose.runs.parts import LossConfig
from keras_pose.training import losses, metrics

ACCURACY_FRACTION = 0.05  # of the input's longer side


def make_losses(config: LossConfig, model: keras.Model) -> dict[str, keras.losses.Loss]:
    """Returns {output name: loss}; every output is compared with the same joints.

    Args:
      config: `LossConfig`.
      model: built by `models.factory`, with an input of known size.
    """
    net = PoseNet(model)
    side = max(net.input_size_hw())
    if not net.predicts_heatmaps():
        loss = losses.TukeyBiweight(side) if config.coordinate_loss == "tukey" else losses.CoordinateL2(side)
        return {net.main_output(): loss}
    return {
        name: losses.HeatmapL2(stride=net.heatmap_stride(), sigma_px=config.sigma_px) for name in net.output_names()
    }


def make_metrics(model: keras.Model) -> dict[str, list[keras.metrics.Metric]]:
    """Returns {output name: metrics} for the output that predictions are taken from; distances in input px."""
    net = PoseNet(model)
    watched = [
        metrics.MeanError(name="mean_error"),
        metrics.AccuracyWithin(ACCURACY_FRACTION * max(net.input_size_hw()), name="accuracy"),
    ]
    if net.predicts_heatmaps():
        watched.append(metrics.PeakHeight(name="peak_height"))
    return {net.main_output(): watched}
