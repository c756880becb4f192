"""The names of the poolings, without TensorFlow."""

import pathlib
import subprocess
import sys

from keras_pose.pooling import kinds, names

ROOT = pathlib.Path(__file__).resolve().parents[3]


def test_every_name_has_a_kind_in_the_same_order():
    assert tuple(kinds.KINDS) == tuple(names.POOLINGS)


def test_they_load_no_tensorflow():
    code = "import sys; from keras_pose.pooling import names; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
