"""The terminal shows a command's own lines."""

import io
import os
import subprocess
import sys
import time

import pytest

from keras_pose import console
from tests import conftest
from tests.helpers import python_code


def test_tensorflow_is_imported_without_a_line():
    assert python_code.run(
        """
        from keras_pose import console
        with console.quiet_import():
            import tensorflow as tf
        print(int(tf.constant(2) + 1), flush=True)
        """
    ) == (0, "3\n", "")


def test_what_is_no_start_up_line_is_shown_after_the_import():
    code, _, errors = python_code.run(
        """
        import os, sys
        from keras_pose import console
        with console.quiet_import():
            os.write(2, b"WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\\n")
            os.write(2, b"I0000 00:00:1795666684.069153   14576 port.cc:153] oneDNN custom operations are on.\\n")
            os.write(2, b"2026-11-26 04:06:43.123456: I tensorflow/core/platform/cpu.cc:182] AVX\\n")
            os.write(2, b"E0000 00:00:1795666684.069153   14576 a.cc:1] no memory\\n")
            print("an error of Python", file=sys.stderr)
            raise ImportError("no such library")
        """
    )
    assert code == 1
    lines = errors.splitlines()
    assert lines[0].endswith("no memory")
    assert lines[1] == "an error of Python"
    assert lines[-1] == "ImportError: no such library"
    assert "oneDNN" not in errors
    assert "AVX" not in errors
    assert "InitializeLog" not in errors


def test_all_lines_are_shown_on_request():
    program = """
        import os
        from keras_pose import console
        with console.quiet_import():
            os.write(2, b"I0000 00:00:1 1 port.cc:153] on\\n")
        """
    assert "port.cc" in python_code.run(program, TF_CPP_MIN_LOG_LEVEL="0")[2]
    assert python_code.run(program)[2] == ""


def test_only_advice_on_the_steps_of_several_nets_is_hidden():
    _, _, errors = python_code.run(
        """
        import logging
        from keras_pose import console
        console.hide_startup_messages()
        log = logging.getLogger("tensorflow")
        keras_2 = "Model.make_train_function.<locals>.train_function"
        keras_3 = "TensorFlowTrainer._make_function.<locals>.multi_step_on_iterator"
        for name in (keras_2, keras_3, "pool"):
            log.warning("5 out of the last 5 calls to <function %s> triggered tf.function retracing.", name)
        """
    )
    assert errors.strip() == "5 out of the last 5 calls to <function pool> triggered tf.function retracing."


def test_warnings_of_the_package_are_one_line_and_others_as_usual():
    _, _, errors = python_code.run(
        """
        import warnings
        from keras_pose import console
        class MediaWarning(UserWarning):
            __module__ = "keras_pose.media.messages"
        console.show_warnings_as_lines()
        warnings.warn("clip.mp4: 29 of 30 frames can be decoded", MediaWarning)
        warnings.warn("something else")
        """
    )
    first, *rest = errors.splitlines()
    assert first == "warning: clip.mp4: 29 of 30 frames can be decoded"
    assert "UserWarning: something else" in rest[0]


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (65.9, "1:05"), (3599, "59:59"), (3605, "1:00:05"), (86400, "24:00:00")]
)
def test_times_are_minutes_and_seconds_or_hours(seconds, text):
    assert console.format_time(seconds) == text


def test_a_meter_shows_rate_and_time_left_once_a_minute_or_once_a_second(monkeypatch):
    now = [10.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    lines = []
    terminal = io.StringIO()
    terminal.isatty = lambda: True
    meters = [
        console.Meter("predicting", 400, "frames", console.LiveLine(stream, lines.append))
        for stream in (io.StringIO(), terminal)
    ]
    for _ in range(40):
        for meter in meters:
            meter.advance(2)
        now[0] += 2.0
    for meter in meters:
        meter.close()
    assert lines == ["predicting: 62/400 frames  1.0 frames/s  5:38 left"]
    states = terminal.getvalue().split("\r\x1b[K")
    assert states[1] == "predicting: 4/400 frames  1.0 frames/s  6:36 left"
    assert states[-1] == ""  # the line is gone
    assert len(states) == 41


def test_short_work_is_not_shown():
    lines = []
    meter = console.Meter("predicting", 3, "frames", console.LiveLine(io.StringIO(), lines.append))
    for _ in range(3):
        meter.advance()
    meter.close()
    assert lines == []


def test_a_command_shows_its_own_lines_only():
    environment = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
    command = [sys.executable, "evaluate.py", "--run_dir=runs/of_nobody"]
    done = subprocess.run(command, cwd=conftest.ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    [line] = (done.stdout + done.stderr).splitlines()
    assert line.startswith("evaluate.py: runs/of_nobody: expected a run of train.py")


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_characters_that_the_encoding_lacks_are_escapes(encoding):
    code = "from keras_pose import console; console.show_any_character(); console.show('手\\udcff größe')"
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=conftest.ROOT, capture_output=True, timeout=100, env=environment)
    assert done.returncode == 0, done.stderr
    shown = {"ascii": r"\u624b\udcff gr\xf6\xdfe", "cp1252": r"\u624b\udcff größe", "utf-8": r"手\udcff größe"}
    assert done.stdout.decode(encoding).strip() == shown[encoding]
