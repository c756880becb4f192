"""model.onnx next to a SavedModel: the same joints of frames of any size, in ONNX Runtime, without TensorFlow."""

import json
import pathlib
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from keras_pose import files
from keras_pose.exporting import exporter, onnx_file, pose_module
from keras_pose.exporting.config import ExportConfig
from keras_pose.runs import trained
from tests.helpers import calibrations, nets
from tests.helpers.exported_runs import write_run

onnx = pytest.importorskip("onnx", reason="onnx is not installed (requirements/onnx.txt)")
pytest.importorskip("onnxruntime", reason="onnxruntime is not installed (requirements/onnx.txt)")
pytest.importorskip("tf2onnx", reason="tf2onnx is not installed (requirements/onnx.txt)")

# Averaging is exact at these sizes: elsewhere a grey level may be rounded to the other side.
SIZES = [(64, 64), (100, 90), (256, 192)]

OUTPUTS = ["confidences", "expected_errors_px", "keypoints", "scores", "valid"]

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
    """(folder of the version, lines that the export showed, `PoseModule`) of a net with a calibration."""
    run = write_run(tmp_path_factory.mktemp("runs") / "run", **nets.DEFAULT)[2]
    calibration = calibrations.write_calibration(run)
    shown = []
    config = ExportConfig(run_dir=run, export_dir=str(tmp_path_factory.mktemp("exports")), onnx=True)
    folder = exporter.export(config, shown.append)
    model, settings, _ = trained.load_model(run)
    return folder, shown, pose_module.PoseModule(model, settings, {}, calibration)


def _frames(count, size_hw):
    """uint8 [count, *size_hw, 3]: bright boxes on noise."""
    generator = np.random.default_rng(5)
    frames = generator.integers(0, 60, (count, *size_hw, 3)).astype(np.uint8)
    for frame in frames:
        top, left = generator.integers(0, np.array(size_hw) // 2)
        frame[top : top + 20, left : left + 12] = generator.integers(150, 256, 3)
    return frames


def _check_answers(module, received, frames):
    expected = {name: value.numpy() for name, value in module.predict_frames(tf.constant(frames)).items()}
    assert set(received) == set(expected)
    np.testing.assert_array_equal(received["valid"], expected["valid"])
    assert expected["valid"].any()
    single = onnx_file.find_single_peaks(module, frames, expected["valid"])
    assert single.mean() > 0.5
    for name, atol in {"keypoints": 1e-3, "scores": 1e-5, "confidences": 1e-4, "expected_errors_px": 1e-2}.items():
        if name in expected:
            np.testing.assert_allclose(received[name][single], expected[name][single], atol=atol, err_msg=name)


@pytest.mark.parametrize("size_hw", SIZES)
@pytest.mark.parametrize("count", [1, 3])
def test_the_answers_are_those_of_the_net(exported, size_hw, count):
    folder, _, module = exported
    frames = _frames(count, size_hw)
    received = onnx_file.open_session(f"{folder}/{onnx_file.FILE}")(frames)
    assert set(received) == {"keypoints", "scores", "valid", "confidences", "expected_errors_px"}
    _check_answers(module, received, frames)


@pytest.mark.slow
@pytest.mark.parametrize(
    "flags",
    [{"model": "coordinate"}, {"model": "flowing", "window": 1, "pooling": "data_dependent", "flow": "in_graph"}],
    ids=["coordinate", "flowing"],
)
def test_other_kinds_of_nets_can_be_converted(tmp_path, flags):
    model, settings, _ = trained.load_model(write_run(tmp_path / "run", **nets.DEFAULT, **flags)[2])
    module = pose_module.PoseModule(model, settings, {})
    session = onnx_file.open_session(onnx_file.convert(module, {}))
    for size_hw in SIZES:
        _check_answers(module, session(_frames(2, size_hw)), _frames(2, size_hw))


def test_the_file_alone_is_enough(exported, tmp_path):
    folder, _, module = exported
    frames = _frames(2, (100, 90))
    np.save(tmp_path / "frames.npy", frames)
    files_for = [f"{folder}/{onnx_file.FILE}", str(tmp_path / "frames.npy"), str(tmp_path / "answer.npz")]
    command = [sys.executable, "-c", _ASK, *files_for]
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr[-2000:]
    _check_answers(module, dict(np.load(tmp_path / "answer.npz")), frames)


def test_the_file_describes_itself(exported):
    folder, shown, _ = exported
    model = onnx.load(f"{folder}/{onnx_file.FILE}")
    onnx.checker.check_model(model)
    assert {entry.domain: entry.version for entry in model.opset_import}[""] == onnx_file.OPSET
    (frames,) = model.graph.input
    assert frames.name == "frames"
    axes = [axis.dim_param or axis.dim_value for axis in frames.type.tensor_type.shape.dim]
    assert axes == ["N", "H", "W", 3]
    assert [output.name for output in model.graph.output] == OUTPUTS
    metadata = {entry.key: json.loads(entry.value) for entry in model.metadata_props}
    assert metadata["input_size_hw"] == [64, 64]
    assert metadata["skeleton"] == files.read_json(f"{folder}/assets/skeleton.json")
    assert metadata["model_card"] == files.read_json(f"{folder}/assets/model_card.json")
    assert metadata["model_card"]["onnx"] == {
        "file": "model.onnx",
        "opset": onnx_file.OPSET,
        "inputs": {"frames": "uint8 [N, H, W, 3], RGB, all frames of one size"},
        "outputs": OUTPUTS,
    }
    assert any(line.startswith("model.onnx (opset 17): ") for line in shown)


def test_a_file_of_another_net_is_refused(exported):
    folder, _, module = exported
    content = pathlib.Path(folder, onnx_file.FILE).read_bytes()
    assert onnx_file.compare(module, content)[0] <= 1e-3
    weights = next(variable for variable in module.net_variables if len(variable.shape) == 4)
    before = weights.numpy()
    weights.assign(before * 1.5)
    try:
        with pytest.raises(ArithmeticError, match="--onnx: the file differs from the net in memory by"):
            onnx_file.compare(module, content)
    finally:
        weights.assign(before)


def test_a_net_that_cannot_be_converted_is_told(exported, monkeypatch):
    module = exported[2]
    # An operation that ONNX does not have.
    monkeypatch.setattr(
        onnx_file, "predict_portable", lambda module, frames: {"x": tf.math.lgamma(tf.cast(frames, tf.float32))}
    )
    with pytest.raises(ValueError, match="--onnx: this net cannot be converted: .*Lgamma"):
        onnx_file.convert(module, {})
