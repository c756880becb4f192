"""The terminal shows a command's own lines."""

import os
import subprocess
import sys

import conftest
import tensorflow as tf


def test_a_command_shows_its_own_lines_only():
    environment = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
    command = [sys.executable, "evaluate.py", "--run_dir=runs/of_nobody"]
    done = subprocess.run(command, cwd=conftest.ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    lines = (done.stdout + done.stderr).splitlines()
    assert lines[-1].startswith("evaluate.py: runs/of_nobody: expected a run of train.py")
    assert not [line for line in lines if "NumExpr" in line]
    if tf.__version__.startswith("2.15"):  # 2.21 writes lines before its level of logging is read
        assert len(lines) == 1, lines
