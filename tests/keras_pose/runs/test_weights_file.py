"""Files of weights: a changed bit is found, files without a checksum are read."""

import random

import keras
import numpy as np
import pytest

from keras_pose.runs import weights_file


@pytest.fixture
def model():
    frames = keras.Input((3,), name="frames")
    return keras.Model(frames, keras.layers.Dense(2, name="out")(keras.layers.Dense(200, name="in")(frames)))


def test_sealed_weights_come_back_and_files_without_a_checksum_too(model, tmp_path):
    path = str(tmp_path / "model.weights.h5")
    before = model.get_weights()
    for seal in (lambda path: None, weights_file.seal):
        model.save_weights(path, overwrite=True)
        seal(path)
        model.set_weights([np.zeros_like(value) for value in before])
        weights_file.load(model, path)
        for value, expected in zip(model.get_weights(), before):
            np.testing.assert_array_equal(value, expected)


def test_a_changed_bit_is_found_or_changes_nothing(model, tmp_path):
    path = tmp_path / "model.weights.h5"
    model.save_weights(str(path))
    weights_file.seal(str(path))
    before = model.get_weights()
    whole = path.read_bytes()
    chance = random.Random(0)
    refused = 0
    for _ in range(40):
        data = bytearray(whole)
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        path.write_bytes(data)
        try:
            weights_file.check(str(path))
        except OSError:
            refused += 1
            continue
        model.load_weights(str(path))
        for value, expected in zip(model.get_weights(), before):
            np.testing.assert_array_equal(value, expected)
    assert refused >= 5  # most of a small file of HDF5 is empty


def test_values_that_differ_are_named_with_the_way_on(model, tmp_path):
    path = tmp_path / "model.weights.h5"
    model.set_weights([np.full_like(value, 1.5) for value in model.get_weights()])
    model.save_weights(str(path))
    weights_file.seal(str(path))
    data = path.read_bytes()
    value = np.float32(1.5).tobytes()
    assert data.count(value) > 100
    path.write_bytes(data.replace(value, np.float32(1.25).tobytes(), 1))
    with pytest.raises(
        OSError, match=r"h5: the weights cannot be read: the file is damaged: .*; copy it from a backup"
    ):
        weights_file.load(model, str(path))


@pytest.mark.parametrize(
    "damage", [lambda data: b"", lambda data: b"\0" * len(data), lambda data: data[: len(data) // 2]]
)
def test_cut_and_empty_files_are_named(model, tmp_path, damage):
    path = tmp_path / "model.weights.h5"
    model.save_weights(str(path))
    weights_file.seal(str(path))
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(OSError, match=r"model\.weights\.h5: the weights cannot be read: "):
        weights_file.check(str(path))
