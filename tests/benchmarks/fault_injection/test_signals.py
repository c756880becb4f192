"""Stops at random moments: a command that resumes passes, one that tears files or hides its interruption does not."""

import random
import signal
import sys

import pytest

from benchmarks.fault_injection import signals
from benchmarks.fault_injection.commands import OUT, Command

# Slow: on a crowded machine, a signal may come before the program has begun.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="processor time of a process is read from /proc"),
]

# Writes 6 files, slowly; goes on where it was. "torn" writes them in two halves, "tracing" has a traceback at Ctrl-C,
# and "silent" does not answer SIGTERM.
_WRITER = """
import os, signal, sys, time

def interrupt(number, frame):
    received.append(number)
    raise KeyboardInterrupt

received = []
kind = sys.argv[1]
if kind != "silent":
    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGINT, interrupt)
print("began", flush=True)
os.makedirs("out", exist_ok=True)

def work():
    end = time.process_time() + 0.02
    while time.process_time() < end:
        pass

def write():
    for number in range(6):
        path = f"out/{number}.txt"
        if os.path.exists(path):
            continue
        temporary = path if kind == "torn" else f"out/.writing-{number}"
        with open(temporary, "w") as file:
            for word in ("first\\n", "second\\n"):
                work()
                file.write(word)
                file.flush()
        os.replace(temporary, path)

try:
    write()
except KeyboardInterrupt:
    if kind == "tracing":
        raise
    print("interrupted")
    sys.exit(128 + received[0])
"""


def stop(kind, number, count, folder):
    command = Command(kind, [sys.executable, "-c", _WRITER, kind], lambda place, output: "writing")
    whole = signals.run_undisturbed(command, folder / "whole")
    assert sorted(whole.files) == [f"{number}.txt" for number in range(6)]
    seen = signals.Stops(kind, number)
    chance = random.Random(0)
    while seen.count < count:
        signals.run_chain(command, seen, count, whole, folder / "chains", chance)
    return seen


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_command_that_resumes_passes(tmp_path, number):
    seen = stop("whole", number, 4, tmp_path)
    assert seen.faults == [] or all("ended with -2" in fault or "Traceback" in fault for fault in seen.faults)
    assert seen.equal == seen.chains >= 1
    assert seen.count == 4
    assert seen.rows()[2].holds


def test_torn_files_are_faults(tmp_path):
    seen = stop("torn", signal.SIGKILL, 4, tmp_path)
    assert any("differs" in fault for fault in seen.faults)
    assert seen.equal < seen.chains
    assert (tmp_path / "chains").exists()  # what is at fault is kept
    assert any((tmp_path / "chains").glob(f"*/{OUT}"))


def test_a_traceback_after_ctrl_c_is_a_fault(tmp_path):
    seen = stop("tracing", signal.SIGINT, 3, tmp_path)
    assert any("a traceback: " in fault for fault in seen.faults)


def test_sigterm_without_a_line_is_a_fault(tmp_path):
    seen = stop("silent", signal.SIGTERM, 3, tmp_path)
    assert any("no line about the interruption: began" in fault for fault in seen.faults)
