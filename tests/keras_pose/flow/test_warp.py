import importlib.util
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_pose.data.clip import VISIBLE
from keras_pose.data.synthetic import signers
from keras_pose.flow import warp
from keras_pose.flow.warp import KERNELS, FlowWarp, training_kernel, warp_by_flow
from keras_pose.heatmaps.decode import decode_argmax
from keras_pose.heatmaps.render import render_heatmaps

HAS_ADDONS = importlib.util.find_spec("tensorflow_addons") is not None
NEEDS_ADDONS = pytest.mark.skipif(not HAS_ADDONS, reason="TensorFlow Addons is not installed on this stack")


@pytest.fixture(params=["gather", pytest.param("resampler", marks=NEEDS_ADDONS)])
def kernel(request):
    return request.param


def draw(shape=(3, 9, 11, 4), flow_px=4.0, seed=0):
    """Maps float32 `shape` and flow float32 with 2 channels, a part of which points outside."""
    rng = np.random.default_rng(seed)
    maps = rng.normal(size=shape).astype(np.float32)
    return maps, rng.normal(0, flow_px, (*shape[:-1], 2)).astype(np.float32)


def warp_by_loops(maps, flow):
    """The oracle: float64, pixel by pixel, maps [N, h, w, C]."""
    warped = np.zeros(maps.shape)
    height, width = maps.shape[1:3]
    for n, row, column in np.ndindex(maps.shape[:3]):
        x = min(max(column + float(flow[n, row, column, 0]), 0), width - 1)
        y = min(max(row + float(flow[n, row, column, 1]), 0), height - 1)
        for i in range(height):
            for j in range(width):
                weight = max(1 - abs(y - i), 0) * max(1 - abs(x - j), 0)
                warped[n, row, column] += weight * maps[n, i, j].astype(np.float64)
    return warped


def gradients(maps, flow, kernel="gather", **options):
    """Gradients of a sum with fixed random weights to maps and flow."""
    weights = np.random.default_rng(9).normal(size=maps.shape).astype(np.float32)

    @tf.function(**options)
    def differentiate(maps, flow):
        with tf.GradientTape() as tape:
            tape.watch([maps, flow])
            loss = tf.reduce_sum(weights * warp_by_flow(maps, flow, kernel))
        return [tf.convert_to_tensor(g) for g in tape.gradient(loss, [maps, flow])]

    return [g.numpy() for g in differentiate(tf.constant(maps), tf.constant(flow))]


def test_it_equals_loops_over_pixels(kernel):
    maps, flow = draw()
    warped = warp_by_flow(maps, flow, kernel)
    assert warped.dtype == tf.float32
    np.testing.assert_allclose(warped, warp_by_loops(maps, flow), atol=2e-6)


@pytest.mark.parametrize("size_hw", [(1, 6), (6, 1), (1, 1), (2, 2)])
def test_narrow_maps_equal_loops_over_pixels(kernel, size_hw):
    maps, flow = draw((2, *size_hw, 3), 2.0)
    np.testing.assert_allclose(warp_by_flow(maps, flow, kernel), warp_by_loops(maps, flow), atol=2e-6)
    to_maps, to_flow = gradients(maps, flow, kernel)
    assert to_maps.shape == maps.shape
    for axis, length in enumerate(size_hw[::-1]):
        assert length > 1 or not to_flow[..., axis].any()


@NEEDS_ADDONS
@pytest.mark.parametrize("flow_px", [0.0, 0.3, 5.0, 1e6])
@pytest.mark.parametrize("in_graph", [False, True])
def test_gather_equals_dense_image_warp_to_the_last_bit(flow_px, in_graph):
    import tensorflow_addons as tfa

    maps, flow = draw((3, 31, 17, 7), flow_px)
    flow[0] = np.round(flow[0])
    warp = tf.function(warp_by_flow) if in_graph else warp_by_flow
    expected = tfa.image.dense_image_warp(maps, -flow[..., ::-1]).numpy()
    np.testing.assert_array_equal(warp(maps, flow).numpy().view(np.int32), expected.view(np.int32))


def test_zero_flow_is_identity(kernel):
    maps, flow = draw()
    warped = warp_by_flow(maps, 0 * flow, kernel).numpy()
    np.testing.assert_array_equal(warped[:, :-1, :-1], maps[:, :-1, :-1])
    np.testing.assert_allclose(warped, maps, atol=1e-6)  # the last row and column: all of the way to them, rounded


def test_whole_flow_shifts_and_repeats_the_border(kernel):
    maps, _ = draw((1, 6, 8, 2))
    flow = np.broadcast_to(np.float32([2, -1]), (1, 6, 8, 2))  # from two to the right and one above
    expected = np.pad(maps, ((0, 0), (1, 0), (0, 2), (0, 0)), mode="edge")[:, :6, 2:]
    np.testing.assert_allclose(warp_by_flow(maps, flow, kernel), expected, atol=1e-6)


def test_far_outside_is_the_nearest_pixel_of_the_border(kernel):
    maps, flow = draw((1, 5, 6, 2))
    flow[...] = [1e30, -1e30]
    expected = np.broadcast_to(maps[:, :1, -1:], maps.shape)
    np.testing.assert_allclose(warp_by_flow(maps, flow, kernel), expected, atol=1e-6)


def test_leading_axes_are_independent_images(kernel):
    maps, flow = draw((6, 5, 7, 3))
    expected = warp_by_flow(maps, flow, kernel).numpy()
    stacked = warp_by_flow(maps.reshape(2, 3, 5, 7, 3), flow.reshape(2, 3, 5, 7, 2), kernel)
    np.testing.assert_array_equal(stacked, expected.reshape(2, 3, 5, 7, 3))
    np.testing.assert_array_equal(warp_by_flow(maps[0], flow[0], kernel), expected[0])


def test_no_images_give_no_images(kernel):
    assert warp_by_flow(np.zeros((0, 5, 6, 2), np.float32), np.zeros((0, 5, 6, 2), np.float32), kernel).shape[0] == 0


def test_flow_that_is_not_finite_counts_as_zero(kernel):
    maps, flow = draw((1, 5, 6, 2), 1.0)
    broken = flow.copy()
    zeroed = flow.copy()
    broken[0, 1, 2] = np.nan
    broken[0, 3, 3, 1] = np.inf
    broken[0, 4, 0, 0] = -np.inf
    zeroed[~np.isfinite(broken)] = 0
    np.testing.assert_array_equal(warp_by_flow(maps, broken, kernel), warp_by_flow(maps, zeroed, kernel))
    to_maps, to_flow = gradients(maps, broken, kernel)
    assert not to_flow[~np.isfinite(broken)].any()
    np.testing.assert_array_equal(to_maps, gradients(maps, zeroed, kernel)[0])
    np.testing.assert_array_equal(to_flow[np.isfinite(broken)], gradients(maps, zeroed, kernel)[1][np.isfinite(broken)])


def test_gradients_equal_finite_differences(kernel):
    rng = np.random.default_rng(3)
    maps = rng.normal(size=(1, 4, 5, 2)).astype(np.float32)
    # Between pixels, so that a step meets no kink: there the warp is linear in each input, the difference exact.
    flow = (rng.integers(-3, 4, (1, 4, 5, 2)) + rng.uniform(0.2, 0.8, (1, 4, 5, 2))).astype(np.float32)
    by_hand, by_steps = tf.test.compute_gradient(lambda m, f: warp_by_flow(m, f, kernel), [maps, flow], delta=0.125)
    for expected, received in zip(by_steps, by_hand):
        assert np.abs(expected).max() > 0.5
        np.testing.assert_allclose(received, expected, atol=1e-5)


def test_flow_has_a_gradient_inside_the_frame_only(kernel):
    columns = np.broadcast_to(np.arange(5, dtype=np.float32)[:, None], (1, 4, 5, 1)).copy()  # the map is x
    for shift, expected in ((0, [1, 1, 1, 1, 0]), (-1.5, [0, 0, 1, 1, 1]), (2.5, [1, 1, 0, 0, 0])):
        flow = tf.constant(np.broadcast_to(np.float32([shift, 0]), (1, 4, 5, 2)))
        with tf.GradientTape() as tape:
            tape.watch(flow)
            total = tf.reduce_sum(warp_by_flow(columns, flow, kernel))
        gradient = tape.gradient(total, flow).numpy()
        np.testing.assert_allclose(gradient[..., 0], np.broadcast_to(expected, (1, 4, 5)), atol=1e-6)
        np.testing.assert_allclose(gradient[..., 1], 0, atol=1e-6)


@NEEDS_ADDONS
@pytest.mark.parametrize("flow_px", [0.0, 1.0, 8.0])
def test_kernels_agree_in_values_and_gradients(flow_px):
    maps, flow = draw((4, 12, 10, 7), flow_px)
    flow[0] = np.round(flow[0])
    np.testing.assert_allclose(warp_by_flow(maps, flow, "resampler"), warp_by_flow(maps, flow), atol=1e-6)
    for expected, received in zip(gradients(maps, flow), gradients(maps, flow, "resampler")):
        np.testing.assert_allclose(received, expected, atol=1e-5)


def test_xla_compiles_values_and_gradients():
    maps, flow = draw((2, 8, 9, 3))
    flow[0, 0, 0] = np.nan
    compiled = tf.function(warp_by_flow, jit_compile=True)
    np.testing.assert_allclose(compiled(maps, flow), warp_by_flow(maps, flow), atol=1e-6)
    for expected, received in zip(gradients(maps, flow), gradients(maps, flow, jit_compile=True)):
        np.testing.assert_allclose(received, expected, atol=1e-5)


@pytest.mark.parametrize("rank_known", [True, False])
def test_unknown_sizes_in_a_graph(kernel, rank_known):
    shapes = ([None] * 5, [None] * 5) if rank_known else (None, None)
    warp = tf.function(
        lambda m, f: warp_by_flow(m, f, kernel), input_signature=[tf.TensorSpec(s, tf.float32) for s in shapes]
    )
    for shape in ((1, 2, 5, 6, 3), (2, 1, 7, 4, 2)):
        maps, flow = draw(shape)
        np.testing.assert_array_equal(warp(maps, flow), warp_by_flow(maps, flow, kernel))


@pytest.mark.parametrize(
    ("maps", "flow"),
    [
        ((2, 5, 6, 3), (3, 5, 6, 2)),
        ((2, 5, 6, 3), (2, 5, 7, 2)),
        ((2, 5, 6, 3), (2, 5, 6, 3)),
        ((2, 5, 6, 3), (1, 2, 5, 6, 2)),
        ((5, 6), (5, 2)),
    ],
)
def test_shapes_that_do_not_fit_are_named(maps, flow):
    with pytest.raises(ValueError, match="expected .*equal leading axes") as error:
        warp_by_flow(np.zeros(maps, np.float32), np.zeros(flow, np.float32))
    assert f"received {maps} and {flow}" in str(error.value)


def test_unknown_kernel_is_named():
    for make in (lambda: FlowWarp("bicubic"), lambda: warp_by_flow(*draw(), kernel="bicubic")):
        with pytest.raises(ValueError, match="expected one of gather, resampler, received 'bicubic'"):
            make()


@pytest.fixture
def no_addons(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow_addons", None)  # import raises ImportError
    warp._load_resampler.cache_clear()
    yield
    warp._load_resampler.cache_clear()


def test_resampler_without_addons_says_what_to_do(no_addons):
    with pytest.raises(ValueError, match='needs TensorFlow Addons.*use kernel="gather"'):
        FlowWarp("resampler")


def test_training_without_addons_or_with_xla_gathers(no_addons):
    assert training_kernel(xla=False) == training_kernel(xla=True) == "gather"


@NEEDS_ADDONS
def test_training_uses_addons_but_not_with_xla():
    assert training_kernel(xla=False) == "resampler"
    assert training_kernel(xla=True) == "gather"


@NEEDS_ADDONS
def test_addons_load_on_demand_and_without_warnings():
    code = (
        "import sys; from keras_pose.flow import warp; assert 'tensorflow_addons' not in sys.modules; "
        "print(warp.training_kernel(xla=False))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "resampler"
    assert "Addons" not in result.stderr


def test_layer_takes_many_frames_of_unknown_size(kernel):
    inputs = [keras.Input((None, None, None, 7)), keras.Input((None, None, None, 2))]
    layer = FlowWarp(kernel)
    model = keras.Model(inputs, layer(inputs))
    assert tuple(model.output_shape) == (None, None, None, None, 7)
    assert layer.compute_output_shape([(2, 3, 8, 9, 7), (2, 3, 8, 9, 2)]) == (2, 3, 8, 9, 7)
    for shape in ((2, 3, 8, 9, 7), (1, 5, 6, 4, 7)):
        maps, flow = draw(shape)
        np.testing.assert_array_equal(model([maps, flow]), warp_by_flow(maps, flow, kernel))


def test_layer_names_shapes_that_do_not_fit():
    with pytest.raises(ValueError, match="equal leading axes"):
        FlowWarp()([keras.Input((8, 9, 7)), keras.Input((8, 8, 2))])


@pytest.fixture
def mixed_float16():
    keras.mixed_precision.set_global_policy("mixed_float16")
    yield
    keras.mixed_precision.set_global_policy("float32")


@pytest.mark.parametrize("symbolic", [True, False])
@pytest.mark.parametrize("options", [{}, {"dtype": "mixed_float16"}])
def test_mixed_precision_leaves_flow_and_maps_in_32_bits(mixed_float16, symbolic, options):
    maps, flow = draw((2, 8, 300, 3), 0.0)
    flow += np.float32(200.03)  # 16 bits would make it 200.0
    layer = FlowWarp(**options)
    if symbolic:
        inputs = [keras.Input((8, 300, 3), dtype="float32"), keras.Input((8, 300, 2), dtype="float32")]
        warped = keras.Model(inputs, layer(inputs))([maps, flow])
    else:
        warped = layer([maps, flow])
    assert warped.dtype == tf.float32
    np.testing.assert_array_equal(warped, warp_by_flow(maps, flow))


def test_16_bit_maps_come_out_in_32_bits(mixed_float16):
    maps, flow = draw()
    warped = FlowWarp()([tf.cast(maps, tf.float16), tf.constant(flow)])
    assert warped.dtype == tf.float32
    np.testing.assert_array_equal(warped, warp_by_flow(maps.astype(np.float16), flow))


def test_layer_round_trip(kernel):
    inputs = [keras.Input((6, 7, 3)), keras.Input((6, 7, 2))]
    model = keras.Model(inputs, FlowWarp(kernel, name="warp")(inputs))
    assert model.get_layer("warp").get_config()["kernel"] == kernel
    again = keras.Model.from_config(model.get_config())
    assert again.get_layer("warp").kernel == kernel
    maps, flow = draw((2, 6, 7, 3))
    np.testing.assert_array_equal(again([maps, flow]), model([maps, flow]))


def test_kernels_keep_their_names():
    assert KERNELS == ("gather", "resampler")


@pytest.mark.parametrize("step", [-2, 1])
def test_true_flow_brings_a_neighbours_joints_onto_the_frame(kernel, step):
    clip = signers.generate("validation", 3, 16, (128, 128))
    errors_px = []
    errors_unwarped_px = []
    moved_px = []
    for target in range(2, 14):
        source = target + step
        joints = clip.joints[target]
        found = clip.joints[source]
        inside = ((joints > 1) & (joints < 126) & (found > 1) & (found < 126)).all(-1)
        seen = inside & (clip.visibility[target] == VISIBLE) & (clip.visibility[source] == VISIBLE)
        maps = render_heatmaps(np.concatenate([found, np.ones((len(found), 1), np.float32)], -1), clip.size_hw, 1)
        # What is uncovered between the frames keeps a ghost of what covered it: backward warps cannot know.
        warped = warp_by_flow(maps, clip.flow(target, source), kernel) * clip.visible_in(target, source)[..., None]
        for peaks, errors in ((warped, errors_px), (maps, errors_unwarped_px)):
            errors.extend(np.linalg.norm(decode_argmax(peaks)[0] - joints, axis=-1)[seen])
        moved_px.extend(np.linalg.norm(found - joints, axis=-1)[seen])
    fast = np.array(moved_px) > 2.5
    assert fast.sum() >= 10
    assert max(errors_px) < 0.75  # the nearest pixel is up to 0.71 px away
    assert np.array(errors_unwarped_px)[fast].min() > 1.5
