"""Metrics while training equal NumPy over the labelled joints, on joints and on heatmaps."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_pose.heatmaps import render_heatmaps
from keras_pose.runs import parts
from keras_pose.training import metrics
from keras_pose.training.losses import CoordinateL2, HeatmapL2
from keras_pose.training.metrics import PCK, AccuracyWithin, AreaUnderCurve, MeanError, MedianError, PeakHeight

SIDE_PX, STRIDE = 64, 4


@pytest.fixture
def batch():
    """Targets [40, 5, 3] with a fifth unlabelled, and predictions [40, 5, 2] some px away."""
    rng = np.random.default_rng(0)
    points = rng.uniform(4, 60, (40, 5, 2))
    weights = rng.choice([0.0, 0.1, 1.0], (40, 5, 1), p=[0.2, 0.4, 0.4])
    targets = (np.concatenate([points, np.ones_like(weights)], -1) * (weights > 0)).astype(np.float32)
    targets[..., 2:] = weights
    predictions = np.clip(points + rng.normal(0, 4, points.shape), 1, 62).astype(np.float32)
    return targets, predictions


def labelled_distances(targets, predictions, joints=(0, 1, 2, 3, 4)):
    distances = np.linalg.norm(predictions - targets[..., :2], axis=-1)
    return distances[:, joints][targets[:, joints, 2] > 0]


def pck_by_loop(targets, predictions, fraction, pair):
    right = []
    for labels, points in zip(targets, predictions):
        if labels[pair[0], 2] > 0 and labels[pair[1], 2] > 0:
            length = np.hypot(*(labels[pair[0], :2] - labels[pair[1], :2]))
            right += [np.hypot(*(p - t[:2])) <= fraction * length for t, p in zip(labels, points) if t[2] > 0]
    return np.mean(right)


def area_by_sum(distances, end):
    steps = (np.arange(20000) + 0.5) / 20000 * end
    return np.mean([(distances <= s).mean() for s in steps])


METRICS = {
    "accuracy": (lambda: AccuracyWithin(6), lambda t, p: (labelled_distances(t, p) <= 6).mean(), 1e-6),
    "wrists": (
        lambda: AccuracyWithin(4, joints=(1, 3), name="wrists"),
        lambda t, p: (labelled_distances(t, p, (1, 3)) <= 4).mean(),
        1e-6,
    ),
    "pck_pair": (lambda: PCK(0.2, reference=(0, 4)), lambda t, p: pck_by_loop(t, p, 0.2, (0, 4)), 1e-6),
    "pck_frame": (lambda: PCK(0.05, SIDE_PX), lambda t, p: (labelled_distances(t, p) <= 0.05 * SIDE_PX).mean(), 1e-6),
    "mean": (MeanError, lambda t, p: labelled_distances(t, p).mean(), 1e-4),
    "median": (MedianError, lambda t, p: np.median(labelled_distances(t, p)), 0.1),
    "area": (lambda: AreaUnderCurve(10), lambda t, p: area_by_sum(labelled_distances(t, p), 10), 1e-3),
}


def measure(metric, *batches):
    for batch in batches:
        metric.update_state(*batch)
    return float(metric.result())


@pytest.mark.parametrize("name", METRICS)
def test_equals_numpy_over_labelled_joints(name, batch):
    build, oracle, tolerance = METRICS[name]
    assert measure(build(), batch) == pytest.approx(oracle(*batch), abs=tolerance)


@pytest.mark.parametrize("name", METRICS)
def test_batches_add_up_to_the_whole_and_reset_forgets(name, batch):
    metric = METRICS[name][0]()
    targets, predictions = batch
    whole = measure(metric, batch)
    metric.reset_state()
    parts = [(targets[a:b], predictions[a:b]) for a, b in ((0, 7), (7, 8), (8, 40))]
    assert measure(metric, *parts) == pytest.approx(whole, rel=1e-5)


@pytest.mark.parametrize("name", METRICS)
def test_unlabelled_coordinates_change_nothing(name, batch):
    build = METRICS[name][0]
    targets = batch[0].copy()
    targets[targets[..., 2] == 0] = [np.nan, 1e9, 0]
    assert measure(build(), (targets, batch[1])) == measure(build(), batch)


@pytest.mark.parametrize("name", [*METRICS, "peak"])
def test_nothing_labelled_is_not_a_number(name):
    build = METRICS[name][0] if name in METRICS else PeakHeight
    predictions = np.zeros((2, 8, 8, 5), np.float32)
    assert np.isnan(measure(build(), (np.zeros((2, 5, 3), np.float32), predictions)))


@pytest.mark.parametrize("name", METRICS)
def test_heatmaps_are_decoded_to_input_px(name, batch):
    targets, predictions = batch
    certain = np.concatenate([predictions, np.ones_like(predictions[..., :1])], -1)
    maps = render_heatmaps(certain, (SIDE_PX // STRIDE,) * 2, STRIDE, 1.5)
    expected = measure(METRICS[name][0](), batch)
    assert measure(METRICS[name][0](), (targets, maps)) == pytest.approx(expected, abs=0.02)
    assert measure(METRICS[name][0](), (targets, tf.cast(maps, tf.float16))) == pytest.approx(expected, abs=0.05)


def test_median_beyond_the_histogram_reads_as_its_end():
    targets = np.array([[[0.0, 0.0, 1.0]]], np.float32)
    for far in (500.0, np.nan):
        far_off = targets, np.full((1, 1, 2), far, np.float32)
        assert measure(MedianError(max_distance_px=20), far_off) == 20
        assert measure(MedianError(), far_off) == 100


def test_peak_height_is_the_mean_maximum_of_labelled_joints():
    maps = np.zeros((2, 4, 4, 2), np.float32)
    maps[0, 1, 2, 0] = 0.8
    maps[1, 3, 3, 0] = 0.4
    maps[0, 0, 0, 1] = 100.0
    targets = np.zeros((2, 2, 3), np.float32)
    targets[:, 0, 2] = 1
    assert measure(PeakHeight(), (targets, maps)) == pytest.approx(0.6)


@pytest.mark.parametrize("name", METRICS)
def test_config_round_trip(name, batch):
    metric = METRICS[name][0]()
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(metric))
    assert again.name == metric.name
    assert again.get_config() == metric.get_config()
    assert measure(again, batch) == measure(metric, batch)


@pytest.mark.parametrize("kind", ["heatmaps", "joints"])
def test_fit_reports_what_the_metrics_give_on_the_predictions(kind, batch):
    targets, _ = batch
    frames = np.random.default_rng(1).uniform(0, 1, (40, 16, 16, 3)).astype(np.float32)
    inputs = keras.Input((16, 16, 3), name="frames")
    if kind == "heatmaps":
        outputs = {
            "heatmaps": keras.layers.Conv2D(5, 3, padding="same", name="heatmaps")(inputs),
            "trunk_heatmaps": keras.layers.Conv2D(5, 3, padding="same", name="trunk_heatmaps")(inputs),
        }
    else:
        flat = keras.layers.Dense(10)(keras.layers.Flatten()(inputs))
        outputs = {"joints": keras.layers.Reshape((5, 2), name="joints")(flat)}
    model = keras.Model(inputs, outputs)

    def build():
        metrics = [METRICS[name][0]() for name in METRICS]
        return metrics + [PeakHeight()] if kind == "heatmaps" else metrics

    loss = HeatmapL2() if kind == "heatmaps" else CoordinateL2(SIDE_PX)
    model.compile("sgd", loss=dict.fromkeys(outputs, loss), metrics={kind: build()}, jit_compile=False)
    dataset = tf.data.Dataset.from_tensor_slices((frames, dict.fromkeys(outputs, targets))).batch(16)
    history = model.fit(dataset, epochs=1, verbose=0, validation_data=dataset).history
    predictions = model.predict(frames, verbose=0)[kind]
    for metric in build():
        key = next(k for k in history if k.startswith("val_") and k.endswith(metric.name))
        assert history[key][-1] == pytest.approx(measure(metric, (targets, predictions)), rel=1e-3)
        assert key[len("val_") :] in history


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: AccuracyWithin(0), "distance_px: expected a number above 0, received 0"),
        (lambda: PCK(-0.1, 64), "fraction: expected a number above 0, received -0.1"),
        (lambda: PCK(0.1, (2, 2)), r"reference: expected two different joint positions .* received \(2, 2\)"),
        (lambda: PCK(0.1, 0), "reference: expected a number above 0, received 0"),
        (lambda: MedianError(max_distance_px=-1), "max_distance_px: expected a number above 0, received -1"),
    ],
)
def test_errors_say_what_was_received(build, message):
    with pytest.raises(ValueError, match=message):
        build()


def test_peaks_of_joints_are_refused():
    targets = np.ones((2, 5, 3), np.float32)
    with pytest.raises(ValueError, match=r"peak_height: expected heatmaps \[B, h, w, J\]"):
        PeakHeight().update_state(targets, np.zeros((2, 5, 2), np.float32))


def test_the_names_of_the_flag_are_what_can_be_added():
    assert set(metrics.METRICS) == set(parts.METRICS)


@pytest.mark.parametrize("name", metrics.METRICS)
def test_what_can_be_added_has_its_name_and_decodes_by_the_stride(name):
    targets = np.array([[[20.0, 30.0, 1.0], [40.0, 10.0, 1.0]]], np.float32)
    metric = metrics.METRICS[name](SIDE_PX, 8.0)
    assert metric.name == name
    perfect = measure(metric, (targets, render_heatmaps(targets, (8, 8), 8, 1.5)))
    metric.reset_state()
    far = measure(metric, (targets, targets[..., :2] + 30))
    # An error is 0 if all is right, and a fraction 1.
    expected = (0.0, 30 * 2**0.5) if name.endswith("error") else (1.0, 0.0)
    assert (perfect, far) == pytest.approx(expected, abs=0.1)


def test_added_metrics_are_fractions_of_the_side():
    targets = np.array([[[20.0, 30.0, 1.0]]], np.float32)
    predictions = targets[..., :2] + np.float32([1.2, 0])
    assert measure(metrics.METRICS["pck"](64.0, 4.0), (targets, predictions)) == 1  # 2 % of 64 px are 1.28 px
    assert measure(metrics.METRICS["pck"](32.0, 4.0), (targets, predictions)) == 0
    assert measure(metrics.METRICS["auc"](64.0, 4.0), (targets, predictions)) == pytest.approx(1 - 1.2 / 6.4, abs=1e-5)


def test_errors_in_px_of_the_frame_follow_the_scale_of_each_example():
    points = np.array([[[3.0, 4.0], [0, 0]], [[0, 6.0], [8.0, 0]]], np.float32)
    labels = np.array([[[0, 0, 1, 2.5], [9, 9, 0, 2.5]], [[0, 0, 1, 10], [0, 0, 1, 10]]], np.float32)
    metric = metrics.MeanFrameError()
    metric.update_state(labels, points)
    assert float(metric.result()) == pytest.approx((5 * 2.5 + 6 * 10 + 8 * 10) / 3)
    metric.reset_state()
    metric.update_state(labels[..., :3], points)  # frames of unknown scale
    assert np.isnan(float(metric.result()))


def test_errors_of_groups_are_those_of_their_examples(batch):
    labels, points = (np.asarray(part) for part in batch)
    groups = np.arange(len(labels)) % 4
    labels[groups == 2, :, 2] = 0  # a group without labels
    rest = np.stack([np.ones_like(groups), groups], -1)[:, None].repeat(labels.shape[1], 1)
    metric = metrics.GroupErrors(5)
    for part in (slice(0, 7), slice(7, 40)):
        metric.update_state(np.concatenate([labels, rest], -1)[part], points[part])
    found = metric.group_errors().numpy()
    expected = [labelled_distances(labels[groups == g], points[groups == g]).mean() for g in (0, 1, 3)]
    np.testing.assert_allclose(found[[0, 1, 3]], expected, rtol=1e-5)
    assert np.isnan(found[[2, 4]]).all()
    assert float(metric.result()) == pytest.approx(np.mean(expected), rel=1e-5)
    metric.reset_state()
    metric.update_state(labels, points)  # as in training
    assert np.isnan(float(metric.result()))
    again = metrics.GroupErrors.from_config(metric.get_config())
    assert again.get_config() == metric.get_config()


def test_the_scale_and_the_group_of_the_frame_change_no_other_metric(batch):
    labels, points = (np.asarray(part) for part in batch)
    with_scale = np.concatenate([labels, np.full_like(labels[..., :2], 7)], -1)
    for make in (
        metrics.MeanError,
        metrics.MedianError,
        lambda: metrics.PCK(0.2, (0, 1)),
        lambda: metrics.AccuracyWithin(3),
        lambda: metrics.AreaUnderCurve(20),
    ):
        assert measure(make(), (with_scale, points)) == measure(make(), (labels, points))
