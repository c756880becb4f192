"""OpenCV writes nothing about damaged pictures, and keeps its level for the rest of the process."""

import threading

import cv2
import numpy as np
import pytest

from keras_pose.media import images
from keras_pose.media.quiet_opencv import quiet_opencv

get_level = cv2.getLogLevel if hasattr(cv2, "getLogLevel") else cv2.utils.logging.getLogLevel


@pytest.mark.parametrize("ending", [".tif", ".bmp", ".jpg", ".png", ".webp", ".jp2", ".ppm"])
@pytest.mark.parametrize("share", [0.05, 0.5, 0.99])
def test_a_damaged_picture_is_an_error_without_a_line_of_opencv(capfd, tmp_path, ending, share):
    picture = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)
    data = cv2.imencode(ending, picture)[1].tobytes()
    path = tmp_path / f"picture{ending}"
    path.write_bytes(data[: int(share * len(data))])
    capfd.readouterr()
    with pytest.raises(ValueError, match="picture"):
        images.read_image(str(path))
    assert capfd.readouterr() == ("", "")


def test_the_level_is_restored_when_the_last_thread_is_done():
    usual = get_level()
    inside = threading.Event()
    leave = threading.Event()

    def stay():
        with quiet_opencv():
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=stay)
    with quiet_opencv():
        thread.start()
        assert inside.wait(10)
    assert get_level() == 0
    leave.set()
    thread.join()
    assert get_level() == usual


def test_the_level_is_restored_after_an_error():
    usual = get_level()
    with pytest.raises(KeyError), quiet_opencv():
        raise KeyError
    assert get_level() == usual
