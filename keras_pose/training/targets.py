"""How a model is compared with its targets: losses and metrics for each of its outputs."""

from __future__ import annotations

from collections.abc import Sequence

import keras

from keras_pose.geometry import HEATMAP_STRIDE
from keras_pose.models.pose_net import PoseNet
from keras_pose.pooling import pooling_kind
from keras_pose.pooling.temporal_pooling import TemporalPooling
from keras_pose.runs.parts import LossConfig
from keras_pose.training import losses, metrics, temporal_losses

ACCURACY_FRACTION = 0.05  # of the input's longer side
# What maps are compared with, by the name that a kind of pooling has for it.
MAP_LOSSES = {
    pooling_kind.L2: losses.HeatmapL2,
    pooling_kind.CROSS_ENTROPY: temporal_losses.HeatmapCrossEntropy,
    pooling_kind.POSITION: temporal_losses.HeatmapPosition,
}


def make_losses(config: LossConfig, model: keras.Model) -> dict[str, keras.losses.Loss]:
    """Returns {output name: loss}; every output is compared with the same joints.

    Pooled maps have the loss that the kind of pooling names, all other maps the squared error of their pixels.

    Args:
      config: what to train towards.
      model: built by `models.factory`, with an input of known size.
    """
    net = PoseNet(model)
    side_px = max(net.input_size_hw())
    if not net.predicts_heatmaps():
        loss = losses.TukeyBiweight(side_px) if config.coordinate_loss == "tukey" else losses.CoordinateL2(side_px)
        return {net.main_output(): loss}
    names = dict.fromkeys(net.output_names(), pooling_kind.L2)
    pooling = net.pooling()
    if pooling is not None:
        names[net.main_output()] = pooling.loss
    return {
        output: MAP_LOSSES[name](stride=net.heatmap_stride(), sigma_px=config.sigma_px)
        for output, name in names.items()
    }


def make_pooling_loss(config: LossConfig, layer: TemporalPooling) -> keras.losses.Loss:
    """Returns the loss of a pooling that is fitted to given maps, on the output of its layer.

    Args:
      config: what to train towards.
      layer: the pooling.
    """
    return MAP_LOSSES[layer.loss](stride=HEATMAP_STRIDE, sigma_px=config.sigma_px)


def make_metrics(
    model: keras.Model, more: Sequence[str] = (), group_errors: metrics.GroupErrors | None = None
) -> dict[str, list[keras.metrics.Metric]]:
    """Returns {output name: metrics} for the output that predictions are taken from.

    Distances are in input px, those of "mean_error_frame_px" in px of the frame.

    Args:
      model: built by `models.factory`, with an input of known size.
      more: keys of `metrics.METRICS` to add to the metrics that are always watched.
      group_errors: made by `make_group_errors`, to be watched as well; None: there are no groups.
    """
    net = PoseNet(model)
    side_px = max(net.input_size_hw())
    stride = _stride(net)
    watched: list[keras.metrics.Metric] = [
        metrics.MeanError(stride=stride, name="mean_error"),
        metrics.AccuracyWithin(ACCURACY_FRACTION * side_px, stride=stride, name="accuracy"),
    ]
    if net.predicts_heatmaps():
        watched.append(metrics.PeakHeight(name="peak_height"))
    watched.append(metrics.MeanFrameError(stride=stride, name="mean_error_frame_px"))
    watched += [metrics.METRICS[name](side_px, stride) for name in more]
    if group_errors is not None:
        watched.append(group_errors)
    return {net.main_output(): watched}


def make_group_errors(model: keras.Model, num_groups: int) -> metrics.GroupErrors:
    """Returns the metric of the errors of each group of validation frames.

    Args:
      model: built by `models.factory`.
      num_groups: number of groups.
    """
    return metrics.GroupErrors(num_groups, stride=_stride(PoseNet(model)))


def _stride(net):
    return net.heatmap_stride() if net.predicts_heatmaps() else 1
