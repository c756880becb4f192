import threading
import warnings

import pytest

from keras_pose.analysis.noted_warnings import note_warnings
from keras_pose.media.messages import MediaWarning


@pytest.fixture
def shown():
    """The texts of the warnings that are shown."""
    texts = []
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = lambda message, *_, **__: texts.append(str(message))
        yield texts


def test_a_warning_of_any_thread_is_noted_and_shown_once(shown):
    with note_warnings() as noted:
        warnings.warn("a.mp4: cut", MediaWarning, stacklevel=1)
        thread = threading.Thread(target=warnings.warn, args=("a.mp4: cut", MediaWarning))
        thread.start()
        thread.join()
        warnings.warn("a.mp4: two frames are missing", MediaWarning, stacklevel=1)
    assert noted == ["a.mp4: cut", "a.mp4: two frames are missing"]
    assert shown == noted


def test_other_warnings_and_later_ones_are_shown_and_not_noted(shown):
    with note_warnings() as noted:
        warnings.warn("old name", FutureWarning, stacklevel=1)
    warnings.warn("b.mp4: cut", MediaWarning, stacklevel=1)
    assert noted == []
    assert shown == ["old name", "b.mp4: cut"]


def test_warnings_are_shown_as_before_after_an_error(shown):
    before = warnings.showwarning
    with pytest.raises(ValueError, match="bad"), note_warnings():
        raise ValueError("bad")
    assert warnings.showwarning is before
