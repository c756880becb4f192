"""Poses from video as it comes: against the flowing net on whole windows, and what may come in the middle of it."""

import functools
import tracemalloc

import keras
import numpy as np
import pytest

from keras_pose.data.frame_store import resize_flow
from keras_pose.data.synthetic.signers import generate
from keras_pose.flow import estimators
from keras_pose.flow.composition_numpy import compose
from keras_pose.inference.predictor import Predictor
from keras_pose.inference.streaming import StreamingPredictor
from keras_pose.inference.window_predictor import WindowPredictor
from keras_pose.models import factory
from keras_pose.models.flowing_net import build_flowing_net
from keras_pose.models.pose_net import FRAME_NET, PoseNet
from keras_pose.runs.config import TrainConfig
from keras_pose.skeleton import Skeleton
from tests.helpers import dots, nets, tiny

SIZE_HW = (64, 64)
POSITIONS_PX = 1 / 32  # OpenCV reads maps at multiples of this


def noisy_net():
    """A small net whose head is not zero, so that its maps are not."""
    net = factory.build_model("heatmap", num_joints=7, input_size_hw=SIZE_HW, **nets.SMALL)
    rng = np.random.default_rng(2)
    for weight in net.trainable_weights:
        if not np.any(weight.numpy()):
            weight.assign(rng.normal(0, 0.3, weight.shape))
    return net


@functools.cache
def dot_net():
    """The net of single frames whose maps are the red and the green channel; quick."""
    net = dots.dot_net(SIZE_HW)
    return keras.Model(net.inputs[0], net.output, name=FRAME_NET)


@functools.cache
def flowing(net, num_neighbours=2, pooling="parametric", **options):
    """A flowing net whose pooling has random weights that sum to about 1."""
    num_frames = 2 * num_neighbours + 1
    model = build_flowing_net(net, num_frames, SIZE_HW, pooling, **options)
    rng = np.random.default_rng(3)
    for weight in model.get_layer("heatmaps").trainable_weights:
        share = 1 / num_frames if weight.shape[0] == num_frames else 0.1
        weight.assign(rng.uniform(0.5, 1.5, weight.shape) * share)
    return model


_graphs = {}  # {net for single frames: its graphs}; they take longer to make than most tests here


def stream(model, **options):
    num_joints = model.output["heatmaps"].shape[-1] if "heatmaps" in model.output else 7
    skeleton = Skeleton("some", tuple(f"joint{j}" for j in range(num_joints)))
    frame_net = PoseNet(model).frame_net().model
    options = {"flow": "dis_medium", "graphs": _graphs.get(frame_net), **options}
    predictor = StreamingPredictor(model, skeleton, SIZE_HW, **options)
    _graphs[frame_net] = predictor.graphs
    return predictor


def signer(index=0, num_frames=9, size_hw=SIZE_HW):
    return generate("train", index, num_frames, size_hw).frames


def record_maps(predictor):
    """Returns a list that all pooled maps are added to."""
    maps = []
    decode = predictor._decode

    def decode_and_record(pooled):
        maps.append(np.array(pooled))
        return decode(pooled)

    predictor._decode = decode_and_record
    return maps


def window_inputs(model, frames, stride=1, has_future=True):
    """The flowing net's inputs for the window of each frame, with flow composed as in training."""
    estimate_flow = estimators.open_estimator("dis_medium")
    num_frames = model.get_layer("heatmaps").input[0].shape[1]
    middle = num_frames // 2
    windows = []
    for current in range(len(frames)):
        places = current + stride * (np.arange(num_frames) - middle)
        valid = (places >= 0) & (places < (len(frames) if has_future else current + 1))
        flows = np.zeros((num_frames, 16, 16, 2), np.float32)
        for step in (-1, 1):
            for t in range(middle + step, middle + step * (middle + 1), step):
                if valid[t]:
                    onward = resize_flow(estimate_flow(frames[places[t - step]], frames[places[t]]), (16, 16))
                    flows[t] = onward if t == middle + step else compose(flows[t - step], onward)
        images = frames[np.clip(places, 0, len(frames) - 1)].astype(np.float32)
        windows.append({"frames": images, "valid": valid.astype(np.float32), "flows": flows})
    names = [tensor.name.split(":")[0] for tensor in model.inputs]
    return {name: np.stack([window[name] for window in windows]) for name in names}


def rounding(model, frames):
    """How far rounded positions can move pooled maps: half of 1/32 px in x and in y, times the steepest steps between
    pixels, for all maps of a window at once."""
    maps = frame_maps(PoseNet(model).frame_net().model, frames)
    steepest = sum(np.abs(np.diff(maps, axis=axis)).max() for axis in (1, 2))
    weights = getattr(model.get_layer("heatmaps"), "weight", np.ones((1, 1)))
    return POSITIONS_PX / 2 * steepest * np.abs(np.array(weights)).sum(axis=0).max() + 1e-4


def frame_maps(net, frames):
    return net(frames.astype(np.float32), training=False)["heatmaps"].numpy()


def same_poses(poses, expected):
    """Whether poses are these, counted through; TensorFlow itself rounds a sum in one way or another."""
    assert [pose.frame for pose in poses] == list(range(len(expected)))
    np.testing.assert_allclose([pose.joints for pose in poses], [pose.joints for pose in expected], atol=1e-3)
    np.testing.assert_allclose([pose.scores for pose in poses], [pose.scores for pose in expected], rtol=1e-5)


@pytest.fixture(scope="module")
def net():
    keras.utils.set_random_seed(1)
    return noisy_net()


@pytest.mark.parametrize(
    ("mode", "pooling", "num_neighbours", "stride", "num_frames"),
    [
        ("centred", "parametric", 2, 1, 9),
        ("causal", "parametric", 2, 1, 7),
        ("centred", "parametric", 2, 2, 12),
        ("causal", "parametric", 2, 2, 8),
        ("centred", "parametric", 3, 1, 4),  # no frame has all its neighbours
        ("centred", "parametric", 2, 1, 1),
        ("centred", "sum", 1, 3, 7),
        ("centred", "max", 2, 1, 6),
        ("centred", "data_dependent", 2, 2, 7),
    ],
)
def test_a_stream_gives_what_the_flowing_net_makes_of_windows(net, mode, pooling, num_neighbours, stride, num_frames):
    frames = signer(num_frames=num_frames)
    model = flowing(net, num_neighbours, pooling)
    predictor = stream(model, frame_stride=stride, mode=mode)
    assert predictor.lag_frames == (num_neighbours * stride if mode == "centred" else 0)
    maps = record_maps(predictor)
    poses = list(predictor.predict(frames))
    inputs = window_inputs(model, frames, stride, has_future=mode == "centred")
    expected = model(inputs, training=False)["heatmaps"].numpy()
    tolerance = rounding(model, frames) * (4 if pooling == "data_dependent" else 1)  # its gates follow the maps too
    np.testing.assert_allclose(np.stack(maps), expected, rtol=0, atol=tolerance)
    assert [pose.frame for pose in poses] == list(range(num_frames))
    np.testing.assert_allclose([pose.scores for pose in poses], expected.max(axis=(1, 2)), rtol=0, atol=tolerance)
    assert num_frames == 1 or np.abs(expected - frame_maps(net, frames)).max() > 0.3  # neighbours count
    # By flow that is rounded as OpenCV rounds it, nothing differs unless float32 rounds a tie the other way.
    inputs["flows"] = np.round(inputs["flows"] / POSITIONS_PX) * np.float32(POSITIONS_PX)
    difference = np.abs(np.stack(maps) - model(inputs, training=False)["heatmaps"].numpy())
    assert np.quantile(difference, 0.995) < 1e-4


@pytest.mark.parametrize("pooling", ["chain", "chain_readout", "track", "median"])
@pytest.mark.parametrize("mode", ["centred", "causal"])
def test_a_stream_pools_along_time_as_the_flowing_net_does(mode, pooling):
    frames = signer(num_frames=6)
    model = build_flowing_net(dot_net(), 5, SIZE_HW, pooling)
    predictor = stream(model, mode=mode)
    maps = record_maps(predictor)
    poses = list(predictor.predict(frames))
    inputs = window_inputs(model, frames, has_future=mode == "centred")
    inputs["flows"] = np.round(inputs["flows"] / POSITIONS_PX) * np.float32(POSITIONS_PX)
    expected = model(inputs, training=False)["heatmaps"].numpy()
    # Positions that are found in warped maps depend more than the maps on how the flow is rounded, and versions of
    # OpenCV round it in different ways.
    difference = np.abs(np.stack(maps) - expected)
    assert np.quantile(difference, 0.9) < 1e-3
    assert difference.max() < 0.03
    np.testing.assert_allclose([pose.scores for pose in poses], expected.max(axis=(1, 2)), atol=0.01)


@pytest.mark.parametrize(("flow", "shape"), [("in_graph", (64, 64, 3)), ("dis_fast", (64, 64))])
def test_flow_in_the_graph_sees_colours_as_in_training(monkeypatch, flow, shape):
    shapes = set()

    def estimate_flow(target, source):
        shapes.update([target.shape, source.shape])
        return np.zeros((64, 64, 2), np.float32)

    monkeypatch.setattr(estimators, "open_estimator", {flow: estimate_flow}.__getitem__)
    list(stream(flowing(dot_net()), flow=flow).predict(signer(num_frames=3)))
    assert shapes == {shape}


@pytest.mark.slow
def test_flow_in_the_graph_equals_the_flow_of_the_net():
    frames = signer(num_frames=3)
    model = flowing(dot_net(), 1, flow_in_graph=True)
    predictor = stream(model, flow="in_graph")
    maps = record_maps(predictor)
    list(predictor.predict(frames))
    expected = model(window_inputs(model, frames), training=False)["heatmaps"].numpy()
    np.testing.assert_allclose(np.stack(maps), expected, rtol=0, atol=rounding(model, frames))


@pytest.mark.parametrize("mode", ["centred", "causal"])
def test_positions_are_in_px_of_the_frame(mode):
    places = np.array([[30.0, 60.0], [60.0, 50.0]]) + np.arange(9)[:, None, None] * np.array([3.0, -2.0])
    frames = np.stack([dots.dots((96, 120), *place, sigma_px=11) for place in places])

    def estimate_flow(target, source):
        """Of dots that move as these do, in px of the input."""
        x = [image[..., 0].max(axis=0).argmax() for image in (target, source)]
        return np.full((*SIZE_HW, 2), (3.0, -2.0), np.float32) * 64 / 120 * np.float32(1 if x[0] < x[1] else -1)

    predictor = StreamingPredictor(
        flowing(dot_net()), dots.SKELETON, SIZE_HW, flow=estimate_flow, mode=mode, find_cuts=False
    )
    poses = list(predictor.predict(frames))
    np.testing.assert_allclose([pose.joints for pose in poses], places, atol=0.5)
    region = StreamingPredictor(
        flowing(dot_net()), dots.SKELETON, SIZE_HW, flow=estimate_flow, mode=mode, region=(0, 20, 64, 64)
    )
    assert [pose.joints[0, 0] for pose in region.predict(frames[:3])] == pytest.approx([30, 33, 36], abs=1.0)


def test_a_net_of_single_frames_gives_what_the_predictor_gives_at_once(net):
    frames = signer(num_frames=4, size_hw=(80, 60))
    joints, scores = Predictor(net, Skeleton("seven", tuple("abcdefg")), SIZE_HW).predict(frames)
    predictor = stream(net)
    assert predictor.lag_frames == 0
    for number, frame in enumerate(frames):
        (pose,) = predictor.push(frame)
        assert pose.frame == number
        np.testing.assert_allclose(pose.joints, joints[number], atol=1e-2)
        np.testing.assert_allclose(pose.scores, scores[number], rtol=1e-4)
    assert predictor.flush() == []


def test_pooling_none_waits_for_nothing(net):
    predictor = stream(flowing(net, pooling="none"))
    frame = signer(num_frames=1)[0]
    (pose,) = predictor.push(frame)
    assert predictor.lag_frames == 0
    np.testing.assert_allclose(pose.scores, frame_maps(net, frame[None]).max(axis=(0, 1, 2)), rtol=1e-4)


def test_scores_of_the_windows_that_a_net_is_scored_by_are_near():
    frames = np.stack([dots.dots(SIZE_HW, (20 + i, 40), (45, 20 + i), sigma_px=7) for i in range(8)])
    model = flowing(dot_net())
    windows = WindowPredictor(model, dots.SKELETON, SIZE_HW, (-2, -1, 0, 1, 2), estimators.open_estimator("dis_medium"))
    joints, scores = windows.predict(frames)
    poses = list(stream(model).predict(frames))
    np.testing.assert_allclose([pose.joints for pose in poses], joints, atol=0.25)
    np.testing.assert_allclose([pose.scores for pose in poses], scores, atol=0.02)


def test_a_pose_comes_when_its_last_neighbour_has_come():
    predictor = stream(flowing(dot_net()), frame_stride=2)
    counts = [len(predictor.push(frame)) for frame in signer(num_frames=9)]
    assert counts == [0] * 4 + [1] * 5
    assert [pose.frame for pose in predictor.flush()] == [5, 6, 7, 8]
    assert predictor.flush() == []


def test_a_predictor_begins_again_after_its_video_has_ended():
    predictor = stream(flowing(dot_net()))
    first = list(predictor.predict(signer(0)))
    predictor.push(signer(1)[0])  # and never ended
    same_poses(list(predictor.predict(signer(0))), first)


def test_a_thread_for_flow_changes_nothing():
    model = flowing(dot_net(), 3)
    same_poses(
        list(stream(model, parallel=True).predict(signer())), list(stream(model, parallel=False).predict(signer()))
    )


def test_no_map_crosses_a_cut():
    predictor = stream(flowing(dot_net()))
    first = signer(0, 6)
    second = signer(1, 6)
    apart = list(predictor.predict(first)) + list(predictor.predict(second))
    poses = [predictor.push(frame) for frame in [*first, *second]]
    assert [len(given) for given in poses] == [0, 0, 1, 1, 1, 1, 2, 0, 1, 1, 1, 1]
    same_poses(sum(poses, []) + predictor.flush(), apart)
    across = list(stream(flowing(dot_net()), find_cuts=False).predict([*first, *second]))
    assert np.abs(across[5].scores - apart[5].scores).max() > 1e-3


def test_a_black_frame_is_a_scene_of_its_own():
    predictor = stream(flowing(dot_net()))
    frames = signer(0, 8)
    black = np.zeros((*SIZE_HW, 3), np.uint8)
    apart = sum((list(predictor.predict(part)) for part in (frames[:4], [black], frames[4:])), [])
    poses = list(predictor.predict([*frames[:4], black, *frames[4:]]))
    same_poses(poses, apart)
    assert all(np.isfinite(pose.joints).all() for pose in poses)


@pytest.mark.parametrize("mode", ["centred", "causal"])
def test_a_frame_that_was_not_decoded_ends_the_windows_and_keeps_its_number(mode):
    predictor = stream(flowing(dot_net()), mode=mode)
    frames = list(signer(0, 9))
    apart = [list(predictor.predict(part)) for part in (frames[1:4], frames[6:])]
    poses = list(predictor.predict([None, *frames[1:4], None, None, *frames[6:], None]))
    assert [pose.frame for pose in poses] == list(range(10))
    assert [pose.frame for pose in poses if not pose.decoded] == [0, 4, 5, 9]
    assert all(np.isnan(pose.joints).all() and not pose.scores.any() for pose in poses if not pose.decoded)
    there = [pose for pose in poses if pose.decoded]
    np.testing.assert_allclose([p.joints for p in there], [p.joints for part in apart for p in part], atol=1e-3)


def test_streams_of_a_net_share_their_graphs():
    model = flowing(dot_net())
    first = stream(model)
    second = stream(model, graphs=first.graphs)
    assert second.graphs is first.graphs
    same_poses(list(second.predict(signer())), list(first.predict(signer())))


def test_a_repeated_frame_counts_as_a_neighbour_without_motion():
    frame = signer(0, 1)[0]
    expected = frame_maps(dot_net(), frame[None]).max(axis=(1, 2)).repeat(6, axis=0)
    poses = stream(flowing(dot_net(), pooling="sum")).predict([frame] * 6)
    np.testing.assert_allclose([pose.scores for pose in poses], expected, rtol=1e-4)


def test_a_frame_of_another_size_begins_a_scene():
    predictor = stream(flowing(dot_net()))
    parts = signer(0, 5), signer(0, 4, (72, 96)), signer(1, 1, (40, 40)), signer(0, 3)
    apart = sum((list(predictor.predict(part)) for part in parts), [])
    same_poses(list(predictor.predict(frame for part in parts for frame in part)), apart)


@pytest.mark.parametrize(
    ("frame", "received"),
    [
        (np.zeros((64, 64, 3), np.float32), r"float32 \(64, 64, 3\)"),
        (np.zeros((64, 64), np.uint8), r"uint8 \(64, 64\)"),
        (np.zeros((64, 64, 4), np.uint8), r"uint8 \(64, 64, 4\)"),
        (np.zeros((0, 64, 3), np.uint8), r"uint8 \(0, 64, 3\)"),
    ],
)
def test_another_array_is_refused_by_number_and_not_counted(frame, received):
    frames = signer(num_frames=5)
    predictor = stream(flowing(dot_net(), 1))
    expected = list(predictor.predict(frames))
    poses = sum((predictor.push(good) for good in frames[:3]), [])
    with pytest.raises(ValueError, match=rf"frame 3: expected uint8 \[H, W, 3\], RGB, received {received}"):
        predictor.push(frame)
    poses += sum((predictor.push(good) for good in frames[3:]), [])
    same_poses(poses + predictor.flush(), expected)


def test_all_poses_before_a_frame_that_cannot_be_read_come_first():
    def reader():
        yield from signer(num_frames=6)[:4]
        raise ValueError("video.avi: cannot read frame 4")

    predictor = stream(flowing(dot_net()))
    poses = []
    with pytest.raises(ValueError, match="cannot read frame 4"):
        poses.extend(predictor.predict(reader()))
    same_poses(poses, list(predictor.predict(signer(num_frames=6)[:4])))


def test_memory_does_not_grow_with_the_video():
    frames = signer(num_frames=8)
    predictor = stream(flowing(dot_net(), 3))
    size = predictor.buffer_bytes
    assert size == (7 + 4) * 16 * 16 * (2 + 2) * 4  # maps and flow: 7 frames towards the past, 4 towards the future
    for i in range(24):
        predictor.push(frames[i % 8])
    tracemalloc.start()
    for i in range(100):
        predictor.push(frames[i % 8])
    arrays = tracemalloc.take_snapshot().filter_traces([tracemalloc.DomainFilter(True, np.lib.tracemalloc_domain)])
    tracemalloc.stop()
    assert sum(trace.size for trace in arrays.traces) < 10 * 64 * 64  # small frames and poses, not even ten frames
    assert predictor.buffer_bytes == size


def test_a_predictor_is_made_of_what_a_run_says():
    config = TrainConfig.from_flags(
        run_dir="",
        model="flowing",
        pooling="parametric",
        window=2,
        frame_stride=3,
        input_size="64",
        flow="dis_ultrafast",
    )
    predictor = StreamingPredictor.from_config(flowing(dot_net()), config, dots.SKELETON)
    assert (predictor.lag_frames, predictor.input_size_hw) == (6, SIZE_HW)
    expected = stream(flowing(dot_net()), frame_stride=3, flow="dis_ultrafast")
    same_poses(list(predictor.predict(signer())), list(expected.predict(signer())))


def test_what_cannot_stream_is_refused(net):
    with pytest.raises(ValueError, match="mode: expected one of centred, causal, received 'future'"):
        stream(net, mode="future")
    with pytest.raises(ValueError, match="expected a flowing net or a heatmap net for single frames"):
        stream(tiny.build_net(model="flow_input", input_size="64", width=0.25, num_joints=7))
    with pytest.raises(ValueError, match="model 'coordinate_net': expected a flowing net or a heatmap net"):
        stream(factory.build_model("coordinate", "lite", 7, SIZE_HW, width=0.25))
    with pytest.raises(ValueError, match="--flow: expected one of"):
        stream(flowing(dot_net()), flow="fast")
