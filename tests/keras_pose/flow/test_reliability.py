import numpy as np
import pytest
import tensorflow as tf

from keras_pose.data.synthetic.signer_clip import SignerClip
from keras_pose.flow import reliability


def area_under_curve(scores, positive):
    """The chance that a positive scores above a negative, ties counted half."""
    _, places, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    n = positive.sum()
    return (ranks[positive].sum() - n * (n + 1) / 2) / (n * (len(scores) - n))


@pytest.fixture(scope="module")
def pairs():
    """(frame target, frame source, flow, flow back, visible), of signers two frames apart."""
    found = []
    for index in range(6):
        clip = SignerClip("validation", index, num_frames=6)
        frames = clip.frames.astype(np.float32)
        found.append((frames[5], frames[3], clip.flow(5, 3), clip.flow(3, 5), clip.visible_in(5, 3)))
    return [np.stack(values) for values in zip(*found)]


def both_maps(target, source, flow, back):
    return {
        "forward_backward": reliability.forward_backward(flow, back).numpy(),
        "photometric": reliability.photometric(target, source, flow).numpy(),
    }


def test_with_true_flow_it_tells_seen_from_hidden(pairs):
    target, source, flow, back, visible = pairs
    for name, trust in both_maps(target, source, flow, back).items():
        assert trust.shape == visible.shape
        assert trust.dtype == np.float32
        assert trust.min() >= 0
        assert trust.max() <= 1
        assert area_under_curve(trust.ravel(), visible.ravel()) > 0.8, name
        assert trust[visible].mean() > 0.7, name
        assert trust[~visible].mean() < 0.3, name


def test_wrong_flow_is_less_reliable(pairs):
    target, source, flow, back, _ = pairs
    right = both_maps(target, source, flow, back)
    wrong = both_maps(target, source, flow + np.float32((6, -5)), back)
    assert wrong["forward_backward"].mean() < 0.05
    assert wrong["photometric"].mean() < right["photometric"].mean() - 0.2


def test_consistent_flow_is_fully_reliable_inside_the_frame():
    forward = np.tile(np.float32((3, -2)), (12, 16, 1))
    trust = reliability.forward_backward(forward, -forward).numpy()
    expected = np.zeros((12, 16), np.float32)
    expected[2:, :13] = 1  # to the right of column 12 and above row 2 it leaves the frame
    np.testing.assert_array_equal(trust, expected)


def test_forward_backward_is_half_at_the_tolerance_of_sundaram():
    motion_px = 5.0
    # |f + b|² = 0.01·(|f|² + |b|²) + 0.5 with f = (5, 0), b = (−s, 0).
    s = max(np.roots([1 - 0.01, -2 * motion_px, motion_px**2 * (1 - 0.01) - 0.5]).real)
    forward = np.tile(np.float32((motion_px, 0)), (4, 20, 1))
    backward = np.tile(np.float32((-s, 0)), (4, 20, 1))
    np.testing.assert_allclose(reliability.forward_backward(forward, backward)[:, :15], 0.5, atol=1e-4)


def test_tolerance_scales_with_the_grid():
    rng = np.random.default_rng(0)
    forward, backward = (np.tile(rng.normal(0, 1, 2), (6, 6, 1)).astype(np.float32) for _ in range(2))
    fine = reliability.forward_backward(np.tile(forward, (4, 4, 1)) * 4, np.tile(backward, (4, 4, 1)) * 4)
    coarse = reliability.forward_backward(forward, backward, tolerance_px2=0.5 / 16)
    np.testing.assert_allclose(fine[12, 12], coarse[3, 3], rtol=1e-4)


def test_photometric_is_half_at_its_tolerance():
    target = np.full((8, 8, 3), 100, np.float32)
    flow = np.zeros((8, 8, 2), np.float32)
    trust = reliability.photometric(target, target + 7, flow, tolerance=7.0)
    np.testing.assert_allclose(trust, 0.5, atol=1e-6)
    np.testing.assert_array_equal(reliability.photometric(target, target, flow), np.ones((8, 8)))


def test_photometric_uses_the_window_inside_the_frame_only():
    target = np.zeros((9, 9, 1), np.float32)
    source = target.copy()
    source[0, 0] = 30
    trust = reliability.photometric(target, source, np.zeros((9, 9, 2), np.float32), tolerance=10.0).numpy()
    np.testing.assert_allclose(trust[0, 0], 2.0 ** -(9.0 / 9), rtol=1e-5)  # 3×3 of the 5×5 px are there
    np.testing.assert_allclose(trust[2, 2], 2.0 ** -(9.0 / 25), rtol=1e-5)
    np.testing.assert_array_equal(trust[3:, 3:], 1)


@pytest.mark.parametrize("jit_compile", [False, True])
def test_any_leading_axes_and_unknown_sizes(pairs, jit_compile):
    target, source, flow, back, _ = (np.stack(values)[None, :2, :40, :48] for values in pairs)
    images = tf.TensorSpec([None, 2, None, None, 3])
    flows = tf.TensorSpec([None, 2, None, None, 2])
    consistency = tf.function(
        reliability.forward_backward, input_signature=[flows, flows], jit_compile=jit_compile
    )(flow, back)  # fmt: skip
    likeness = tf.function(
        reliability.photometric, input_signature=[images, images, flows], jit_compile=jit_compile
    )(target, source, flow)  # fmt: skip
    expected = both_maps(target[0, 1], source[0, 1], flow[0, 1], back[0, 1])
    np.testing.assert_allclose(consistency[0, 1], expected["forward_backward"], atol=1e-4)
    np.testing.assert_allclose(likeness[0, 1], expected["photometric"], atol=1e-4)


def test_gradient_is_finite_everywhere(pairs):
    target, source, flow, back, _ = (tf.constant(values[:1, :32, :32]) for values in pairs)
    with tf.GradientTape() as tape:
        tape.watch(flow)
        trust = tf.reduce_sum(reliability.forward_backward(flow, back) + reliability.photometric(target, source, flow))
    gradient = tape.gradient(trust, flow).numpy()
    assert np.isfinite(gradient).all()
    assert np.abs(gradient).max() > 0


def test_bad_arguments_are_refused():
    flow = np.zeros((4, 5, 2), np.float32)
    frame = np.zeros((4, 5, 3), np.float32)
    with pytest.raises(ValueError, match="tolerance_px2: expected a number above 0, received 0"):
        reliability.forward_backward(flow, flow, tolerance_px2=0)
    with pytest.raises(ValueError, match="tolerance_share: expected a number of at least 0, received -1"):
        reliability.forward_backward(flow, flow, tolerance_share=-1)
    with pytest.raises(ValueError, match="tolerance: expected a number above 0, received nan"):
        reliability.photometric(frame, frame, flow, tolerance=float("nan"))
    with pytest.raises(ValueError, match=r"target, source: expected one shape, received \(4, 5, 3\), \(4, 4, 3\)"):
        reliability.photometric(frame, frame[:, :4], flow)
    with pytest.raises(ValueError, match=r"received \(4, 5, 2\) and \(4, 4, 2\)"):
        reliability.forward_backward(flow[:, :4], flow)
