"""model.tflite next to a SavedModel: the same joints, with TensorFlow Lite's own operations."""

import functools
import os
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_pose import skeleton
from keras_pose.data.synthetic import signers
from keras_pose.exporting import exporter, pose_module, publish, tflite
from keras_pose.exporting.config import ExportConfig
from keras_pose.runs import config, trained
from tests.helpers import nets
from tests.helpers.exported_runs import ROOT, SIZE_HW, write_run

NUM_JOINTS = skeleton.UPPER_BODY.num_joints
NETS = {
    "heatmap": nets.DEFAULT,
    "coordinate": {"model": "coordinate"},
    "flowing": {"model": "flowing", "window": 2, "pooling": "data_dependent", "flow": "in_graph"},
}

# The lines in docs/export.md, run in a separate process. Arguments: the file, an image, and a file for the answer.
_ASK = """
import sys
import numpy as np
import tensorflow as tf

pose = tf.lite.Interpreter(sys.argv[1]).get_signature_runner("serving_default")
answer = pose(frames=np.load(sys.argv[2]))
np.savez(sys.argv[3], **answer)
assert "keras_pose" not in sys.modules
"""


@pytest.fixture(scope="module")
def modules(tmp_path_factory):
    """{kind of net: `PoseModule`}."""
    folder = tmp_path_factory.mktemp("runs")
    made = {}
    for name, flags in NETS.items():
        write_run(folder / name, **flags)
        model, settings, _ = trained.load_model(str(folder / name))
        made[name] = pose_module.PoseModule(model, settings, {})
    return made


@pytest.fixture(scope="module")
def convert(modules):
    """Function of a kind of net and a kind of file to the file's content; converts each once."""
    return functools.lru_cache(maxsize=None)(lambda net, kind: tflite.convert(modules[net], kind))


@pytest.fixture(scope="module")
def frames():
    """uint8 [4, 64, 64, 3]."""
    return signers.generate("test", 6, 4, SIZE_HW).frames


def ask(content, frames):
    """Runs a file on frames, one at a time; returns dict of arrays."""
    pose = tflite.open_interpreter(content).get_signature_runner(tflite.SIGNATURE)
    answers = [{name: value.copy() for name, value in pose(frames=frame[None]).items()} for frame in frames]
    return {name: np.concatenate([answer[name] for answer in answers]) for name in answers[0]}


@pytest.mark.parametrize("net", NETS)
def test_float32_gives_the_answers_of_the_net_in_memory(modules, convert, frames, net):
    received = ask(convert(net, "float32"), frames)
    expected = modules[net].predict_frames(tf.constant(frames))
    assert set(received) == {"keypoints", "scores", "valid"}
    assert [received[name].dtype for name in ("keypoints", "scores", "valid")] == [np.float32, np.float32, bool]
    assert received["valid"].any()
    np.testing.assert_array_equal(received["valid"], expected["valid"])
    np.testing.assert_allclose(received["keypoints"], expected["keypoints"], atol=1e-3)
    np.testing.assert_allclose(received["scores"], expected["scores"], atol=1e-4)


@pytest.mark.parametrize("net", NETS)
@pytest.mark.parametrize("kind", ["float16", "int8"])
def test_rounded_weights_give_nearly_the_same_answers(modules, convert, frames, net, kind):
    content = convert(net, kind)
    assert tflite.compare(modules[net], content, kind) > 0
    received = ask(content, frames)
    expected = modules[net].predict_frames(tf.constant(frames))
    if net == "coordinate":
        off_px = np.abs(received["keypoints"] - expected["keypoints"]).max()
        assert 0 < off_px < tflite.tolerance(kind, 23) * SIZE_HW[0]
    else:
        highest = np.abs(modules[net].predict_heatmaps(tf.constant(frames))["heatmaps"]).max()
        off = np.abs(received["scores"] - expected["scores"]).max() / highest
        assert 0 < off < tflite.tolerance(kind, 30)


def test_rounded_weights_make_smaller_files(convert):
    sizes = [len(convert("heatmap", kind)) for kind in ("float32", "float16", "int8")]
    assert sizes[0] > 1.3 * sizes[1] > 1.3 * sizes[2]


def test_a_net_of_another_stride_is_compared_at_its_joints():
    keras.utils.set_random_seed(0)
    frames = keras.Input((*SIZE_HW, 3), name="frames")
    maps = keras.layers.Conv2D(NUM_JOINTS, 8, strides=8, activation="sigmoid", name="heatmaps")(frames)
    settings = config.TrainConfig.from_flags(run_dir="runs/x", input_size="64")
    module = pose_module.PoseModule(keras.Model(frames, {"heatmaps": maps}), settings, {})
    assert module.stride == 8
    assert tflite.compare(module, tflite.convert(module, "float32"), "float32") < 1e-4


def test_a_failed_write_keeps_the_old_file(modules, tmp_path, monkeypatch):
    (tmp_path / tflite.FILE).write_bytes(b"before")

    def fail(path, content):
        with open(path, "wb") as file:
            file.write(content[:10])
        raise OSError("disk full")

    monkeypatch.setattr(tflite.pathlib.Path, "write_bytes", fail)
    with pytest.raises(OSError, match="disk full"):
        tflite.write(modules["heatmap"], str(tmp_path), "float16")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [(tflite.FILE, b"before")]


def test_a_joint_without_a_peak_is_not_valid(modules):
    module = modules["heatmap"]
    variables = [variable.numpy() for variable in module.net_variables]
    try:
        for variable in module.net_variables:
            variable.assign(tf.zeros_like(variable))
        content = tflite.convert(module, "float32")
        assert tflite.compare(module, content, "float32") == 0
        answer = ask(content, np.full((1, *SIZE_HW, 3), 90, np.uint8))
    finally:
        for variable, value in zip(module.net_variables, variables):
            variable.assign(value)
    assert not any(value.any() for value in answer.values())


def test_tensors_have_the_names_of_the_signature(convert):
    interpreter = tflite.open_interpreter(convert("heatmap", "float16"))
    assert interpreter.get_signature_list() == {
        "serving_default": {"inputs": ["frames"], "outputs": ["keypoints", "scores", "valid"]}
    }
    (frames,) = interpreter.get_input_details()
    assert (frames["name"], frames["dtype"], frames["shape"].tolist()) == ("frames", np.uint8, [1, *SIZE_HW, 3])
    shapes = {detail["name"]: detail["shape"].tolist() for detail in interpreter.get_output_details()}
    assert shapes == {"keypoints": [1, NUM_JOINTS, 2], "scores": [1, NUM_JOINTS], "valid": [1, NUM_JOINTS]}


@pytest.mark.parametrize("net", NETS)
def test_all_operations_are_built_into_tensorflow_lite(convert, net, capfd):
    tf.lite.experimental.Analyzer.analyze(model_content=convert(net, "int8"))
    listed = capfd.readouterr().out
    assert "CONV_2D" in listed
    assert "CUSTOM" not in listed.upper()
    assert "FLEX" not in listed.upper()


def test_an_operation_that_is_not_built_in_is_an_error(modules, monkeypatch):
    module = modules["heatmap"]
    monkeypatch.setattr(module, "predict_fitted", lambda frames: {"text": tf.strings.as_string(frames)})
    with pytest.raises(ValueError, match=r"--tflite=float32: this net cannot be converted"):
        tflite.convert(module, "float32")


@pytest.mark.parametrize("net", NETS)
@pytest.mark.parametrize("kind", ["float32", "float16", "int8"])
def test_a_file_of_other_weights_is_refused(modules, convert, net, kind):
    module = modules[net]
    content = convert(net, kind)
    generator = np.random.default_rng(5)
    variables = [variable.numpy() for variable in module.net_variables]
    try:
        for variable in module.net_variables:
            noise = 1 + 0.3 * generator.normal(size=variable.shape)
            variable.assign(variable * tf.constant(noise, variable.dtype))
        with pytest.raises(ArithmeticError, match=f"--tflite={kind}: the file differs from the net in memory by"):
            tflite.compare(module, content, kind)
    finally:
        for variable, value in zip(module.net_variables, variables):
            variable.assign(value)


def test_export_writes_it_next_to_the_saved_model(tmp_path, frames):
    write_run(tmp_path / "run")
    lines = []
    path = exporter.export(ExportConfig(run_dir=str(tmp_path / "run"), tflite="float16"), lines.append)
    assert {"model.tflite", "saved_model.pb", "assets"} <= set(os.listdir(path))
    assert lines[1].startswith("model.tflite (float16): 0.")
    image = tmp_path / "image.npy"
    answer = tmp_path / "answer.npz"
    np.save(image, frames[:1])
    command = [sys.executable, "-I", "-c", _ASK, os.path.join(path, "model.tflite"), str(image), str(answer)]
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr[-3000:]
    expected = tf.saved_model.load(path).signatures["predict_frames"](frames=tf.constant(frames[:1]))
    with np.load(answer) as received:
        np.testing.assert_allclose(received["scores"], expected["scores"], atol=0.01 * np.max(expected["scores"]))


def test_the_documented_lines_are_the_tested_ones():
    text = (ROOT / "docs" / "export.md").read_text()
    lines = _ASK.strip().splitlines()[1:6]
    lines = [line.replace("sys.argv[1]", '"runs/exports/pose/1/model.tflite"') for line in lines]
    shown = "".join(f"{line}\n" for line in lines).replace("np.load(sys.argv[2])", "frames")
    assert shown in text


@pytest.mark.parametrize("fails", ["convert", "compare"])
def test_a_failure_leaves_no_version(tmp_path, monkeypatch, fails):
    write_run(tmp_path / "run")

    def fail(*arguments):
        raise ValueError("--tflite: no")

    monkeypatch.setattr(tflite, fails, fail)
    with pytest.raises(ValueError, match="--tflite: no"):
        exporter.export(ExportConfig(run_dir=str(tmp_path / "run"), tflite="int8"), lambda line: None)
    assert publish.versions(tmp_path / "run" / "export" / "pose") == []
    assert os.listdir(tmp_path / "run" / "export" / "pose") == []
