"""The line of progress and the figures of a validation."""

import io
import time

from keras_pose.training import progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_the_line_tells_step_rate_and_time_left(monkeypatch):
    now = [50.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    terminal = Terminal()
    pipe = io.StringIO()
    shown = progress.Progress(100, 400, terminal)
    hidden = progress.Progress(100, 400, pipe)
    for line in (shown, hidden):
        assert line.line(50.0) == "step 100/400"
        now[0] = 50.0
        line.on_train_batch_end(0)  # the first step traces and does not count
        assert line.rate(50.0) is None
        for _ in range(20):
            now[0] += 0.5
            line.on_train_batch_end(0)
        assert line.line(now[0]) == "step 121/400  2.0 steps/s  2:19 left"
        line.on_epoch_end(0)
    assert pipe.getvalue() == ""
    assert terminal.getvalue().count("\r") == 10 + 1  # once a second, and cleared
    assert "\rstep 121/400  2.0 steps/s  2:19 left" in terminal.getvalue()


def test_logs_are_found_whatever_the_output_is_called():
    for record in ({"val_heatmaps_mean_error": 1.5, "loss": 2}, {"val_mean_error": 1.5, "mean_error": 3}):
        assert progress.find_log(record, "val_", "mean_error") == 1.5
    assert progress.find_log({}, "val_", "mean_error") is None
    record = {"loss": 0.00123, "val_mean_error": 4.2, "val_accuracy": 0.87, "val_peak_height": 0.5}
    assert progress.format_validation(record) == "loss 0.00123  error 4.20 px  within 5 % 0.870  peak 0.50"
