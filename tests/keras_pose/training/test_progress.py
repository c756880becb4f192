"""The line of progress and the figures of a validation."""

import io
import time

import pytest

from keras_pose.training import progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def now(monkeypatch):
    """The time that `time.monotonic` tells, in a list."""
    moment = [50.0]
    monkeypatch.setattr(time, "monotonic", lambda: moment[0])
    return moment


def train(watcher, now, steps, seconds):
    watcher.on_train_begin()
    now[0] += 9.0
    watcher.on_train_batch_end(0)  # the first step traces and does not count
    assert watcher.rate(now[0]) is None
    for _ in range(steps - 1):
        now[0] += seconds
        watcher.on_train_batch_end(0)


def test_a_terminal_shows_the_line_from_the_first_seconds_on(now):
    terminal = Terminal()
    lines = []
    shown = progress.Progress(100, 400, terminal, lines.append)
    assert shown.line(50.0) == "step 100/400"
    train(shown, now, 21, 0.5)
    assert shown.line(now[0]) == "step 121/400  2.0 steps/s  2:19 left"
    shown.on_epoch_end(0)
    assert lines == []
    states = terminal.getvalue().split("\r\x1b[K")[1:]
    assert states[0].startswith("training: building the graph")
    assert states[1] == "training: step 101/400"
    assert states[-2:] == ["training: step 121/400  2.0 steps/s  2:19 left", ""]  # and cleared
    assert len(states) == 2 + 10 + 1  # once a second


def test_without_a_terminal_there_is_a_line_after_the_first_step_and_then_one_a_minute(now):
    pipe = io.StringIO()
    lines = []
    train(progress.Progress(0, 1000, pipe, lines.append), now, 76, 2.0)
    assert pipe.getvalue() == ""
    assert lines[0].startswith("training: building the graph")
    assert lines[1:] == [
        "training: step 1/1000",
        "training: step 31/1000  0.5 steps/s  32:18 left",
        "training: step 61/1000  0.5 steps/s  31:18 left",
    ]


def test_long_validations_show_their_batches(now):
    lines = []
    watcher = progress.Progress(0, 10, io.StringIO(), lines.append, validation_batches=40)
    watcher.on_test_begin()
    for _ in range(40):
        now[0] += 4.0
        watcher.on_test_batch_end(0)
    assert lines == [
        "validating: 15/40 batches  0.25 batches/s  1:40 left",
        "validating: 30/40 batches  0.25 batches/s  0:40 left",
    ]


def test_logs_are_found_whatever_the_output_is_called():
    for record in ({"val_heatmaps_mean_error": 1.5, "loss": 2}, {"val_mean_error": 1.5, "mean_error": 3}):
        assert progress.find_log(record, "val_", "mean_error") == 1.5
    assert progress.find_log({}, "val_", "mean_error") is None
    record = {"loss": 0.00123, "val_mean_error": 4.2, "val_accuracy": 0.87, "val_peak_height": 0.5}
    assert progress.format_validation(record) == (
        "loss 0.00123  error 4.20 px of the input  within 5 % 0.870  peak 0.50"
    )
    record["val_heatmaps_mean_error_frame_px"] = 12.6
    assert "  error 12.60 px of the frame  " in progress.format_validation(record)


def test_errors_in_px_of_the_frame_are_those_of_validations_only():
    logs = {"a_mean_error_frame_px": float("nan"), "val_a_mean_error_frame_px": 3.0, "loss": 1.0}
    assert progress.measured_logs(logs) == {"val_a_mean_error_frame_px": 3.0, "loss": 1.0}
    assert progress.measured_logs(None) == {}
