"""`keras-pose show`: what is no run is reported at once."""

import subprocess
import sys

import pytest

from tests import conftest


@pytest.mark.parametrize("arguments", [["{}"], ["--run_dir={}"]])
def test_a_folder_that_is_no_run_is_reported_at_once(tmp_path, arguments):
    command = [sys.executable, "-X", "importtime", "-m", "keras_pose", "show", *(a.format(tmp_path) for a in arguments)]
    done = subprocess.run(command, cwd=conftest.ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 1
    assert f"keras-pose show: {tmp_path}: expected a run of train.py" in done.stderr
    assert "tensorflow" not in done.stderr
