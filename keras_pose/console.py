"""What a command shows in the terminal: its own lines, its progress, and warnings and errors as one line each."""

from __future__ import annotations

import contextlib
import functools
import io
import logging
import os
import re
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any, TextIO

_error_stream: list[int] = []  # the descriptor of the error stream while `quiet_import` holds it back
_CLEAR = "\r\x1b[K"
_LIVE_S = 1.0  # seconds between two states of a live line
_LINE_S = 60.0  # seconds between two lines where there is no terminal
# As Keras 2 and Keras 3 name them.
_STEPS_OF_KERAS = re.compile(r"make_(train|test|predict)_function|_step_on_iterator")
# TensorFlow's C++ log: level I or W, time, thread, source; and what absl says about it.
_STARTUP_LINE = re.compile(
    r"WARNING: All log messages before absl::InitializeLog|[IW]\d{4} \d\d:|\d{4}-\d\d-\d\d \d\d:[\d:.]+: [IW] "
)

# Shows a line at once, also if the output is a file or a pipe.
show = functools.partial(print, flush=True)


def hide_startup_messages() -> None:
    """Hides the start-up messages of TensorFlow and NumExpr; call it before they are imported.

    Warnings and errors of TensorFlow's Python side stay, with one exception. Keras traces its steps once for each net,
    which cannot be avoided; if a command trains several (the folds of --pooling=auto), TensorFlow takes them for one
    function and advises against retracing it. TF_CPP_MIN_LOG_LEVEL=0 in the environment shows all messages.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    logging.getLogger("numexpr").setLevel(logging.WARNING)
    if os.environ["TF_CPP_MIN_LOG_LEVEL"] != "0":
        logging.getLogger("tensorflow").addFilter(_is_no_advice_on_nets)


def _is_no_advice_on_nets(record):
    message = record.getMessage()
    return not ("tf.function retracing" in message and _STEPS_OF_KERAS.search(message))


@contextlib.contextmanager
def quiet_import() -> Iterator[None]:
    """Hides what TensorFlow writes while it is imported in the block; all else that is written then comes afterwards.

    TensorFlow 2.21 writes lines from C++ that no setting hides. So the error stream of the process goes to a file in
    the block, and what is no start-up line is written from there. If TensorFlow is imported already, or if
    TF_CPP_MIN_LOG_LEVEL is 0, nothing is changed.
    """
    hide_startup_messages()
    if "tensorflow" in sys.modules or os.environ["TF_CPP_MIN_LOG_LEVEL"] == "0":
        yield
        return
    try:
        sys.stderr.flush()
        kept = os.dup(2)
    except (AttributeError, OSError):  # a process without an error stream
        yield
        return
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), 2)
        _error_stream.append(kept)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            _error_stream.clear()
            os.close(kept)
            file.seek(0)
            lines = file.read().decode(errors="replace").splitlines(keepends=True)
            os.write(2, "".join(line for line in lines if not _STARTUP_LINE.match(line)).encode())


def show_any_character() -> None:
    """Shows characters that the encoding of the terminal or pipe lacks as escapes, instead of ending the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")


def show_warnings_as_lines() -> None:
    """Shows warnings of this package as one line, `warning: <message>`, without the line of code that gave it."""
    usual = warnings.showwarning

    def show_warning(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        if file is None and category.__module__.split(".")[0] == __package__:
            clear = _CLEAR if sys.stderr.isatty() else ""
            print(f"{clear}warning: {message}", file=sys.stderr, flush=True)
        else:
            usual(message, category, filename, lineno, file, line)

    warnings.showwarning = show_warning


def show_at_end(message: str) -> None:
    """Writes a message to the error stream, also while `quiet_import` holds that back; an empty one writes nothing."""
    if message and _error_stream:
        os.write(_error_stream[0], f"\n{message}\n".encode())
    elif message:
        print(f"\n{message}", file=sys.stderr, flush=True)


def format_time(seconds: float) -> str:
    """Returns a duration as text: "2:05" for minutes and seconds, "1:02:05" with hours."""
    minutes, seconds = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def format_rate(rate: float, unit: str) -> str:
    """Returns a rate as text, such as "12.3 steps/s" or "0.25 steps/s"."""
    return f"{rate:.1f} {unit}/s" if rate >= 1 else f"{rate:.2g} {unit}/s"


class LiveLine:
    """A line that says how far a command is: rewritten about once a second on a terminal, otherwise a line a minute.

    Args:
      stream: where the line is rewritten, if it is a terminal.
      echo: function that shows a line of text, used if it is not.
    """

    def __init__(self, stream: TextIO | None = None, echo: Callable[[str], Any] = show) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._echo = echo
        self._shown = time.monotonic()

    @property
    def is_live(self) -> bool:
        """Whether the line is rewritten on a terminal."""
        return self._stream.isatty()

    def update(self, make_text: Callable[[], str], at_once: bool = False) -> None:
        """Shows a text if it is time for it.

        Args:
          make_text: function that makes the text; it is called only if it is time.
          at_once: whether it is time in any case.
        """
        now = time.monotonic()
        if not at_once and now - self._shown < (_LIVE_S if self.is_live else _LINE_S):
            return
        self._shown = now
        if self.is_live:
            print(_CLEAR + make_text(), end="", file=self._stream, flush=True)
        else:
            self._echo(make_text())

    def clear(self) -> None:
        """Removes the line from the terminal, so that another can take its place."""
        if self.is_live:
            print(_CLEAR, end="", file=self._stream, flush=True)


class Meter:
    """Counts the parts of a piece of work, and shows rate and time left if it takes more than seconds.

    Args:
      doing: what is done, such as "predicting".
      total: number of parts.
      unit: what the parts are, in the plural.
      line: where to show it.
    """

    def __init__(self, doing: str, total: int, unit: str, line: LiveLine | None = None) -> None:
        self._doing = doing
        self._total = total
        self._unit = unit
        self._line = line or LiveLine()
        self._done = 0
        self._counted_from = 0
        self._began: float | None = None

    def advance(self, count: int = 1) -> None:
        """Counts `count` more parts."""
        self._done += count
        if self._began is None:  # the first part loads and traces, and says nothing about the rate
            self._began = time.monotonic()
            self._counted_from = self._done
        self._line.update(self.text)

    def text(self) -> str:
        """Returns the text for this moment."""
        text = f"{self._doing}: {self._done}/{self._total} {self._unit}"
        seconds = time.monotonic() - self._began if self._began is not None else 0.0
        counted = self._done - self._counted_from
        if not counted or not seconds:
            return text
        rate = counted / seconds
        return f"{text}  {format_rate(rate, self._unit)}  {format_time((self._total - self._done) / rate)} left"

    def close(self) -> None:
        """Removes the line from the terminal."""
        self._line.clear()
