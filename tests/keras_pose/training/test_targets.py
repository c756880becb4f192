"""Each output has its loss, the main one its metrics, in input px."""

import numpy as np
import pytest

from keras_pose import heatmaps
from keras_pose.models import factory
from keras_pose.runs.config import TrainConfig
from keras_pose.training import losses, targets, temporal_losses

JOINTS = np.array([[[20.0, 40.0, 1.0], [0.0, 0.0, 0.0]]], np.float32)


def config(**changes):
    return TrainConfig.from_flags(run_dir="x", input_size="64,96", **changes)


def model_of(settings):
    return factory.build_net(settings.replace(width=0.25).model, settings.window, 2)


@pytest.mark.parametrize(("fusion", "names"), [(True, {"heatmaps", "trunk_heatmaps"}), (False, {"heatmaps"})])
def test_each_heatmap_output_has_a_loss_of_its_stride_and_sigma(fusion, names):
    settings = config(fusion=fusion, sigma_px=2.0)
    made = targets.make_losses(settings.loss, model_of(settings))
    assert set(made) == names
    for loss in made.values():
        assert isinstance(loss, losses.HeatmapL2)
        assert loss.arguments == {"stride": 4.0, "sigma_px": 2.0}
        perfect = heatmaps.render_heatmaps(JOINTS, (16, 24), 4, 2.0)
        assert float(loss(JOINTS, perfect)) == 0
        assert float(loss(JOINTS, 0 * perfect)) > 0


@pytest.mark.parametrize(
    ("pooling", "expected"),
    [
        ("parametric", losses.HeatmapL2),
        ("chain", temporal_losses.HeatmapCrossEntropy),
        ("chain_readout", temporal_losses.HeatmapCrossEntropy),
        ("track", temporal_losses.HeatmapPosition),
    ],
)
def test_pooled_maps_have_the_loss_of_their_kind_of_pooling(pooling, expected):
    settings = config(model="flowing", window=1, pooling=pooling, sigma_px=2.0)
    made = targets.make_losses(settings.loss, model_of(settings))
    kinds = {name: type(loss) for name, loss in made.items()}
    others = dict.fromkeys(("frame_heatmaps", "trunk_heatmaps"), losses.HeatmapL2)
    assert kinds == {"heatmaps": expected, **others}
    assert made["heatmaps"].arguments == {"stride": 4.0, "sigma_px": 2.0}


@pytest.mark.parametrize(("name", "kind"), [("l2", losses.CoordinateL2), ("tukey", losses.TukeyBiweight)])
def test_a_coordinate_net_has_one_loss_on_the_scale_of_the_longer_side(name, kind):
    settings = config(model="coordinate", coordinate_loss=name)
    made = targets.make_losses(settings.loss, model_of(settings))
    assert set(made) == {"joints"}
    assert isinstance(made["joints"], kind)
    assert 96.0 in made["joints"].arguments.values()


def test_accuracy_counts_within_a_twentieth_of_the_longer_side():
    settings = config(model="coordinate")
    (metrics,) = targets.make_metrics(model_of(settings)).values()
    assert [m.name for m in metrics] == ["mean_error", "accuracy", "mean_error_frame_px"]
    for offset, expected in ((4.7, 1.0), (4.9, 0.0)):  # 0.05 · 96 = 4.8 px
        for metric in metrics:
            metric.reset_state()
            metric.update_state(JOINTS, JOINTS[..., :2] + np.array([0, offset], np.float32))
        assert float(metrics[0].result()) == pytest.approx(offset, abs=1e-4)
        assert float(metrics[1].result()) == expected


def test_heatmaps_are_also_watched_for_their_height():
    (item,) = targets.make_metrics(model_of(config())).items()
    assert item[0] == "heatmaps"
    assert [m.name for m in item[1]] == ["mean_error", "accuracy", "peak_height", "mean_error_frame_px"]


@pytest.mark.parametrize("kind", ["heatmap", "coordinate"])
def test_further_metrics_follow_those_that_are_always_watched(kind):
    model = model_of(config(model=kind))
    (usual,) = targets.make_metrics(model).values()
    (watched,) = targets.make_metrics(model, ("auc", "median_error")).values()
    assert [m.name for m in watched] == [*(m.name for m in usual), "auc", "median_error"]
    for metric in watched[-2:]:
        metric.update_state(JOINTS, JOINTS[..., :2] + np.array([0, 2.4], np.float32))
    assert float(watched[-2].result()) == pytest.approx(1 - 2.4 / 9.6, abs=1e-5)  # 0.1 · 96 px
    assert float(watched[-1].result()) == pytest.approx(2.4, abs=0.1)
