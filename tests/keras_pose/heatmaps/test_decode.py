import numpy as np
import pytest
import tensorflow as tf

from keras_pose.heatmaps import decode_argmax, decode_subpixel, render_heatmaps

DECODERS = {"argmax": decode_argmax, "subpixel": decode_subpixel}


def gaussians(centers_px, size_hw, sigma_px=1.5):
    """Maps of centres given in heatmap px (stride 1)."""
    centers_px = np.asarray(centers_px, np.float32)
    return render_heatmaps(np.concatenate([centers_px, np.ones_like(centers_px[..., :1])], -1), size_hw, 1, sigma_px)


def random_centers(low, high, count=200, seed=0):
    return np.random.default_rng(seed).uniform(low, high, (count, 3, 2)).astype(np.float32)


@pytest.mark.parametrize("name", DECODERS)
def test_three_by_three_by_hand(name):
    heatmap = np.zeros((3, 3, 1), np.float32)
    heatmap[:, :, 0] = [[0.0, 0.1, 0.0], [0.1, 0.8, 0.1], [0.0, 0.1, 0.0]]
    points, scores = DECODERS[name](heatmap)
    np.testing.assert_allclose(points, [[1.0, 1.0]], atol=1e-5)
    np.testing.assert_allclose(scores, [0.8])


def test_argmax_equals_numpy():
    maps = np.random.default_rng(0).normal(size=(5, 7, 9, 3)).astype(np.float32)
    points, scores = decode_argmax(maps)
    for b in range(5):
        for j in range(3):
            row, column = np.unravel_index(maps[b, :, :, j].argmax(), (7, 9))
            assert tuple(points[b, j].numpy()) == (column, row)
            assert scores[b, j] == maps[b, :, :, j].max()


@pytest.mark.parametrize("sigma_px", [1.0, 1.5, 3.0])
def test_subpixel_finds_rendered_centres_up_to_half_a_pixel_outside(sigma_px):
    centers = random_centers([-0.5, -0.5], [12.5, 9.5], count=400)
    points, _ = decode_subpixel(gaussians(centers, (10, 13), sigma_px))
    assert np.abs(points - centers).max() < 0.01


@pytest.mark.parametrize("corner", [(-0.4, -0.4), (12.4, -0.4), (-0.4, 9.4), (12.4, 9.4), (6.0, -0.3), (12.45, 5.5)])
def test_subpixel_at_borders(corner):
    points, _ = decode_subpixel(gaussians([[corner]], (10, 13)))
    np.testing.assert_allclose(points[0, 0], corner, atol=0.01)


def test_three_pixels_are_enough_for_fractions():
    points, _ = decode_subpixel(gaussians([[[1.3, 0.8]]], (3, 3)))
    np.testing.assert_allclose(points[0, 0], [1.3, 0.8], atol=0.01)


def test_a_broad_slanting_maximum_is_found_along_both_axes_at_once():
    x, y = np.meshgrid(np.arange(11) - 5.3, np.arange(9) - 3.7)
    points, _ = decode_subpixel(np.float32(np.exp(-0.05 * (x * x + y * y) - 0.06 * x * y))[..., None])
    np.testing.assert_allclose(points[0], [5.3, 3.7], atol=0.01)


def test_a_ridge_is_found_across_it():
    ridge = np.broadcast_to(np.exp(-0.2 * (np.arange(11) - 5.3) ** 2), (9, 11)).astype(np.float32)
    points, _ = decode_subpixel(ridge[..., None])
    assert float(points[0, 0]) == pytest.approx(5.3, abs=0.01)


def test_subpixel_beats_argmax_on_noisy_low_maps():
    centers = random_centers(1, 30)
    noise = np.random.default_rng(1).normal(0, 0.02, (200, 32, 32, 3))
    maps = 0.6 * gaussians(centers, (32, 32)) + noise - 0.05
    errors = {name: np.abs(decode(maps)[0] - centers).mean() for name, decode in DECODERS.items()}
    assert errors["subpixel"] < 0.1 < 0.2 < errors["argmax"]


@pytest.mark.parametrize(
    "heatmap",
    [
        np.zeros((5, 5)),
        np.full((5, 5), 0.7),
        np.full((5, 5), -3.0),
        -np.eye(5),
        np.eye(5),
        np.pad([[1.0]], 2),
        np.pad([[1e-30]], 2),
        np.pad([[1e30]], 2),
        np.arange(25.0).reshape(5, 5),
        np.ones((1, 1)),
        np.arange(2.0).reshape(2, 1),
        np.eye(2),
    ],
)
@pytest.mark.parametrize("name", DECODERS)
def test_degenerate_maps_give_finite_points_on_the_map(name, heatmap):
    points, scores = DECODERS[name](heatmap[..., None].astype(np.float32))
    assert np.isfinite(points.numpy()).all()
    assert (points.numpy() >= -0.5 - 1e-6).all()
    assert (points.numpy() <= np.array(heatmap.shape[::-1]) - 0.5 + 1e-6).all()
    np.testing.assert_allclose(scores, [heatmap.max()], rtol=1e-6)


def test_flat_map_is_not_refined():
    points, _ = decode_subpixel(np.full((5, 5, 1), 0.7, np.float32))
    np.testing.assert_array_equal(points, decode_argmax(np.full((5, 5, 1), 0.7, np.float32))[0])


def test_subpixel_stays_within_half_a_pixel_of_the_maximum():
    maps = np.random.default_rng(2).normal(size=(20, 8, 8, 4)).astype(np.float32)
    assert np.abs(decode_subpixel(maps)[0] - decode_argmax(maps)[0]).max() <= 0.5


@pytest.mark.parametrize("name", DECODERS)
@pytest.mark.parametrize("dtype", [tf.float16, tf.bfloat16])
def test_sixteen_bit_maps_are_decoded_in_float32(name, dtype):
    centers = random_centers(1, 14, count=30)
    maps = gaussians(centers, (16, 16))
    points, scores = DECODERS[name](tf.cast(maps, dtype))
    assert points.dtype == scores.dtype == tf.float32
    expected = DECODERS[name](tf.cast(tf.cast(maps, dtype), tf.float32))[0]
    np.testing.assert_array_equal(points, expected)


@pytest.mark.parametrize("name", DECODERS)
def test_same_in_xla_with_leading_axes_and_unknown_shapes(name):
    maps = tf.reshape(gaussians(random_centers(0, 12, count=6), (12, 14)), (2, 3, 12, 14, 3))
    points, scores = DECODERS[name](maps)
    assert points.shape == (2, 3, 3, 2)
    assert scores.shape == (2, 3, 3)
    compiled = tf.function(DECODERS[name], jit_compile=True)(maps)
    np.testing.assert_allclose(compiled[0], points, atol=1e-4)
    np.testing.assert_allclose(compiled[1], scores, atol=1e-6)
    for shape in (None, [None] * 5, [None, 3, None, None, 3]):
        graph = tf.function(DECODERS[name], input_signature=[tf.TensorSpec(shape, tf.float32)])
        np.testing.assert_allclose(graph(maps)[0], points, atol=1e-5)
    assert graph.get_concrete_function().structured_outputs[0].shape.as_list() == [None, 3, 3, 2]
    assert DECODERS[name](maps[:0])[0].shape == (0, 3, 3, 2)
    np.testing.assert_allclose(DECODERS[name](maps[0, 0])[0], points[0, 0], atol=1e-5)


def test_too_few_axes_are_refused():
    with pytest.raises(ValueError, match=r"expected \[..., h, w, J\], received shape \(4, 4\)"):
        decode_argmax(np.zeros((4, 4)))


def test_a_graph_gives_the_same_bits_in_every_call():
    maps = np.random.default_rng(0).normal(size=(4, 8, 8, 7)).astype(np.float32)
    graph = tf.function(decode_subpixel, input_signature=[tf.TensorSpec([None, 8, 8, 7], tf.float32)])
    assert len({graph(maps)[0].numpy().tobytes() for _ in range(3000)}) == 1
