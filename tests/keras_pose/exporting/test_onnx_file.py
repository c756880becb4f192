"""model.onnx next to a SavedModel: the same joints of frames of any size, in ONNX Runtime, without TensorFlow."""

import json
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from keras_pose import files
from keras_pose.exporting import exporter, onnx_file, pose_module
from keras_pose.exporting.config import ExportConfig
from keras_pose.inference import saved_models
from keras_pose.runs import trained
from tests.helpers import calibrations
from tests.helpers.exported_runs import write_run

onnx = pytest.importorskip("onnx", reason="onnx is not installed (requirements/onnx.txt)")
pytest.importorskip("onnxruntime", reason="onnxruntime is not installed (requirements/onnx.txt)")
pytest.importorskip("tf2onnx", reason="tf2onnx is not installed (requirements/onnx.txt)")

SIZES = [(64, 64), (90, 120), (150, 131)]

# The lines in docs/export.md, run in a separate process. Arguments: the file, frames, and a file for the answer.
_ASK = """
import sys
import numpy as np
import onnxruntime

session = onnxruntime.InferenceSession(sys.argv[1])
names = [output.name for output in session.get_outputs()]
answer = dict(zip(names, session.run(None, {"frames": np.load(sys.argv[2])})))
np.savez(sys.argv[3], **answer)
assert not {"keras_pose", "keras", "tensorflow"} & set(sys.modules)
"""


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """(folder of the version, lines that the export showed) of a coordinate net."""
    run = write_run(tmp_path_factory.mktemp("runs") / "coordinate", model="coordinate")[2]
    shown = []
    config = ExportConfig(run_dir=run, export_dir=str(tmp_path_factory.mktemp("exports")), onnx=True)
    return exporter.export(config, shown.append), shown


@pytest.fixture(scope="module")
def flowing(tmp_path_factory):
    """(`PoseModule` of a flowing net with a calibration, content of its file)."""
    run = write_run(
        tmp_path_factory.mktemp("runs") / "flowing", model="flowing", window=1, pooling="parametric", flow="in_graph"
    )[2]
    model, settings, skeleton = trained.load_model(run)
    module = pose_module.PoseModule(model, settings, {}, calibrations.make_calibration(skeleton.joints))
    return module, onnx_file.convert(module, {"skeleton": json.dumps(skeleton.to_dict())})


def _frames(count, size_hw):
    """uint8 [count, *size_hw, 3]: bright boxes on noise."""
    generator = np.random.default_rng(5)
    frames = generator.integers(0, 60, (count, *size_hw, 3)).astype(np.uint8)
    for frame in frames:
        top, left = generator.integers(0, np.array(size_hw) // 2)
        frame[top : top + 20, left : left + 12] = generator.integers(150, 256, 3)
    return frames


@pytest.mark.parametrize("size_hw", SIZES)
@pytest.mark.parametrize("count", [1, 3])
def test_the_answers_are_those_of_the_saved_model(exported, size_hw, count):
    folder, _ = exported
    frames = _frames(count, size_hw)
    expected = saved_models.load(folder).signatures["predict_frames"](frames=tf.constant(frames))
    received = onnx_file.open_session(f"{folder}/{onnx_file.FILE}")(frames)
    assert set(received) == set(expected)
    np.testing.assert_allclose(received["keypoints"], expected["keypoints"], atol=1e-3)
    np.testing.assert_array_equal(received["scores"], expected["scores"])
    np.testing.assert_array_equal(received["valid"], expected["valid"])


@pytest.mark.parametrize("size_hw", SIZES)
@pytest.mark.parametrize("count", [1, 3])
def test_a_flowing_net_sees_each_frame_alone(flowing, size_hw, count):
    module, content = flowing
    frames = _frames(count, size_hw)
    expected = module.predict_frames(tf.constant(frames))
    received = onnx_file.open_session(content)(frames)
    assert set(received) == {"keypoints", "scores", "valid", "confidences", "expected_errors_px"}
    for name in ("keypoints", "scores", "confidences"):
        np.testing.assert_allclose(received[name], expected[name], atol=1e-3, err_msg=name)
    np.testing.assert_allclose(received["expected_errors_px"], expected["expected_errors_px"], atol=1e-2)
    np.testing.assert_array_equal(received["valid"], expected["valid"])
    assert received["valid"].any()


def test_the_file_alone_is_enough(exported, tmp_path):
    folder, _ = exported
    frames = _frames(2, (70, 100))
    np.save(tmp_path / "frames.npy", frames)
    files_for = [f"{folder}/{onnx_file.FILE}", str(tmp_path / "frames.npy"), str(tmp_path / "answer.npz")]
    command = [sys.executable, "-c", _ASK, *files_for]
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr[-2000:]
    expected = saved_models.load(folder).signatures["predict_frames"](frames=tf.constant(frames))
    answer = np.load(tmp_path / "answer.npz")
    np.testing.assert_allclose(answer["keypoints"], expected["keypoints"], atol=1e-3)


def test_the_file_describes_itself(exported):
    folder, shown = exported
    model = onnx.load(f"{folder}/{onnx_file.FILE}")
    onnx.checker.check_model(model)
    assert {entry.domain: entry.version for entry in model.opset_import}[""] == onnx_file.OPSET
    (frames,) = model.graph.input
    assert frames.name == "frames"
    axes = [axis.dim_param or axis.dim_value for axis in frames.type.tensor_type.shape.dim]
    assert axes == ["N", "H", "W", 3]
    assert [output.name for output in model.graph.output] == ["keypoints", "scores", "valid"]
    metadata = {entry.key: json.loads(entry.value) for entry in model.metadata_props}
    assert metadata["input_size_hw"] == [64, 64]
    assert metadata["skeleton"] == files.read_json(f"{folder}/assets/skeleton.json")
    assert metadata["model_card"] == files.read_json(f"{folder}/assets/model_card.json")
    assert metadata["model_card"]["onnx"] == {
        "file": "model.onnx",
        "opset": onnx_file.OPSET,
        "inputs": {"frames": "uint8 [N, H, W, 3], RGB, all frames of one size"},
        "outputs": ["keypoints", "scores", "valid"],
    }
    assert any(line.startswith("model.onnx (opset 17): ") for line in shown)


def test_a_file_of_another_net_is_refused(flowing, exported):
    module, content = flowing
    assert onnx_file.compare(module, content)[0] <= 1e-3
    weights = next(variable for variable in module.net_variables if len(variable.shape) == 4)
    before = weights.numpy()
    weights.assign(before * 1.5)
    try:
        with pytest.raises(ArithmeticError, match="--onnx: the file differs from the net in memory by"):
            onnx_file.compare(module, content)
    finally:
        weights.assign(before)


def test_nothing_is_published_if_the_file_cannot_be_written(tmp_path, monkeypatch):
    run = write_run(tmp_path / "run", model="coordinate")[2]

    def fail(module, texts):
        raise ValueError("--onnx: this net cannot be converted: no")

    monkeypatch.setattr(onnx_file, "convert", fail)
    with pytest.raises(ValueError, match="cannot be converted"):
        exporter.export(ExportConfig(run_dir=run, export_dir=str(tmp_path / "exports"), onnx=True), lambda line: None)
    assert [path for path in (tmp_path / "exports" / "pose").iterdir() if not path.name.startswith(".")] == []
