"""The terminal shows a command's own lines."""

import os
import subprocess
import sys

import pytest
import tensorflow as tf

from keras_pose import console
from tests import conftest


@pytest.mark.parametrize(
    "error", [ValueError("a.csv:3: bad"), OSError("a.csv:3: bad"), ArithmeticError("a.csv:3: bad")]
)
def test_errors_that_a_user_can_mend_are_one_line(error):
    with pytest.raises(SystemExit) as ended, console.exit_on_error("train.py"):
        raise error
    assert ended.value.code == "train.py: a.csv:3: bad"


def test_an_interruption_has_its_own_line_and_code(capsys):
    with pytest.raises(SystemExit) as ended, console.exit_on_error("train.py", "go on with it"):
        raise KeyboardInterrupt
    assert ended.value.code == 130
    assert capsys.readouterr().err.strip() == "go on with it"


def test_mistakes_in_the_code_keep_their_traceback():
    with pytest.raises(KeyError), console.exit_on_error("train.py"):
        raise KeyError("x")


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
