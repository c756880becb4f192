"""Optical flow in the graph: known motions, signers, gradients, graphs."""

import functools

import cv2
import numpy as np
import pytest
import tensorflow as tf

from keras_pose.data.synthetic.signer_clip import SignerClip
from keras_pose.flow.in_graph import estimate_flow


def draw_texture(size_hw, seed=0, sigma_px=2):
    """float32 [H, W, 3] of 0 to 255."""
    noise = np.random.default_rng(seed).standard_normal((*size_hw, 3)).astype(np.float32)
    texture = cv2.GaussianBlur(noise, (0, 0), sigma_px)
    return (texture - texture.min()) / np.ptp(texture) * 255


def sample_at(image, flow):
    """float32 [H, W, 3]: image(p + flow(p))."""
    y, x = np.mgrid[: flow.shape[0], : flow.shape[1]].astype(np.float32)
    return cv2.remap(image, x + flow[..., 0], y + flow[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def affine_flow(matrix, shift_xy, size_hw):
    """float32 [H, W, 2]: flow of an affine motion about the centre."""
    y, x = np.mgrid[: size_hw[0], : size_hw[1]].astype(np.float32)
    points = np.stack([x - size_hw[1] / 2, y - size_hw[0] / 2], -1)
    return (points @ (np.float32(matrix) - np.eye(2, dtype=np.float32)).T + np.float32(shift_xy)).astype(np.float32)


def estimate_one(target, source, **options):
    return estimate_flow(target[None], source[None], **options)[0].numpy()


@pytest.mark.parametrize("shift_xy", [(0.4, -0.3), (3, 2), (-5.5, 1), (2, -6)])
def test_a_translation_is_found_with_its_sign(shift_xy):
    wide = draw_texture((176, 176))
    target = wide[24:152, 24:152]
    # source(p) = target(p - shift), so that target(p) = source(p + shift)
    source = sample_at(wide, np.full((176, 176, 2), -np.float32(shift_xy)))[24:152, 24:152]
    flow = estimate_one(target, source)
    assert flow.shape == (128, 128, 2)
    assert np.median(np.linalg.norm(flow - np.float32(shift_xy), axis=-1)) < 0.2


@pytest.mark.parametrize("matrix", [((1.03, 0), (0, 0.97)), ((0.999, -0.04), (0.04, 0.999))])
@pytest.mark.parametrize("finest_level", [0, 1])
def test_affine_motion_is_found(matrix, finest_level):
    truth = affine_flow(matrix, (1.5, -1), (128, 128))
    source = draw_texture((128, 128), seed=1)
    flow = estimate_one(sample_at(source, truth), source, finest_level=finest_level)
    assert np.median(np.linalg.norm(flow - truth, axis=-1)) < 0.2


@pytest.mark.parametrize("channels", [1, 3])
def test_frames_of_any_size_and_of_one_channel(channels):
    source = draw_texture((75, 101), seed=2)[..., :channels]
    truth = np.full((75, 101, 2), np.float32((2, -1)))
    target = sample_at(source, truth).reshape(75, 101, channels)
    flow = estimate_one(target, source)
    assert flow.shape == (75, 101, 2)
    assert np.median(np.linalg.norm(flow - truth, axis=-1)) < 0.2


def signer_pairs():
    """(targets, sources, true flow, where it counts) of frames that follow each other, at 128 px."""
    pairs = []
    for index in range(4):
        clip = SignerClip("validation", index, num_frames=6)
        for target, source in ((1, 2), (4, 3)):
            seen = clip.body_mask(target) & clip.visible_in(target, source)
            pairs.append((clip.frames[target], clip.frames[source], clip.flow(target, source), seen))
    return [np.stack(part) for part in zip(*pairs)]


def test_signers_are_followed_as_well_as_by_dis():
    targets, sources, truth, seen = signer_pairs()
    dis = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_FAST)

    def by_dis(target, source):
        return dis.calc(*(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in (target, source)), None)

    flows = {
        "in_graph": estimate_flow(targets, sources).numpy(),
        "dis": np.stack([by_dis(*pair) for pair in zip(targets, sources)]),
        "none": np.zeros_like(truth),
    }
    errors = {name: np.linalg.norm(flow - truth, axis=-1) for name, flow in flows.items()}
    assert errors["in_graph"][seen].mean() <= 1.2 * errors["dis"][seen].mean()
    moving = seen & (np.linalg.norm(truth, axis=-1) > 1)
    assert errors["in_graph"][moving].mean() <= errors["dis"][moving].mean()
    assert errors["in_graph"][moving].mean() <= 0.7 * errors["none"][moving].mean()


def test_black_flat_and_identical_frames_have_no_flow():
    black = np.zeros((2, 64, 64, 3), np.float32)
    flat = np.full((2, 64, 64, 3), 90, np.float32)
    texture = np.stack([draw_texture((64, 64), seed) for seed in range(2)])
    for target, source in ((black, black), (flat, flat), (texture, texture), (black, flat)):
        assert np.abs(estimate_flow(target, source)).max() < 1e-3
    for target, source in ((black, texture), (texture, black), (texture, flat)):
        flow = estimate_flow(target, source).numpy()
        assert np.isfinite(flow).all()
        assert np.abs(flow).max() < 64


def test_motion_fades_out_over_a_flat_background():
    source = np.full((96, 96, 3), 90, np.float32)
    source[24:72, 50:90] = draw_texture((48, 40), seed=3)
    target = np.full((96, 96, 3), 90, np.float32)
    target[24:72, 53:93] = source[24:72, 50:90]  # moved to the right by 3 px
    flow = estimate_one(target, source)
    assert np.median(np.linalg.norm(flow[30:66, 58:88] - np.float32((-3, 0)), axis=-1)) < 0.2
    assert np.abs(flow[:, :25]).mean() < 0.5 * 3


@pytest.mark.parametrize("flat", [False, True])
def test_gradients_reach_the_frames(flat):
    source = draw_texture((64, 64), seed=4)
    target = sample_at(source, np.full((64, 64, 2), np.float32((1.3, -0.7))))
    frames = [tf.constant(frame[None] * (0.0 if flat else 1.0)) for frame in (target, source)]
    with tf.GradientTape() as tape:
        tape.watch(frames)
        loss = tf.reduce_mean(tf.square(estimate_flow(*frames) - 1.0))
    for gradient in tape.gradient(loss, frames):
        assert np.isfinite(gradient).all()
        assert flat or np.abs(gradient).max() > 1e-6


def test_gradient_leads_the_source_to_the_flow_wanted():
    # Along its gradient the source changes so that the mean flow grows as predicted.
    source = draw_texture((48, 48), seed=5)
    target = tf.constant(sample_at(source, np.full((48, 48, 2), np.float32((0.8, 0.3))))[None])

    def mean_dx(frames):
        return tf.reduce_mean(estimate_flow(target, frames)[..., 0])

    source = tf.constant(source[None])
    with tf.GradientTape() as tape:
        tape.watch(source)
        value = mean_dx(source)
    gradient = tape.gradient(value, source)
    step = 0.5 * gradient / tf.reduce_max(tf.abs(gradient))
    predicted = tf.reduce_sum(gradient * step).numpy()
    change = (mean_dx(source + step) - mean_dx(source - step)).numpy() / 2
    assert change == pytest.approx(predicted, rel=0.25)


def signer_batch(batch):
    clip = SignerClip("validation", 9, num_frames=batch + 1)
    frames = clip.frames.astype(np.float32)
    return tf.constant(frames[1:]), tf.constant(frames[:-1])


def test_xla_gives_the_same():
    target, source = signer_batch(2)
    few = functools.partial(estimate_flow, levels=3)  # compiles in less time
    compiled = tf.function(few, jit_compile=True, autograph=False)
    np.testing.assert_allclose(compiled(target, source), few(target, source), atol=2e-2)


@pytest.mark.parametrize("shape", [(None, 128, 128, 3), (None, None, None, 3)])
def test_unknown_sizes(shape):
    spec = tf.TensorSpec(shape, tf.float32)
    graph = tf.function(estimate_flow, input_signature=[spec, spec], autograph=False)
    assert graph.get_concrete_function().output_shapes.as_list() == [*shape[:3], 2]
    for batch in (1, 3):
        target, source = signer_batch(batch)
        np.testing.assert_allclose(graph(target, source), estimate_flow(target, source), atol=1e-2)


def test_pairs_of_a_batch_do_not_touch_each_other():
    target, source = signer_batch(3)
    together = estimate_flow(target, source)
    np.testing.assert_allclose(estimate_flow(target[1:2], source[1:2])[0], together[1], atol=1e-2)


def test_a_graph_holds_the_operations_of_a_level_once():
    frame = tf.TensorSpec([None, None, None, 3], tf.float32)

    def count(levels):
        estimate = tf.function(functools.partial(estimate_flow, levels=levels), input_signature=[frame, frame])
        graph = estimate.get_concrete_function().graph.as_graph_def()
        bodies = [node.op for function in graph.library.function for node in function.node_def]
        calls = [node.op for node in graph.node]
        return bodies.count("StatelessWhile"), calls.count("PartitionedCall")

    assert count(levels=3) == (2, 2)  # of warps and of iterations; from level 2 to 1
    assert count(levels=5) == (2, 4)


def test_only_core_operations():
    spec = tf.TensorSpec((None, 128, 128, 3), tf.float32)
    graph = tf.function(estimate_flow, autograph=False).get_concrete_function(spec, spec).graph.as_graph_def()
    functions = [graph.node, *(function.node_def for function in graph.library.function)]  # the bodies of loops
    operations = {node.op for nodes in functions for node in nodes}
    assert "GatherV2" in operations
    assert not [name for name in operations if "PyFunc" in name or "Addons" in name or "Resampler" in name]


def test_bytes_are_taken_as_they_are():
    target, source = (tf.cast(frames, tf.uint8) for frames in signer_batch(1))
    as_floats = estimate_flow(tf.cast(target, tf.float32), tf.cast(source, tf.float32))
    np.testing.assert_array_equal(estimate_flow(target, source), as_floats)


@pytest.mark.parametrize("shape", [(64, 64, 3), (1, 64, 64, 4), (1, 64, 64, 2)])
def test_frames_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match=r"target: expected frames \[B, H, W, 3\] or \[B, H, W, 1\], received"):
        estimate_flow(tf.zeros(shape), tf.zeros(shape))


def test_two_shapes_are_refused():
    with pytest.raises(
        ValueError, match=r"expected frames of one shape, received \(1, 64, 64, 3\) and \(1, 64, 32, 3\)"
    ):
        estimate_flow(tf.zeros((1, 64, 64, 3)), tf.zeros((1, 64, 32, 3)))


@pytest.mark.parametrize("finest_level", [-1, 5])
def test_an_invalid_finest_level_is_refused(finest_level):
    with pytest.raises(ValueError, match=f"finest_level: expected 0 to levels - 1 = 4, received {finest_level}"):
        estimate_flow(tf.zeros((1, 64, 64, 3)), tf.zeros((1, 64, 64, 3)), finest_level=finest_level)
