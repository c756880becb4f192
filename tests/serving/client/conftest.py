"""Fixtures of the client's tests: a fake server, a client of it, and files."""

import cv2
import numpy as np
import pytest

from serving import client
from tests.helpers import fake_pose_server


@pytest.fixture
def fake():
    """A `FakePoseServer`; `url` runs it."""
    return fake_pose_server.FakePoseServer()


@pytest.fixture
def url(fake):
    """URL of the fake server."""
    with fake_pose_server.serve(fake) as address:
        yield address


@pytest.fixture
def image_file(tmp_path):
    """Path of a PNG file."""
    path = tmp_path / "image.png"
    cv2.imwrite(str(path), np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8))
    return path


@pytest.fixture
def video_file(tmp_path):
    """Path of a video of 23 frames of noise at 25 frames per second."""
    path = tmp_path / "clip.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 25.0, (64, 48))
    for i in range(23):
        writer.write(np.random.default_rng(i).integers(0, 40 + 8 * i, (48, 64, 3)).astype(np.uint8))
    writer.release()
    return path


@pytest.fixture
def poses_client(url):
    """A client of the fake server."""
    with client.PoseClient(url, timeout_s=20) as it:
        yield it
