"""What is checked before an export, without TensorFlow."""

import pytest

from keras_pose.exporting import export_checks
from keras_pose.exporting.config import ExportConfig
from tests.helpers import tiny
from tests.helpers.exported_runs import write_run


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory):
    return write_run(tmp_path_factory.mktemp("runs") / "run", **tiny.FLAGS)[2]


def test_a_trained_run_can_be_exported(run_dir, tmp_path):
    export_checks.check(ExportConfig(run_dir=run_dir, export_dir=str(tmp_path)))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    with pytest.raises(ValueError, match="nothing: expected a run of train.py"):
        export_checks.check(ExportConfig(run_dir=str(tmp_path / "nothing")))


def test_a_folder_that_cannot_be_written_is_refused(run_dir, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="--export_dir: expected a folder that can be written, received .* is a file"):
        export_checks.check(ExportConfig(run_dir=run_dir, export_dir=str(tmp_path / "file")))


def test_a_version_that_exists_is_refused(run_dir, tmp_path):
    (tmp_path / "pose" / "3").mkdir(parents=True)
    with pytest.raises(ValueError, match="--version: .*3 exists, and a version is never overwritten"):
        export_checks.check(ExportConfig(run_dir=run_dir, export_dir=str(tmp_path), version=3))


def test_a_net_that_needs_flow_at_its_input_is_refused(tmp_path):
    path = write_run(tmp_path / "run", **{**tiny.FLAGS, "model": "flow_input", "window": 1})[2]
    with pytest.raises(ValueError, match="needs flow at its input that a server does not have"):
        export_checks.check(ExportConfig(run_dir=path))
