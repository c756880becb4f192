"""The calibration in the folder of a run."""

import hashlib
import re

import pytest

from keras_pose.confidence import store
from keras_pose.confidence.calibration import Calibration

WEIGHTS = b"weights" * 300_000


@pytest.fixture
def weights(tmp_path):
    path = tmp_path / "weights"
    path.write_bytes(WEIGHTS)
    return path


def make(digest):
    return Calibration(("a",), 0.1, (1.0,), (0.0,), (0.01,), (0.2,), weights_sha256=digest)


def test_what_was_written_is_read(tmp_path, weights):
    assert store.file_digest(weights) == hashlib.sha256(WEIGHTS).hexdigest()
    calibration = make(store.file_digest(weights))
    store.write(tmp_path, calibration)
    assert store.read(tmp_path, weights, ("a",)) == (calibration, "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["calibration.json", "weights"]


def test_a_missing_one_is_a_reason(tmp_path, weights):
    found, reason = store.read(tmp_path, weights, ("a",))
    assert found is None
    assert reason == f"{tmp_path}/calibration.json does not exist; evaluate.py writes it"


def test_other_weights_and_other_joints_are_noticed(tmp_path, weights):
    store.write(tmp_path, make(store.file_digest(weights)))
    assert store.read(tmp_path, weights, ("b",)) == (None, f"{tmp_path}/calibration.json is about other joints")
    weights.write_bytes(b"later weights")
    found, reason = store.read(tmp_path, weights, ("a",))
    assert found is None
    assert "belongs to earlier weights" in reason


@pytest.mark.parametrize("text", ["", "{}", '{"joints": 3}', "[1]"])
def test_a_damaged_file_is_named(tmp_path, weights, text):
    (tmp_path / "calibration.json").write_text(text)
    with pytest.raises(ValueError, match=re.escape(f"{tmp_path}/calibration.json: expected a calibration")):
        store.read(tmp_path, weights, ("a",))
