"""A SavedModel of a flowing run: the same joints as in memory, in a process without this package, whatever is sent."""

import json
import pathlib

import cv2
import numpy as np
import pytest
import tensorflow as tf

from keras_pose import skeleton
from keras_pose.data.synthetic import signers
from keras_pose.exporting import exporter, warmup
from keras_pose.inference import loading
from keras_pose.models.pose_net import PoseNet
from keras_pose.runs import config, trained
from tests.helpers.exported_runs import ROOT, SIZE_HW, ask_elsewhere, write_run

NUM_JOINTS = skeleton.UPPER_BODY.num_joints
VIDEO = {"model": "flowing", "window": 2, "frame_stride": 2, "pooling": "data_dependent", "flow": "in_graph"}


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """{"run": its folder, "path": of the version, "signatures": loaded, "lines": what was said}."""
    folder = tmp_path_factory.mktemp("export")
    write_run(folder / "run", **VIDEO)
    lines = []
    path = exporter.export(config.ExportConfig(run_dir=str(folder / "run")), lines.append)
    loaded = tf.saved_model.load(path)
    return {"run": folder / "run", "path": path, "loaded": loaded, "signatures": loaded.signatures, "lines": lines}


@pytest.fixture(scope="module")
def clip():
    """uint8 [9, 64, 64, 3]."""
    return signers.generate("test", 5, 9, SIZE_HW).frames


def png(frame):
    return cv2.imencode(".png", frame[..., ::-1])[1].tobytes()


def jpeg(frame):
    return cv2.imencode(".jpg", frame[..., ::-1])[1].tobytes()


def ask(exported, signature, **inputs):
    answer = exported["signatures"][signature](**{name: tf.constant(value) for name, value in inputs.items()})
    return {name: value.numpy() for name, value in answer.items()}


def check_nothing(answer, rows):
    for name in ("keypoints", "scores", "valid"):
        assert not answer[name][rows].any(), name


def test_it_lies_in_the_run_and_is_whole(exported):
    path = pathlib.Path(exported["path"])
    assert path == exported["run"] / "export" / "pose" / "1"
    assert (path / "saved_model.pb").stat().st_size > 0
    assert (path / "variables" / "variables.index").is_file()
    assert skeleton.load(path / "assets" / "skeleton.json") == skeleton.UPPER_BODY
    card = json.loads((path / "assets" / "model_card.json").read_text())
    assert card["joints"] == list(skeleton.UPPER_BODY.joints)
    assert (card["name"], card["version"], card["input_size_hw"]) == ("pose", 1, [64, 64])
    assert card["signatures"] == sorted(exported["signatures"])
    assert exported["lines"][0].startswith(f"pose version 1: {path}")


def test_signatures_are_those_of_the_contract(exported):
    any_pose = {"keypoints": (tf.float32, 2), "scores": (tf.float32, 1), "valid": (tf.bool, 1)}
    expected = {
        "serving_default": ({"image_bytes": (tf.string, [None])}, any_pose),
        "predict_regions": (
            {"image_bytes": (tf.string, [None]), "regions": (tf.float32, [None, 4])},
            any_pose,
        ),
        "predict_frames": ({"frames": (tf.uint8, [None, None, None, 3])}, any_pose),
        "predict_clip": ({"frames_bytes": (tf.string, [None, None])}, any_pose),
        "heatmaps": ({"frames": (tf.uint8, [None, None, None, 3])}, {"heatmaps": tf.float32, "to_frame": tf.float32}),
        "describe": ({"topic": (tf.string, [None])}, {"text": tf.string}),
    }
    assert set(exported["signatures"]) == set(expected)
    for name, (inputs, outputs) in expected.items():
        function = exported["signatures"][name]
        received = {
            key: (spec.dtype, spec.shape.as_list()) for key, spec in function.structured_input_signature[1].items()
        }
        assert received == inputs
        for key, dtype in outputs.items():
            assert function.structured_outputs[key].dtype == (dtype[0] if isinstance(dtype, tuple) else dtype)
        assert set(function.structured_outputs) == set(outputs)


def test_it_holds_core_operations_only(exported):
    from tensorflow.core.protobuf import saved_model_pb2

    saved = saved_model_pb2.SavedModel()
    saved.ParseFromString((pathlib.Path(exported["path"]) / "saved_model.pb").read_bytes())
    graph = saved.meta_graphs[0].graph_def
    functions = graph.library.function
    ops = {node.op for node in graph.node} | {node.op for function in functions for node in function.node_def}
    assert "DecodeJpeg" in ops
    assert not [op for op in ops if ">" in op or "PyFunc" in op or "Xla" in op]


def test_another_process_answers_as_the_net_in_memory(exported, clip, tmp_path):
    net = PoseNet(trained.load_model(str(exported["run"]))[0]).frame_net().model
    large = np.stack([cv2.resize(frame, (128, 128), interpolation=cv2.INTER_NEAREST) for frame in clip])
    requests = {
        "frames": ("predict_frames", {"frames": clip}),
        "large": ("predict_frames", {"frames": large}),
        "png": ("serving_default", {"image_bytes": np.array([png(frame) for frame in clip], object)}),
        "jpeg": ("serving_default", {"image_bytes": np.array([jpeg(clip[0])], object)}),
        "maps": ("heatmaps", {"frames": clip}),
    }
    received = ask_elsewhere(exported["path"], requests, tmp_path)
    for label, (signature, inputs) in requests.items():
        expected = ask(exported, signature, **inputs)
        for name, value in expected.items():
            np.testing.assert_allclose(received[label][name], value, atol=1e-4, err_msg=f"{label} {name}")
    np.testing.assert_array_equal(received["png"]["keypoints"], received["frames"]["keypoints"])
    # Alone a frame stands for all of its window: data-dependent pooling is then scale · maps + bias.
    maps = net(clip.astype(np.float32), training=False)["heatmaps"].numpy()
    scale, bias = (np.asarray(getattr(_pooling(exported), name)) for name in ("scale", "bias"))
    np.testing.assert_allclose(received["maps"]["heatmaps"], maps * scale + bias, atol=1e-4)
    valid = received["frames"]["valid"]
    assert valid.any()
    doubled = 2 * received["frames"]["keypoints"][valid] + 0.5
    np.testing.assert_allclose(received["large"]["keypoints"][valid], doubled, atol=1e-3)


def _pooling(exported):
    return trained.load_model(str(exported["run"]))[0].get_layer("heatmaps")


@pytest.mark.parametrize("environment", [".venv", ".venv-current"])
def test_the_other_stack_answers_the_same(exported, clip, tmp_path, environment):
    python = ROOT / environment / "bin" / "python"
    if not python.exists():
        pytest.skip(f"no {environment} beside the project")
    image = np.array([jpeg(clip[0]), png(clip[1])], object)
    frames = np.array([[png(frame) for frame in clip]], object)
    requests = {
        "images": ("serving_default", {"image_bytes": image}),
        "clip": ("predict_clip", {"frames_bytes": frames}),
    }
    received = ask_elsewhere(exported["path"], requests, tmp_path, python)
    for label, (signature, inputs) in requests.items():
        expected = ask(exported, signature, **inputs)
        np.testing.assert_array_equal(received[label]["valid"], expected["valid"])
        np.testing.assert_allclose(received[label]["keypoints"], expected["keypoints"], atol=2e-3)


def test_a_bad_image_is_its_own_row(exported, clip):
    good = [png(clip[0]), jpeg(cv2.resize(clip[1], (50, 90)))]
    data = [good[0], b"no image", good[1], good[0][:200], b""]
    answer = ask(exported, "serving_default", image_bytes=data)
    check_nothing(answer, [1, 3, 4])
    assert answer["valid"][[0, 2]].any()
    alone = ask(exported, "serving_default", image_bytes=good)
    for name in alone:
        np.testing.assert_allclose(answer[name][[0, 2]], alone[name], atol=1e-4)
        assert np.isfinite(answer[name]).all()
    assert ((answer["scores"] >= 0) & (answer["scores"] <= 1)).all()


def test_a_region_is_as_good_as_the_crop_alone(exported, clip):
    frame = np.zeros((200, 300, 3), np.uint8)
    frame[100:164, 120:184] = clip[0]
    regions = np.float32([[120, 100, 64, 64], [0, 0, 0, 0], [np.nan, 0, 1, 1]])
    answer = ask(exported, "predict_regions", image_bytes=[png(frame)] * 3, regions=regions)
    crop = ask(exported, "predict_frames", frames=clip[:1])
    offset = np.where(crop["valid"][0, :, None], [120, 100], 0)
    np.testing.assert_allclose(answer["keypoints"][0], crop["keypoints"][0] + offset, atol=2e-3)
    whole = ask(exported, "serving_default", image_bytes=[png(frame)])
    np.testing.assert_allclose(answer["keypoints"][1], whole["keypoints"][0], atol=1e-4)
    check_nothing(answer, [2])


def test_heatmaps_say_where_they_lie(exported, clip):
    frames = np.stack([cv2.resize(frame, (200, 100)) for frame in clip[:2]])
    maps = ask(exported, "heatmaps", frames=frames)
    poses = ask(exported, "predict_frames", frames=frames)
    assert maps["heatmaps"].shape == (2, 16, 16, NUM_JOINTS)
    peak = maps["heatmaps"].reshape(2, -1, NUM_JOINTS).argmax(1)
    points = np.stack([peak % 16, peak // 16, np.ones_like(peak)], -1).astype(np.float32)
    points = np.einsum("bij,bkj->bki", maps["to_frame"], points)[..., :2]
    away = np.abs(points - poses["keypoints"]).max(-1)
    assert (away[poses["valid"]] <= 0.5 * 200 / 16 + 1e-3).all()
    assert poses["valid"].any()


@pytest.mark.parametrize("missing", [(), (4,), (0, 8)])
def test_clips_are_pooled_as_windows_are(exported, clip, missing):
    """As `WindowPredictor` on the frames that are there; windows end at a frame that is not."""
    frames = [b"" if t in missing else png(frame) for t, frame in enumerate(clip)]
    answer = ask(exported, "predict_clip", frames_bytes=[frames])
    check_nothing({name: value[0] for name, value in answer.items()}, list(missing))
    predictor = loading.load_predictor(str(exported["run"]))
    if missing != (4,):  # else frames two apart still reach across
        there = [t for t in range(len(clip)) if t not in missing]
        joints, scores = predictor.predict(clip[there])
        received = answer["keypoints"][0][there]
        valid = answer["valid"][0][there]
        assert valid.any()
        np.testing.assert_array_equal(valid, scores > 0)
        np.testing.assert_allclose(received[valid], joints[valid], atol=5e-3)
    else:
        alone = ask(exported, "predict_frames", frames=clip)
        # Even frames lose the neighbours beyond; odd ones never meet it.
        whole = ask(exported, "predict_clip", frames_bytes=[[png(frame) for frame in clip]])
        np.testing.assert_allclose(answer["keypoints"][0, 1::2], whole["keypoints"][0, 1::2], atol=1e-4)
        first = ask(exported, "predict_clip", frames_bytes=[[png(frame) for frame in clip[:4]]])
        np.testing.assert_allclose(answer["keypoints"][0, 2], first["keypoints"][0, 2], atol=1e-4)
        assert np.abs(alone["scores"] - whole["scores"][0]).max() > 1e-3


def test_clips_of_one_batch_do_not_meet(exported, clip):
    frames = [png(frame) for frame in clip]
    padded = [frames, frames[:3] + [b""] * 6, [b"bad"] * 9]
    answer = ask(exported, "predict_clip", frames_bytes=padded)
    assert answer["keypoints"].shape == (3, 9, NUM_JOINTS, 2)
    for row, count in ((0, 9), (1, 3)):
        alone = ask(exported, "predict_clip", frames_bytes=[frames[:count]])
        for name in alone:
            np.testing.assert_allclose(answer[name][row, :count], alone[name][0], atol=1e-3)
    check_nothing({name: value[1] for name, value in answer.items()}, slice(3, None))
    check_nothing(answer, [2])


def test_empty_batches_are_answered(exported):
    assert ask(exported, "serving_default", image_bytes=np.zeros([0], object))["valid"].shape == (0, NUM_JOINTS)
    for signature in ("predict_frames", "heatmaps"):
        answer = ask(exported, signature, frames=np.zeros([0, 40, 50, 3], np.uint8))
        assert all(len(value) == 0 for value in answer.values())
    for shape in ((0, 3), (2, 0)):
        answer = ask(exported, "predict_clip", frames_bytes=np.zeros(shape, object))
        assert answer["keypoints"].shape == (*shape, NUM_JOINTS, 2)


def test_it_describes_itself(exported):
    text = ask(exported, "describe", topic=[b"skeleton", b"?", b"model_card"])["text"]
    assert json.loads(text[0])["joints"] == list(skeleton.UPPER_BODY.joints)
    assert text[1] == b""
    assert json.loads(text[2]) == json.loads((pathlib.Path(exported["path"]) / "assets/model_card.json").read_text())


def test_warm_up_requests_are_answered(exported):
    prediction_log = pytest.importorskip("tensorflow_serving.apis.prediction_log_pb2")
    records = tf.data.TFRecordDataset(str(pathlib.Path(exported["path"]) / warmup.PATH))
    seen = set()
    for record in records:
        request = prediction_log.PredictionLog.FromString(record.numpy()).predict_log.request
        signature = request.model_spec.signature_name
        seen.add(signature)
        assert request.model_spec.name == "pose"
        answer = ask(exported, signature, **{key: tf.make_ndarray(value) for key, value in request.inputs.items()})
        assert "keypoints" not in answer or np.isfinite(answer["keypoints"]).all()
    assert seen == set(exported["signatures"])
