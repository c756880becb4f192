"""A command on a disk that is too small: the error, what is left, and going on with room."""

import os
import sys

import pytest

from benchmarks.fault_injection import disks, signals
from benchmarks.fault_injection.commands import Command

_WRITER = """
import os, sys
from keras_pose import files, locks

try:
    with locks.hold_folder("out", "taken"):
        for number in range(3):
            files.write_text(f"out/{number}.txt", "words\\n" * 20000)
except OSError as error:
    sys.exit(f"writer: {error}")
"""


def can_mount(folder):
    try:
        with disks.small_disk(folder, 1 << 20):
            return True
    except (ValueError, OSError, disks.subprocess.CalledProcessError):
        return False


def test_a_command_that_writes_whole_files_or_none_passes(tmp_path):
    if not can_mount(tmp_path / "probe"):
        pytest.skip("only root can mount a disk, and not in every container")
    command = Command("writer", [sys.executable, "-c", "import os; os.makedirs('out', exist_ok=True)" + _WRITER], str)
    whole = signals.run_undisturbed(command, tmp_path / "whole")
    size = disks.bytes_of(tmp_path / "whole" / "first" / "out")
    assert size == 3 * 120000
    seen = disks.fill(command, whole, size, 2, tmp_path / "disks")
    assert seen.faults == []
    assert (seen.small, seen.read_only, seen.named, seen.equal) == (2, 1, 3, 3)
    assert not os.path.ismount(tmp_path / "disks" / "read_only" / "out")
