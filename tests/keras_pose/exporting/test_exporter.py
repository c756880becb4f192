"""Exports of runs: the joints of the net in memory, in a process without this package; or no version at all."""

import json
import os
import pathlib
import subprocess
import sys

import cv2
import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_pose import skeleton
from keras_pose.data.synthetic import signers
from keras_pose.exporting import exporter, publish, warmup
from keras_pose.exporting.config import ExportConfig
from keras_pose.exporting.pose_module import PoseModule
from keras_pose.inference import loading
from keras_pose.models.pose_net import PoseNet
from keras_pose.runs import trained
from tests.helpers import full_disk, tiny
from tests.helpers.exported_runs import ROOT, SIZE_HW, ask_elsewhere, encode_jpeg, encode_png, write_run

NUM_JOINTS = skeleton.UPPER_BODY.num_joints
VIDEO = {"model": "flowing", "window": 2, "frame_stride": 2, "pooling": "data_dependent", "flow": "in_graph"}


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """{"run": its folder, "path": of the version, "signatures": loaded, "lines": printed by the export}."""
    folder = tmp_path_factory.mktemp("export")
    write_run(folder / "run", **VIDEO)
    lines = []
    path = exporter.export(ExportConfig(run_dir=str(folder / "run")), lines.append)
    loaded = tf.saved_model.load(path)  # its signatures need it: they are lost if it is garbage-collected
    return {"run": folder / "run", "path": path, "loaded": loaded, "signatures": loaded.signatures, "lines": lines}


@pytest.fixture(scope="module")
def clip():
    """uint8 [9, 64, 64, 3]."""
    return signers.generate("test", 5, 9, SIZE_HW).frames


def export(folder, precision="float32", **flags):
    write_run(folder, **flags)
    return exporter.export(ExportConfig(run_dir=str(folder), precision=precision), lambda line: None)


def ask(exported, signature, **inputs):
    answer = exported["signatures"][signature](**{name: tf.constant(value) for name, value in inputs.items()})
    return {name: value.numpy() for name, value in answer.items()}


def test_the_version_in_the_run_is_complete(exported):
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


def test_signatures_have_the_documented_inputs_and_outputs(exported):
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


def read_nodes(exported):
    """Returns all nodes of the saved graph, those of its functions too."""
    from tensorflow.core.protobuf import saved_model_pb2

    saved = saved_model_pb2.SavedModel()
    saved.ParseFromString((pathlib.Path(exported["path"]) / "saved_model.pb").read_bytes())
    graph = saved.meta_graphs[0].graph_def
    return [*graph.node, *(node for function in graph.library.function for node in function.node_def)]


def test_the_graph_contains_core_operations_only(exported):
    ops = {node.op for node in read_nodes(exported)}
    assert "DecodeJpeg" in ops
    assert not [op for op in ops if ">" in op or "PyFunc" in op or "Xla" in op]


def test_all_signatures_share_one_net_and_one_decoder(exported):
    net = PoseNet(trained.load_model(str(exported["run"]))[0]).frame_net().model
    layers = [layer for layer in net.layers if isinstance(layer, (keras.layers.Conv2D, keras.layers.DepthwiseConv2D))]
    ops = [node.op for node in read_nodes(exported)]
    assert ops.count("Conv2D") + ops.count("DepthwiseConv2dNative") == len(layers)
    assert ops.count("ArgMax") == 1


def test_another_process_answers_as_the_net_in_memory(exported, clip, tmp_path):
    net = PoseNet(trained.load_model(str(exported["run"]))[0]).frame_net().model
    large = np.stack([cv2.resize(frame, (128, 128), interpolation=cv2.INTER_NEAREST) for frame in clip])
    region = np.float32([[8, 4, 40, 50]])
    requests = {
        "frames": ("predict_frames", {"frames": clip}),
        "large": ("predict_frames", {"frames": large}),
        "png": ("serving_default", {"image_bytes": np.array([encode_png(frame) for frame in clip], object)}),
        "jpeg": ("serving_default", {"image_bytes": np.array([encode_jpeg(clip[0])], object)}),
        "maps": ("heatmaps", {"frames": clip}),
        "region": ("predict_regions", {"image_bytes": np.array([encode_png(clip[0])], object), "regions": region}),
        "clip": ("predict_clip", {"frames_bytes": np.array([[encode_png(frame) for frame in clip]], object)}),
    }
    model, settings, _ = trained.load_model(str(exported["run"]))
    module = PoseModule(model, settings, {})
    functions = module.signatures()
    received = ask_elsewhere(exported["path"], requests, tmp_path)
    for label, (signature, inputs) in requests.items():
        expected = functions[signature](**{name: tf.constant(value) for name, value in inputs.items()})
        assert set(received[label]) == set(expected)
        for name, value in expected.items():
            np.testing.assert_allclose(received[label][name], value, atol=1e-4, err_msg=f"{label} {name}")
    np.testing.assert_array_equal(received["png"]["keypoints"], received["frames"]["keypoints"])
    # A frame without neighbours stands for its whole window: data-dependent pooling is then scale · maps + bias.
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
    if not python.exists() or python.parents[1].resolve() == pathlib.Path(sys.prefix).resolve():
        pytest.skip(f"no {environment} of another stack beside the project")
    image = np.array([encode_jpeg(clip[0]), encode_png(clip[1])], object)
    frames = np.array([[encode_png(frame) for frame in clip]], object)
    requests = {
        "images": ("serving_default", {"image_bytes": image}),
        "clip": ("predict_clip", {"frames_bytes": frames}),
    }
    received = ask_elsewhere(exported["path"], requests, tmp_path, python)
    for label, (signature, inputs) in requests.items():
        expected = ask(exported, signature, **inputs)
        np.testing.assert_array_equal(received[label]["valid"], expected["valid"])
        np.testing.assert_allclose(received[label]["keypoints"], expected["keypoints"], atol=2e-3)


def test_describe_answers_with_the_assets(exported):
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


@pytest.mark.parametrize("flags", [{}, {"model": "coordinate"}], ids=["heatmap", "coordinate"])
def test_nets_of_single_frames_answer_as_the_predictor(tmp_path, clip, flags):
    signatures = tf.saved_model.load(export(tmp_path / "run", **flags)).signatures
    assert ("heatmaps" in signatures) == (flags == {})
    joints, scores = loading.load_predictor(str(tmp_path / "run")).predict(clip)
    answer = signatures["predict_frames"](frames=tf.constant(clip))
    valid = answer["valid"].numpy()
    assert valid.any()
    np.testing.assert_allclose(answer["keypoints"].numpy()[valid], joints[valid], atol=1e-3)
    expected = np.ones_like(scores) if flags else np.clip(scores, 0, 1)
    np.testing.assert_allclose(answer["scores"], expected, atol=1e-4)
    frames_bytes = tf.constant([[encode_png(frame) for frame in clip]])
    video = signatures["predict_clip"](frames_bytes=frames_bytes)
    for name in answer:
        np.testing.assert_allclose(video[name][0], answer[name], atol=1e-3)


@pytest.mark.parametrize("precision", ["bfloat16", pytest.param("float16", marks=pytest.mark.slow)])
def test_16_bits_differ_little_from_32(tmp_path, clip, precision):
    path = export(tmp_path / "run", precision)
    assert keras.layers.Layer().compute_dtype == "float32"
    answer = tf.saved_model.load(path).signatures["heatmaps"](frames=tf.constant(clip))["heatmaps"].numpy()
    model = trained.load_model(str(tmp_path / "run"))[0]
    expected = model(clip.astype(np.float32), training=False)["heatmaps"].numpy()
    difference = np.abs(answer - expected).max() / np.abs(expected).max()
    assert 0 < difference < 0.1


def test_an_error_names_damaged_weights(tmp_path):
    write_run(tmp_path / "run")
    weights = tmp_path / "run" / "model.weights.h5"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(OSError, match="model.weights.h5: the weights cannot be read"):
        exporter.export(ExportConfig(run_dir=str(tmp_path / "run")))


def test_a_net_with_flow_at_its_input_is_refused(tmp_path):
    write_run(tmp_path / "run", model="flow_input", window=1)
    with pytest.raises(ValueError, match=r"--run_dir: expected --model=heatmap, .* of --model=flow_input"):
        exporter.export(ExportConfig(run_dir=str(tmp_path / "run")))
    assert not (tmp_path / "run" / "export").exists()


def test_an_export_that_differs_from_the_net_is_not_published(tmp_path, monkeypatch):
    write_run(tmp_path / "run")
    save = exporter.save

    def save_and_change(module, folder, assets):
        save(module, folder, assets)
        for variable in module.net_variables:
            variable.assign(variable * 0.5)

    monkeypatch.setattr(exporter, "save", save_and_change)
    with pytest.raises(ArithmeticError, match="differs from the net in memory"):
        exporter.export(ExportConfig(run_dir=str(tmp_path / "run")))
    assert os.listdir(tmp_path / "run" / "export" / "pose") == []


def test_a_killed_export_publishes_no_incomplete_version(tmp_path):
    write_run(tmp_path / "run")
    model_dir = tmp_path / "run" / "export" / "pose"
    process = tiny.start([sys.executable, str(ROOT / "export.py"), f"--run_dir={tmp_path / 'run'}"])
    try:
        for _ in range(1200):
            if process.poll() is not None or list(model_dir.glob(".writing-*/saved_model.pb")):
                break
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(timeout=0.05)
    finally:
        process.kill()
        process.communicate(timeout=20)
    assert publish.versions(model_dir) == []
    path = exporter.export(ExportConfig(run_dir=str(tmp_path / "run")), lambda line: None)
    assert os.listdir(model_dir) == ["1"]
    assert tf.saved_model.load(path).signatures


def test_the_command_reports_a_folder_that_is_not_a_run(tmp_path):
    status, output = tiny.run([sys.executable, str(ROOT / "export.py"), f"--run_dir={tmp_path}"])
    assert status == 1
    assert "export.py: " in output
    assert "expected a run of train.py" in output
    assert "Traceback" not in output


@pytest.mark.slow
def test_a_full_disk_is_one_line_and_leaves_no_version(tmp_path):
    folder = tmp_path / "run [1]"
    write_run(folder)
    with full_disk.limit_file_size(200_000), pytest.raises(OSError, match="File too large") as caught:
        exporter.export(ExportConfig(run_dir=str(folder)), lambda line: None)
    assert str(caught.value) == f"{folder / 'export' / 'pose'}: the export cannot be written: File too large"
    assert os.listdir(folder / "export" / "pose") == []
    path = exporter.export(ExportConfig(run_dir=str(folder)), lambda line: None)
    assert len(loading.load(path).skeleton.joints) == NUM_JOINTS
