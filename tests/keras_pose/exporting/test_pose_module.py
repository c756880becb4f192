"""The functions that an export saves, called in memory: joints of images, regions, frames and clips."""

import json

import cv2
import numpy as np
import pytest
import tensorflow as tf

from keras_pose import skeleton
from keras_pose.data.synthetic import signers
from keras_pose.exporting.pose_module import PoseModule
from keras_pose.exporting.signatures import find_signatures
from keras_pose.inference import loading
from keras_pose.runs import trained
from tests.helpers.exported_runs import SIZE_HW, encode_jpeg, encode_png, write_run

NUM_JOINTS = skeleton.UPPER_BODY.num_joints
VIDEO = {"model": "flowing", "window": 2, "frame_stride": 2, "pooling": "data_dependent", "flow": "in_graph"}
TEXTS = {"skeleton": json.dumps(skeleton.UPPER_BODY.to_dict()), "model_card": json.dumps({"name": "arms"})}


def make_module(folder, **flags):
    write_run(folder, **flags)
    model, config, _ = trained.load_model(str(folder))
    return PoseModule(model, config, TEXTS)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The folder of the flowing run."""
    return tmp_path_factory.mktemp("runs") / "flowing"


@pytest.fixture(scope="module")
def module(run):
    """`PoseModule` of the flowing run."""
    return make_module(run, **VIDEO)


@pytest.fixture(scope="module")
def clip():
    """uint8 [9, 64, 64, 3]."""
    return signers.generate("test", 5, 9, SIZE_HW).frames


def ask(module, signature, **inputs):
    answer = module.signatures()[signature](**{name: tf.constant(value) for name, value in inputs.items()})
    return {name: value.numpy() for name, value in answer.items()}


def check_zero(answer, rows):
    for name in ("keypoints", "scores", "valid"):
        assert not answer[name][rows].any(), name


@pytest.mark.parametrize(
    ("flags", "names"),
    [
        ({}, ["serving_default", "predict_regions", "predict_frames", "predict_clip", "describe", "heatmaps"]),
        (
            {"model": "coordinate"},
            ["serving_default", "predict_regions", "predict_frames", "predict_clip", "describe"],
        ),
        (
            {"model": "flowing", "window": 1, "pooling": "sum", "flow": "none"},
            [
                *("serving_default", "predict_regions", "predict_frames", "predict_clip", "predict_clip_at_rate"),
                *("describe", "heatmaps"),
            ],
        ),
        (
            {"model": "flowing", "window": 1, "pooling": "sum", "flow": "none", "frame_stride": 2},
            ["serving_default", "predict_regions", "predict_frames", "predict_clip", "describe", "heatmaps"],
        ),
    ],
    ids=["heatmap", "coordinate", "window in seconds", "window in frames"],
)
def test_signatures_answer_their_examples(tmp_path, flags, names):
    module = make_module(tmp_path / "run", **flags)
    functions = module.signatures()
    assert list(functions) == names
    for entry in find_signatures(PoseModule, module.has_maps, module.in_seconds):
        example = entry.example()
        specs = functions[entry.name].input_signature
        assert {spec.name: spec.dtype for spec in specs} == {name: value.dtype for name, value in example.items()}
        for name, value in functions[entry.name](**example).items():
            assert value.shape[0] == 1, name
            assert value.dtype in (tf.bool, tf.string) or np.isfinite(value).all(), name


@pytest.mark.parametrize(
    "pooling",
    [
        "parametric",
        "chain",
        *(pytest.param(name, marks=pytest.mark.slow) for name in ("chain_readout", "track", "median")),
    ],
)
def test_pooling_without_flow(tmp_path, clip, pooling):
    module = make_module(tmp_path / "run", model="flowing", window=1, pooling=pooling, flow="none")
    joints, scores = loading.load_predictor(str(tmp_path / "run")).predict(clip)
    answer = ask(module, "predict_clip", frames_bytes=[[encode_png(frame) for frame in clip]])
    valid = answer["valid"][0]
    assert valid.any()
    np.testing.assert_array_equal(valid, scores > 0)
    # The maps of this random net are flat around their peaks, so the rounding of folded batch norms moves them. A
    # read-out flattens them more: of two places that are equally high, either may win.
    errors = np.abs(answer["keypoints"][0][valid] - joints[valid]).max(axis=-1)
    share = 0.9 if pooling == "chain_readout" else 1.0
    assert np.quantile(errors, share) <= 5e-3


@pytest.fixture(scope="module")
def timed_module(tmp_path_factory):
    """`PoseModule` of a window of 0.2 s on each side."""
    flags = {"model": "flowing", "window": 2, "pooling": "parametric", "flow": "none", "frame_rate": 15.0}
    return make_module(tmp_path_factory.mktemp("timed") / "run", **flags)


def test_each_clip_is_pooled_at_its_rate(timed_module, clip):
    images = [[encode_png(frame) for frame in frames] for frames in (clip, clip[::-1])]
    both = ask(timed_module, "predict_clip_at_rate", frames_bytes=images, frame_rate=np.float32([30, 5]))
    for row, rate in enumerate((30, 5)):
        alone = ask(timed_module, "predict_clip_at_rate", frames_bytes=images[row : row + 1], frame_rate=[float(rate)])
        np.testing.assert_allclose(both["scores"][row], alone["scores"][0], atol=1e-5)
    usual = ask(timed_module, "predict_clip", frames_bytes=images)
    assert np.abs(both["scores"] - usual["scores"]).max() > 1e-3
    for unknown in (0.0, -5.0, np.nan, np.inf):
        answer = ask(timed_module, "predict_clip_at_rate", frames_bytes=images, frame_rate=np.float32([unknown, 15]))
        np.testing.assert_allclose(answer["scores"], usual["scores"], atol=1e-5)


def test_a_rate_for_each_clip_is_asked_for(timed_module, clip):
    images = [[encode_png(frame) for frame in clip[:2]]] * 3
    with pytest.raises(tf.errors.InvalidArgumentError):
        ask(timed_module, "predict_clip_at_rate", frames_bytes=images, frame_rate=np.float32([30, 5]))


def test_a_bad_image_affects_only_its_own_row(module, clip):
    good = [encode_png(clip[0]), encode_jpeg(cv2.resize(clip[1], (50, 90)))]
    data = [good[0], b"no image", good[1], good[0][:200], b""]
    answer = ask(module, "serving_default", image_bytes=data)
    check_zero(answer, [1, 3, 4])
    assert answer["valid"][[0, 2]].any()
    alone = ask(module, "serving_default", image_bytes=good)
    for name in alone:
        np.testing.assert_allclose(answer[name][[0, 2]], alone[name], atol=1e-4)
        assert np.isfinite(answer[name]).all()
    assert ((answer["scores"] >= 0) & (answer["scores"] <= 1)).all()


def test_a_region_gives_the_joints_of_its_crop(module, clip):
    frame = np.zeros((200, 300, 3), np.uint8)
    frame[100:164, 120:184] = clip[0]
    regions = np.float32([[120, 100, 64, 64], [0, 0, 0, 0], [np.nan, 0, 1, 1]])
    answer = ask(module, "predict_regions", image_bytes=[encode_png(frame)] * 3, regions=regions)
    crop = ask(module, "predict_frames", frames=clip[:1])
    offset = np.where(crop["valid"][0, :, None], [120, 100], 0)
    np.testing.assert_allclose(answer["keypoints"][0], crop["keypoints"][0] + offset, atol=2e-3)
    whole = ask(module, "serving_default", image_bytes=[encode_png(frame)])
    np.testing.assert_allclose(answer["keypoints"][1], whole["keypoints"][0], atol=1e-4)
    check_zero(answer, [2])


def test_heatmaps_come_with_their_transform_to_the_frame(module, clip):
    frames = np.stack([cv2.resize(frame, (200, 100)) for frame in clip[:2]])
    maps = ask(module, "heatmaps", frames=frames)
    poses = ask(module, "predict_frames", frames=frames)
    assert maps["heatmaps"].shape == (2, 16, 16, NUM_JOINTS)
    peak = maps["heatmaps"].reshape(2, -1, NUM_JOINTS).argmax(1)
    points = np.stack([peak % 16, peak // 16, np.ones_like(peak)], -1).astype(np.float32)
    points = np.einsum("bij,bkj->bki", maps["to_frame"], points)[..., :2]
    away = np.abs(points - poses["keypoints"]).max(-1)
    assert (away[poses["valid"]] <= 0.5 * 200 / 16 + 1e-3).all()
    assert poses["valid"].any()


@pytest.mark.parametrize("missing", [(), (4,), (0, 8)])
def test_clips_are_pooled_as_windows_are(run, module, clip, missing):
    """As `WindowPredictor` on the frames that exist; a window ends before a missing frame."""
    frames = [b"" if t in missing else encode_png(frame) for t, frame in enumerate(clip)]
    answer = ask(module, "predict_clip", frames_bytes=[frames])
    check_zero({name: value[0] for name, value in answer.items()}, list(missing))
    predictor = loading.load_predictor(str(run))
    if missing != (4,):  # without frame 4, frames two apart are still neighbours
        there = [t for t in range(len(clip)) if t not in missing]
        joints, scores = predictor.predict(clip[there])
        received = answer["keypoints"][0][there]
        valid = answer["valid"][0][there]
        assert valid.any()
        np.testing.assert_array_equal(valid, scores > 0)
        np.testing.assert_allclose(received[valid], joints[valid], atol=5e-3)
    else:
        alone = ask(module, "predict_frames", frames=clip)
        # Even frames lose the neighbours beyond frame 4; odd frames never have it as a neighbour.
        whole = ask(module, "predict_clip", frames_bytes=[[encode_png(frame) for frame in clip]])
        np.testing.assert_allclose(answer["keypoints"][0, 1::2], whole["keypoints"][0, 1::2], atol=1e-4)
        first = ask(module, "predict_clip", frames_bytes=[[encode_png(frame) for frame in clip[:4]]])
        np.testing.assert_allclose(answer["keypoints"][0, 2], first["keypoints"][0, 2], atol=1e-4)
        assert np.abs(alone["scores"] - whole["scores"][0]).max() > 1e-3


def test_clips_of_one_batch_do_not_affect_each_other(module, clip):
    frames = [encode_png(frame) for frame in clip]
    padded = [frames, frames[:3] + [b""] * 6, [b"bad"] * 9]
    answer = ask(module, "predict_clip", frames_bytes=padded)
    assert answer["keypoints"].shape == (3, 9, NUM_JOINTS, 2)
    for row, count in ((0, 9), (1, 3)):
        alone = ask(module, "predict_clip", frames_bytes=[frames[:count]])
        for name in alone:
            np.testing.assert_allclose(answer[name][row, :count], alone[name][0], atol=1e-3)
    check_zero({name: value[1] for name, value in answer.items()}, slice(3, None))
    check_zero(answer, [2])


def test_empty_batches_give_empty_answers(module):
    assert ask(module, "serving_default", image_bytes=np.zeros([0], object))["valid"].shape == (0, NUM_JOINTS)
    for signature in ("predict_frames", "heatmaps"):
        answer = ask(module, signature, frames=np.zeros([0, 40, 50, 3], np.uint8))
        assert all(len(value) == 0 for value in answer.values())
    for shape in ((0, 3), (2, 0)):
        answer = ask(module, "predict_clip", frames_bytes=np.zeros(shape, object))
        assert answer["keypoints"].shape == (*shape, NUM_JOINTS, 2)


def test_describe_answers_by_topic(module):
    text = ask(module, "describe", topic=[b"skeleton", b"?", b"model_card"])["text"].tolist()
    assert text == [TEXTS["skeleton"].encode(), b"", TEXTS["model_card"].encode()]


def test_fitted_frames_give_joints_in_input_px(module, clip):
    answer = module.predict_fitted(tf.constant(clip))
    for name, value in ask(module, "predict_frames", frames=clip).items():
        np.testing.assert_allclose(answer[name], value, atol=1e-3)
