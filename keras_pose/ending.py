"""How a command ends after an error that the user can fix, and after Ctrl-C (SIGINT) or SIGTERM.

Both signals end a command in the same way: KeyboardInterrupt, so that blocks clean up, and a line that says what is
kept. The exit code is that of a shell, 128 and the number of the signal.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from keras_pose import console

_GRACE_S = 1.0
_SHELL_CODE = 128
_USUAL: dict[int, Any] = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}
_received: list[int] = []  # the numbers of the signals that came


@contextlib.contextmanager
def exit_on_error(program: str, interrupted: str | Callable[[], str] = "interrupted") -> Iterator[None]:
    """Ends the program with one line and no traceback after Ctrl-C, SIGTERM or an error that the user can fix.

    Code in other languages can turn KeyboardInterrupt into any other exception. If a signal has come
    (`answer_signals` notes it), every exception is taken for an interruption.

    Args:
      program: name that begins the line.
      interrupted: message after an interruption, or a function that makes it.
    """
    try:
        yield
    except (Exception, KeyboardInterrupt) as error:
        if _received or isinstance(error, KeyboardInterrupt):
            console.show_at_end(interrupted if isinstance(interrupted, str) else interrupted())
            sys.exit(exit_code())
        if isinstance(error, (ValueError, OSError, ArithmeticError)):
            sys.exit(f"{program}: {error}")
        raise


def exit_code() -> int:
    """Returns the exit code of an interrupted command: 130 after Ctrl-C, 143 after SIGTERM."""
    return _SHELL_CODE + _number()


def reason() -> str:
    """Returns what interrupts the command: "Ctrl-C" or "SIGTERM"."""
    return "SIGTERM" if _number() == signal.SIGTERM else "Ctrl-C"


def _number():
    return _received[0] if _received else signal.SIGINT  # without `answer_signals`, Python itself answers Ctrl-C


def say_once(make_text: Callable[[], str]) -> Callable[[], str]:
    """Returns a function that returns a text the first time, and then nothing, whichever thread calls it."""
    said = threading.Lock()

    def make_once() -> str:
        return make_text() if said.acquire(blocking=False) else ""

    return make_once


def hide_traceback_of_interrupts() -> None:
    """Shows one line instead of a traceback if Ctrl-C ends the process and nothing else answers it."""
    usual = sys.excepthook

    def show_exception(kind: type[BaseException], error: BaseException, trace: Any) -> None:
        if issubclass(kind, KeyboardInterrupt):
            console.show_at_end("interrupted")
        else:
            usual(kind, error, trace)

    sys.excepthook = show_exception


def answer_signals(interrupted: Callable[[], str]) -> None:
    """Makes KeyboardInterrupt of Ctrl-C and SIGTERM, and ends the process a second later if it has not ended by itself.

    Python sees signals only between its own instructions, and its end waits for threads that read frames. Both can take
    long: a step of a large net, a batch of frames that are decoded. Files are written atomically, so the process can
    end at any moment.

    A signal that is ignored (nohup), or that the program around the command answers, stays as it is. So do all of them
    outside the main thread, where Python accepts no answers, and in processes that are forked.

    Args:
      interrupted: function that makes the message; see `say_once`.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    answered = [number for number, usual in _USUAL.items() if signal.getsignal(number) in (usual, _interrupt)]
    if not answered:
        return
    for number in answered:
        signal.signal(number, _interrupt)
    atexit.register(_ignore_signals)
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_stop_answering)

    def watch() -> None:
        while (number := os.read(read_end, 1)[0]) not in answered:
            pass
        time.sleep(_GRACE_S)
        console.show_at_end(interrupted())
        os._exit(_SHELL_CODE + number)  # the main thread may not have seen the signal yet

    threading.Thread(target=watch, daemon=True).start()


def _interrupt(number, frame):
    _received.append(number)
    raise KeyboardInterrupt


def _ignore_signals():
    """Ignores what `answer_signals` answered, while the interpreter ends.

    All work is done by then, and Python no longer calls its functions: a signal would end the process in its own way.
    """
    for number in _USUAL:
        if signal.getsignal(number) is _interrupt:
            signal.signal(number, signal.SIG_IGN)


def _stop_answering():
    """Gives a forked process the usual answers. The thread of the command would take its signals for its own."""
    signal.set_wakeup_fd(-1)
    for number, usual in _USUAL.items():
        if signal.getsignal(number) is _interrupt:
            signal.signal(number, usual)


@contextlib.contextmanager
def keep_answer_to_sigterm() -> Iterator[None]:
    """Undoes after the block what a library in it has made of SIGTERM, in the main thread."""
    answer = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if answer is not None and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, answer)
