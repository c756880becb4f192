"""Video files and the camera: one request at a time, pausing, stepping."""

import base64

import cv2
import numpy as np
import pytest

from tests.browser import actions

pytestmark = pytest.mark.browser


def _time_s(page):
    return float(page.get_attribute("#canvas", "data-time-s"))


def _wait_for_time(page, after_s=-1.0, before_s=1e9):
    page.wait_for_function(
        "([after, before]) => { const t = document.getElementById('canvas').dataset.timeS;"
        " return t !== undefined && t !== '' && Number(t) > after && Number(t) < before; }",
        arg=[after_s, before_s],
    )
    return _time_s(page)


def _square(stub):
    """Returns the left edge of the white square in the last sent frame."""
    data = base64.b64decode(stub.bodies[-1]["instances"][0]["image_bytes"]["b64"])
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert image.shape == (120, 160)
    return int(np.argmax(image[60] > 128))


def _play_to_its_end(page, stub, tmp_path):
    actions.wait_until_connected(page)
    actions.choose_file(page, actions.write_video(tmp_path / "clip.webm"))
    _wait_for_time(page, after_s=1.85)
    page.wait_for_function("document.getElementById('pause').textContent === 'Play'")


def test_a_video_is_analysed_with_one_request_at_a_time(stub, open_page, tmp_path):
    stub.delay_s = 0.25
    page = open_page(stub.url)
    _play_to_its_end(page, stub, tmp_path)
    assert stub.most_at_once == 1
    assert 3 <= len(stub.bodies) <= 14  # of 20 frames in 2 s: those that came during a request are skipped
    assert _square(stub) == pytest.approx(5 + 5 * 19, abs=2)  # but the last frame is sent
    latency_ms = float(page.inner_text("#latency").split()[0])
    assert 250 <= latency_ms <= 2000
    assert 0.3 <= float(page.inner_text("#rate").split()[0]) <= 4


def test_keys_pause_and_step(stub, open_page, tmp_path):
    page = open_page(stub.url)
    _play_to_its_end(page, stub, tmp_path)
    page.focus("#stage")
    page.keyboard.press("ArrowLeft")
    time_s = _wait_for_time(page, before_s=1.85)
    assert time_s == pytest.approx(1.8, abs=0.02)
    assert _square(stub) == pytest.approx(5 + 5 * 18, abs=2)
    page.keyboard.press("ArrowRight")
    assert _wait_for_time(page, after_s=1.85) == pytest.approx(1.9, abs=0.02)
    page.keyboard.press(" ")  # plays again from the start
    page.wait_for_function("document.getElementById('pause').textContent === 'Pause'")
    _wait_for_time(page, after_s=0.15, before_s=1.5)
    page.keyboard.press(" ")
    page.wait_for_function("document.getElementById('pause').textContent === 'Play'")


def test_space_on_a_button_presses_it_once(stub, open_page, tmp_path):
    page = open_page(stub.url)
    _play_to_its_end(page, stub, tmp_path)
    page.focus("#pause")
    page.keyboard.press(" ")
    page.wait_for_function("document.getElementById('pause').textContent === 'Pause'")


def test_a_failing_server_pauses_the_video_and_play_retries(stub, open_page, tmp_path):
    page = open_page(stub.url, network_errors=True)
    actions.wait_until_connected(page)
    stub.failure = (500, "out of memory")
    actions.choose_file(page, actions.write_video(tmp_path / "clip.webm"))
    kind, text = actions.wait_for_problem(page)
    assert kind == "refused"
    assert "out of memory" in text
    page.wait_for_function("document.getElementById('pause').textContent === 'Play'")
    stub.failure = None
    page.click("#pause")
    actions.wait_for_joints(page)
    assert page.is_hidden("#problem")


def test_the_camera_is_analysed_until_it_is_paused(stub, open_page):
    page = open_page(stub.url)
    actions.wait_until_connected(page)
    page.click("#camera")
    actions.wait_for_joints(page)
    page.wait_for_function("Number(document.getElementById('frames').textContent) >= 3")
    assert page.is_enabled("#pause")
    assert page.is_disabled("#forward")
    page.click("#pause")
    page.wait_for_function("document.getElementById('pause').textContent === 'Play'")
    page.wait_for_timeout(500)
    count = len(stub.bodies)
    page.wait_for_timeout(500)
    assert len(stub.bodies) == count
