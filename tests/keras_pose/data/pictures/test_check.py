"""Every labelled picture is looked at once, with progress, and Ctrl-C ends it."""

import io
import os
import signal
import subprocess
import sys
import time

import cv2
import numpy as np
import pytest

from keras_pose.data.clip import VISIBLE, ArrayFrames, Clip
from keras_pose.data.image_frames import ImageFrames
from keras_pose.data.pictures.check import CheckProgress, inspect_pictures
from tests import conftest
from tests.helpers.pictures import truncate, write_png


class Terminal(io.StringIO):
    """Text that says that it is a terminal."""

    def isatty(self):
        return True


class Clock:
    """Seconds that a test sets."""

    now = 0.0

    def __call__(self):
        return self.now


def clip_of(frames, positions, name="c"):
    joints = np.ones((len(positions), 1, 2))
    return Clip(name, frames, positions, joints, np.full((len(positions), 1), VISIBLE))


def test_labelled_pictures_are_looked_at_and_others_are_not(tmp_path):
    paths = [write_png(tmp_path / f"{i}.png") for i in range(4)]
    truncate(tmp_path / "2.png")
    clips = [
        clip_of(ImageFrames(paths), [0, 2, 9]),
        clip_of(ArrayFrames(np.zeros((4, 4, 4, 3))), [1], "array"),
        clip_of(ImageFrames(paths[:1]), [0], "again"),
    ]
    facts = inspect_pictures(clips)
    assert list(facts) == [paths[0], paths[2]]
    assert facts[paths[0]].size_hw == (20, 30)
    assert "truncated" in facts[paths[2]].fault


def test_a_quick_check_shows_nothing(tmp_path):
    for stream in (io.StringIO(), Terminal()):
        inspect_pictures([clip_of(ImageFrames([write_png(tmp_path / "a.png")]), [0])], stream)
        assert stream.getvalue() == ""


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()])
def test_a_long_check_shows_rate_and_time_left(stream):
    clock = Clock()
    progress = CheckProgress(1000, stream, clock)
    clock.now = 0.5
    progress.update(50)
    assert stream.getvalue() == ""
    clock.now = 6.0
    progress.update(600)
    assert "checking pictures: 600/1000  100 a second  0:05 left" in stream.getvalue()
    clock.now = 7.0
    progress.update(700)
    is_terminal = stream.isatty()
    assert ("700/1000" in stream.getvalue()) == is_terminal
    assert stream.getvalue().count("\n") == (0 if is_terminal else 1)
    progress.clear()
    assert stream.getvalue().endswith("\r\x1b[K" if is_terminal else "left\n")


def test_ctrl_c_ends_the_check(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (1500, 1500, 3), np.uint8)
    assert cv2.imwrite(str(tmp_path / "a.png"), noise)
    for i in range(400):
        os.link(tmp_path / "a.png", tmp_path / f"{i}.png")
    script = (
        "import sys, numpy as np\n"
        "from keras_pose.data.pictures.check import inspect_pictures\n"
        "from keras_pose.data.clip import Clip\n"
        "from keras_pose.data.image_frames import ImageFrames\n"
        f"frames = ImageFrames([{str(tmp_path)!r} + f'/{{i}}.png' for i in range(400)])\n"
        "clip = Clip('c', frames, np.arange(400), np.ones((400, 1, 2)), np.full((400, 1), 2))\n"
        "print('began', flush=True)\n"
        "inspect_pictures([clip])\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], cwd=conftest.ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "began\n"
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    _, errors = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "KeyboardInterrupt" in errors
    assert time.monotonic() - began < 10
