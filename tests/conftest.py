"""What all tests share: a quiet TensorFlow, seeds, and the folder of real data if there is one."""

import os

# Before TensorFlow or matplotlib is imported by any test.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("MPLBACKEND", "Agg")

import functools
import pathlib
import random
import signal
import sys

import hypothesis
import numpy as np
import pytest

# A shell ignores Ctrl-C in jobs that it starts in the background, and programs that tests start would inherit that.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = pathlib.Path(__file__).resolve().parents[1]
# Tests that train, export or serve take longest. They begin, so that what is left for the end is short.
FIRST = (
    "commands",
    "benchmarks",
    "keras_pose/exporting",
    "keras_pose/inference",
    "keras_pose/training",
    "serving",
    "examples",
    "odd_inputs",
    "test_contributing.py",
)

# Same examples in every run, and no limit of time: a first call in TensorFlow traces for seconds.
hypothesis.settings.register_profile("keras_pose", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile("keras_pose")


def pytest_collection_modifyitems(items):
    """Puts the tests of FIRST before the others."""

    @functools.cache
    def place(path):
        found = [place for place, name in enumerate(FIRST) if ROOT / "tests" / name in (path, *path.parents)]
        return found[0] if found else len(FIRST)

    items.sort(key=lambda item: place(item.path))


def pytest_collection_finish():
    """Makes graphs faster to build, once the tests have loaded TensorFlow; what they compute stays the same."""
    if "tensorflow" not in sys.modules:
        return
    # Each operation of a graph keeps the stack that made it, for messages of TensorFlow's own. Under pytest that stack
    # is deep and takes a tenth of the time of a test that exports: all operations share one instead.
    from tensorflow.python.util import tf_stack  # no public function turns it off

    stack = tf_stack.extract_stack()
    tf_stack.extract_stack = lambda stacklevel=1: stack


@pytest.fixture(autouse=True)
def seeds():
    """Seeds Python, NumPy and, if a test has imported it, TensorFlow."""
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 - for libraries that draw from the global generator
    if "tensorflow" in sys.modules and not _is_freshly_seeded():
        sys.modules["tensorflow"].random.set_seed(0)


def _is_freshly_seeded():
    """Whether TensorFlow has drawn nothing since it was seeded.

    Seeding drops all kernels and functions that are ready to run. A net that several tests share would take 0.4 s more
    in each of them.
    """
    from tensorflow.python.eager import context  # no public function tells it

    drawn = getattr(context.context(), "_rng", None)
    return context.global_seed() == 0 and drawn is not None and drawn.getstate() == random.Random(0).getstate()


@pytest.fixture(scope="session")
def shared_data():
    """pathlib.Path of the real data beside the project; the test is skipped if there is none."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no real data: {folder} is not there")
    return folder
