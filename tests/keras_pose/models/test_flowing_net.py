"""The flowing net: at first the net of single frames, then what warping and pooling by hand give."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_pose.flow.warp import warp_by_flow
from keras_pose.models import factory, flowing_net
from keras_pose.models.pose_net import PoseNet
from keras_pose.pooling.names import POOLINGS
from keras_pose.runs import config
from tests.helpers import nets, tiny

FLAGS = {
    **nets.SMALL_FUSED,
    "run_dir": "unused",
    "model": "flowing",
    "pooling": "parametric",
    "window": 2,
    "input_size": "64",
}
RNG = np.random.default_rng(0)
WINDOW = {
    "frames": RNG.uniform(0, 255, (2, 5, 64, 64, 3)).astype(np.float32),
    "valid": np.array([[1, 1, 1, 1, 1], [0, 0, 1, 1, 1]], np.float32),
    "flows": RNG.normal(size=(2, 5, 16, 16, 2)).astype(np.float32) * np.float32([1, 1, 0, 1, 1])[:, None, None, None],
}


def build(**changes):
    """A flowing net whose heads predict something."""
    keras.utils.set_random_seed(0)
    model = tiny.build_net(num_joints=3, **{**FLAGS, **changes})
    for head in ("heatmaps", "trunk_heatmaps"):
        kernel = PoseNet(model).frame_net().model.get_layer(head).kernel
        kernel.assign(np.random.default_rng(1).normal(size=kernel.shape))
    return model


def frame_maps(model, t):
    """The heatmaps of frame t of each window by the net of single frames."""
    return PoseNet(model).frame_net().model(WINDOW["frames"][:, t])["heatmaps"].numpy()


@pytest.mark.parametrize("pooling", ["none", "parametric", "data_dependent"])
def test_untrained_it_is_the_net_of_single_frames(pooling):
    model = build(pooling=pooling)
    outputs = model(WINDOW)
    assert set(outputs) == {"heatmaps", "frame_heatmaps", "trunk_heatmaps"}
    expected = frame_maps(model, 2)
    np.testing.assert_allclose(outputs["heatmaps"], expected, atol=1e-4)
    np.testing.assert_allclose(outputs["frame_heatmaps"], expected, atol=1e-4)


def test_trained_weights_pool_warped_maps():
    model = build()
    weight = RNG.normal(size=(5, 3)).astype(np.float32)
    model.get_layer("heatmaps").weight.assign(weight)
    warped = [warp_by_flow(frame_maps(model, t), WINDOW["flows"][:, t]).numpy() for t in range(5)]
    for example, valid in enumerate(WINDOW["valid"]):
        kept = [warped[t][example] if valid[t] else warped[2][example] for t in range(5)]
        expected = np.einsum("thwj,tj->hwj", np.stack(kept), weight)
        np.testing.assert_allclose(model(WINDOW)["heatmaps"][example], expected, atol=1e-3)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_frames_beyond_the_ends_of_a_clip_do_not_count(pooling):
    model = build(pooling=pooling)
    model.get_layer("heatmaps").set_weights([w + 0.3 for w in model.get_layer("heatmaps").get_weights()])
    other = {**WINDOW, "frames": WINDOW["frames"].copy(), "flows": WINDOW["flows"].copy()}
    other["frames"][1, :2] = 0
    other["flows"][1, :2] = 5
    a, b = (model(window)["heatmaps"].numpy() for window in (WINDOW, other))
    np.testing.assert_allclose(a[1], b[1], atol=1e-5)


def test_all_frames_teach_the_net():
    model = build()
    model.get_layer("heatmaps").weight.assign(np.full((5, 3), 0.2))
    window = {name: tf.constant(value) for name, value in WINDOW.items()}
    with tf.GradientTape() as tape:
        tape.watch(window["frames"])
        loss = tf.reduce_sum(model(window)["heatmaps"][0] ** 2)
    gradient = tf.reduce_max(tf.abs(tape.gradient(loss, window["frames"])[0]), axis=(1, 2, 3))
    assert (gradient.numpy() > 0).all()


def test_flow_in_the_graph_brings_moving_maps_together():
    """Frames that all show one picture, moved: with flow the pooled maps are those of the middle frame."""
    model = build(flow="in_graph", pooling="sum")
    smooth = tf.image.resize(RNG.uniform(0, 255, (1, 28, 28, 3)), (112, 112), "bicubic").numpy()[0].clip(0, 255)
    moving = np.stack([smooth[20:84, 20 + 4 * t : 84 + 4 * t] for t in range(-2, 3)])[None]
    assert {t.name.split(":")[0] for t in model.inputs} == {"frames", "valid"}
    window = {"frames": moving.astype(np.float32), "valid": np.ones((1, 5), np.float32)}
    flows = model.get_layer("flow")([window["frames"], window["valid"]]).numpy()[0]
    middle = np.s_[5:11, 5:11]
    for t in range(5):
        assert np.median(np.abs(flows[t][middle] - (2 - t, 0))) < 0.15
    window["valid"][0, 0] = 0
    assert not model.get_layer("flow")([window["frames"], window["valid"]]).numpy()[0, 0].any()


def test_unknown_sizes_and_any_number_of_windows():
    model = build()
    net = factory.build_model("heatmap", num_joints=3, input_size_hw=(None, None), **nets.SMALL_FUSED)
    free = flowing_net.build_flowing_net(net, 5)
    free.set_weights(model.get_weights())
    for count in (1, 2):
        window = {name: value[:count] for name, value in WINDOW.items()}
        np.testing.assert_allclose(free(window)["heatmaps"], model(window)["heatmaps"], atol=1e-5)
    assert PoseNet(free).heatmap_stride() == PoseNet(model).heatmap_stride() == 4


def test_xla_compiles_net_and_gradient():
    model = build(pooling="data_dependent")

    def gradient():
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(model(WINDOW)["heatmaps"] ** 2)
        return tape.gradient(loss, PoseNet(model).frame_net().model.get_layer("heatmaps").kernel)

    np.testing.assert_allclose(tf.function(gradient, jit_compile=True)(), gradient(), rtol=1e-2, atol=1e-3)


def test_maps_are_float32_in_16_bits():
    keras.mixed_precision.set_global_policy("mixed_bfloat16")
    try:
        outputs = build(pooling="data_dependent")(WINDOW)
    finally:
        keras.mixed_precision.set_global_policy("float32")
    assert {output.dtype for output in outputs.values()} == {tf.float32}


def test_weights_are_kept(tmp_path):
    path = str(tmp_path / "a.weights.h5")
    model = build(pooling="data_dependent")
    model.get_layer("heatmaps").set_weights([w + 0.3 for w in model.get_layer("heatmaps").get_weights()])
    model.save_weights(path)
    other = tiny.build_net(num_joints=3, **{**FLAGS, "pooling": "data_dependent"})
    other.load_weights(path)
    np.testing.assert_array_equal(model(WINDOW)["heatmaps"], other(WINDOW)["heatmaps"])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": "flow_input", "flow": "in_graph"}, "--flow: expected flow of OpenCV"),
        ({"model": "heatmap", "pooling_steps": 100}, "--pooling_steps: expected 0 with --model=heatmap, received 100"),
        ({"net_steps": 150}, "--net_steps: expected a multiple of --validate_every=100, received 150"),
        ({"pooling_steps": 2100}, "--pooling_steps: expected at most --steps=2000, received 2100"),
        ({"net_steps": 100, "init_from": "x"}, "--net_steps, --init_from: expected at most one of them"),
        ({"window": 0}, "--window"),
        ({"pooling": "mean"}, "--pooling"),
        ({"flow": "brox"}, "--flow"),
    ],
)
def test_flags_that_do_not_fit_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        config.TrainConfig.from_flags(**{**FLAGS, **changes})


def test_backbones_do_not_take_flow_at_their_input():
    flags = config.TrainConfig.from_flags(run_dir="unused", model="flow_input", preset="resnet50")
    with pytest.raises(ValueError, match="--preset: expected .* with --model=flow_input, received resnet50"):
        factory.build_net(flags.model, flags.window, 3)
