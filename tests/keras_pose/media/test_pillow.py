"""Pillow's warnings: ignored inside the block, in all threads at once, and nowhere else."""

import io
import threading
import warnings

import numpy as np
import pytest
from PIL import Image

from keras_pose.media import pillow


def cut_tiff():
    file = io.BytesIO()
    Image.fromarray(np.zeros((4, 6), np.uint16)).save(file, "TIFF")
    return file.getvalue()[:12]


def open_cut_tiff():
    with pytest.raises(pillow.UNREADABLE):
        Image.open(io.BytesIO(cut_tiff()))


def test_only_warnings_of_pillow_are_ignored():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        open_cut_tiff()
    assert caught
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with pillow.without_warnings():
            open_cut_tiff()
            warnings.warn("another", UserWarning, stacklevel=1)
    assert [str(warning.message) for warning in caught] == ["another"]


def test_threads_that_overlap_leave_the_filters_as_they_were():
    """The first one leaves the block while the second one is inside, which is quiet to its end."""
    inside = threading.Event()
    first_left = threading.Event()

    def second():
        with pillow.without_warnings():
            inside.set()
            assert first_left.wait(10)
            open_cut_tiff()

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        before = list(warnings.filters)
        thread = threading.Thread(target=second)
        with pillow.without_warnings():
            thread.start()
            assert inside.wait(10)
        first_left.set()
        thread.join(10)
        assert caught == []
        assert list(warnings.filters) == before
        open_cut_tiff()
    assert caught


def test_the_filters_are_reset_after_an_error():
    before = list(warnings.filters)
    with pytest.raises(KeyError), pillow.without_warnings():
        raise KeyError
    assert list(warnings.filters) == before
