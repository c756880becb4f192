"""The flags of an export: bounds, and where the versions go."""

import os

import pytest

from keras_pose.exporting.config import ExportConfig


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"version": -1}, r"--version: expected at least 0, received -1"),
        ({"model_name": "a/b"}, r"--model_name: expected letters"),
        ({"model_name": ".hidden"}, r"--model_name: expected letters"),
        ({"model_name": ""}, r"--model_name: expected letters"),
        ({"precision": "int8"}, r"--precision: expected one of float32, float16, bfloat16, received 'int8'"),
        ({"tflite": "int4"}, r"--tflite: expected one of none, float32, float16, int8, received 'int4'"),
        (
            {"tflite": "int8", "precision": "float16"},
            r"--tflite: expected none with --precision=float16, received int8",
        ),
        ({"onnx": True, "precision": "bfloat16"}, r"--onnx: expected --precision=float32, received bfloat16"),
    ],
)
def test_errors_name_the_flag(changes, message):
    with pytest.raises(ValueError, match=message):
        ExportConfig(run_dir="runs/x", **changes)


def test_versions_go_to_the_run_by_default():
    assert ExportConfig(run_dir="runs/x").model_dir == os.path.join("runs/x", "export", "pose")


def test_versions_go_to_the_export_dir_if_given():
    config = ExportConfig(run_dir="runs/x", export_dir="/models", model_name="arms")
    assert config.model_dir == os.path.join("/models", "arms")
