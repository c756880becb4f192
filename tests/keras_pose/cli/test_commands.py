"""Scripts at the top read flags and do one piece of work."""

import subprocess
import sys

import pytest

from tests import conftest


def run_script(name, *arguments):
    """Returns (exit code, output, errors) of a script at the top."""
    done = subprocess.run(
        [sys.executable, name, *arguments], cwd=conftest.ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("name", "flag"), [("train.py", "--batch_size"), ("evaluate.py", "--flip_test"), ("export.py", "--model_name")]
)
def test_help_lists_the_flags_of_the_command_alone(name, flag):
    _, output, _ = run_script(name, "--help")
    assert f"{flag}:" in output or f"--[no]{flag[2:]}:" in output
    assert "--run_dir:" in output
    assert "--alsologtostderr" not in output


def test_words_that_are_no_flags_are_refused():
    code, _, errors = run_script("export.py", "runs/mine")
    assert code == 1
    assert errors.strip() == "export.py: expected flags only, received ['runs/mine']"


@pytest.mark.parametrize("arguments", [[], ["--run_dir="]])
def test_a_flag_that_has_to_be_given_is_named(arguments):
    code, _, errors = run_script("train.py", *arguments)
    assert code == 1
    assert errors.startswith("train.py: --run_dir: must be given.")
