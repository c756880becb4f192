"""`keras-pose import-caffe`: files without flags, and a file that is missing."""

import subprocess
import sys

import pytest

from keras_pose.cli import import_caffe
from tests import conftest


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["a.caffemodel"], ["--weights=a.caffemodel"]),
        (["a", "b", "--run_dir=r"], ["--weights=a", "--description=b", "--run_dir=r"]),
        (["--weights=a", "--run_dir=r"], ["--weights=a", "--run_dir=r"]),
        ([], []),
    ],
)
def test_the_first_arguments_are_the_files(arguments, expected):
    assert import_caffe.name_files(arguments) == expected


def test_a_missing_file_is_reported_at_once(tmp_path):
    command = [sys.executable, "-m", "keras_pose", "import-caffe", "none.caffemodel", f"--run_dir={tmp_path / 'run'}"]
    done = subprocess.run(command, cwd=conftest.ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 1
    expected = "keras-pose import-caffe: --weights: expected a file, found none at none.caffemodel\n"
    assert done.stderr == expected
    assert not (tmp_path / "run").exists()
