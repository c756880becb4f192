"""What an ONNX file needs, before anything is exported."""

import importlib.util

import pytest

from keras_pose.exporting import export_checks, onnx_packages
from keras_pose.exporting.config import ExportConfig


def test_a_missing_package_is_named_with_the_command_that_installs_it(monkeypatch):
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name in ("onnx", "tf2onnx") else find_spec("json")
    )
    with pytest.raises(ValueError, match=r"--onnx: .*not installed: onnx, tf2onnx\..*requirements/onnx\.txt"):
        onnx_packages.check_installed()


def test_an_export_without_the_file_does_not_ask_for_the_packages(monkeypatch):
    monkeypatch.setattr(onnx_packages, "PACKAGES", ("no_such_package",))
    with pytest.raises(ValueError, match="expected a run"):
        export_checks.check(ExportConfig(run_dir="nothing"))
    with pytest.raises(ValueError, match="not installed: no_such_package"):
        export_checks.check(ExportConfig(run_dir="nothing", onnx=True))
