"""The names of the estimators, without TensorFlow and OpenCV."""

import pathlib
import subprocess
import sys

from keras_pose.flow import estimators, names

ROOT = pathlib.Path(__file__).resolve().parents[3]


def test_every_name_is_listed_once():
    assert len(set(names.ESTIMATORS)) == len(names.ESTIMATORS)
    assert set(names.ESTIMATORS) == {*names.CORE, *names.CONTRIB, names.IN_GRAPH, names.NONE}


def test_every_estimator_that_needs_no_further_package_opens():
    for name in set(names.ESTIMATORS) - set(names.CONTRIB):
        assert callable(estimators.open_estimator(name))


def test_they_load_neither_tensorflow_nor_opencv():
    code = "import sys; from keras_pose.flow import names; sys.exit(bool({'tensorflow', 'cv2'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
