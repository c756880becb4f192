"""Which texts name cameras and streams."""

import pytest

from keras_pose.media import live_sources


@pytest.mark.parametrize(
    ("text", "camera", "address"),
    [
        ("0", True, False),
        ("12", True, False),
        ("/dev/video2", True, False),
        ("/dev/video", False, False),
        ("rtsp://user:word@host:554/live", False, True),
        ("udp://127.0.0.1:1234", False, True),
        ("file:///tmp/clip.mp4", False, True),
        ("clip.mp4", False, False),
        ("C://clip.mp4", False, False),
        ("٣", False, False),
        ("", False, False),
    ],
)
def test_cameras_are_numbers_or_devices_and_streams_have_a_scheme(text, camera, address):
    assert live_sources.is_camera(text) == camera
    assert live_sources.is_address(text) == address
    assert live_sources.is_live(text) == (camera or address)


def test_a_file_is_no_camera(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "7").write_bytes(b"")
    assert not live_sources.is_live("7")
    assert live_sources.is_live("8")


def test_descriptions_show_no_password():
    assert live_sources.describe("0") == "camera 0"
    assert live_sources.describe("/dev/video1") == "/dev/video1"
    assert live_sources.describe("rtsp://user:word@host/live") == "rtsp://host/live"
