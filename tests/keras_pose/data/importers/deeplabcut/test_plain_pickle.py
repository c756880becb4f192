"""Pickled data loads; pickled programs do not run."""

import os
import pickle

import numpy as np
import pytest

from keras_pose.data.importers.deeplabcut.plain_pickle import load_plain


@pytest.mark.parametrize("protocol", range(5))
@pytest.mark.parametrize("value", [None, [(0, "index")], {1: {"names": ["a", "b"]}}, "text.", 1.5, (2, "ä")])
def test_plain_values(value, protocol):
    assert load_plain(pickle.dumps(value, protocol)) == value


@pytest.mark.parametrize("protocol", range(5))
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize(
    "array",
    [
        np.arange(6.0).reshape(2, 3),
        np.arange(6, dtype=np.int16).reshape(3, 2),
        np.array([["a", 1.5], [None, np.float32(2)]], object),
    ],
)
def test_arrays(array, order, protocol):
    loaded = load_plain(pickle.dumps(np.array(array, order=order), protocol))
    np.testing.assert_array_equal(loaded, array.astype(object))


def test_numbers_of_numpy():
    assert load_plain(pickle.dumps(np.float64(1.5))) == 1.5
    assert load_plain(pickle.dumps([np.int32(-7), np.dtype(">i2").type(3)])) == [-7, 3]


class Evil:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.system, (f"touch {self.path}",)


@pytest.mark.parametrize("protocol", range(5))
def test_nothing_runs(tmp_path, protocol):
    mark = tmp_path / "ran"
    for value in (Evil(mark), [1, Evil(mark)], np.array([Evil(mark)], object)):
        with pytest.raises(ValueError, match="Python object .*system, which is not loaded"):
            load_plain(pickle.dumps(value, protocol))
    assert not mark.exists()


@pytest.mark.parametrize("data", [b"", b".", b"text.", b"\x80\x04", pickle.dumps(np.arange(4.0))[:-9] + b"."])
def test_damaged_data_is_refused(data):
    with pytest.raises(ValueError, match=r"\w"):
        load_plain(data)
