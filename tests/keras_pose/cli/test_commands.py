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


# Runs a script at the top, and says at its end whether TensorFlow was imported.
WATCHED = """
import atexit, runpy, sys
name = sys.argv[1]
del sys.argv[0]
atexit.register(lambda: print("tensorflow" in sys.modules, flush=True))
runpy.run_path(name, run_name="__main__")
"""


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("train.py", ["--run_dir={new}", "--data={gone}"], "--data: {gone}: no such file or folder; expected signers"),
        ("train.py", ["--run_dir={new}", "--test_data={gone}"], "--test_data: {gone}: no such file or folder"),
        ("train.py", ["--run_dir={new}", "--test_clips={gone}"], "--test_clips: {gone}: expected a file of clip"),
        ("train.py", ["--run_dir={new}", "--init_from={gone}"], "--init_from: {gone}: expected a run of train.py"),
        (
            "train.py",
            ["--run_dir={new}", "--preset=resnet50", "--backbone_weights={gone}"],
            "--backbone_weights={gone}: no such file",
        ),
        ("train.py", ["--run_dir={file}/run"], "--run_dir: expected a folder that can be written"),
        ("train.py", ["--run_dir={new}", "--data={labels}"], "{labels}:1: "),
        ("train.py", ["--flagfile={gone}", "--run_dir={new}"], "--flagfile: expected a file of flags"),
        ("train.py", ["--run_dir={new}", "--flagfile", "{gone}"], "--flagfile: expected a file of flags"),
        ("evaluate.py", ["--run_dir={gone}"], "{gone}: expected a run of train.py"),
        ("evaluate.py", ["--flagfile={gone}"], "--flagfile: expected a file of flags"),
        ("export.py", ["--run_dir={gone}"], "{gone}: expected a run of train.py"),
    ],
)
def test_mistyped_paths_and_bad_labels_are_reported_before_tensorflow_loads(tmp_path, name, arguments, message):
    (tmp_path / "file").write_text("")
    (tmp_path / "labels.txt").write_text("image.png 1,2,3 0 0\n")
    places = {key: str(tmp_path / key) for key in ("new", "gone", "file")}
    places["labels"] = str(tmp_path / "labels.txt")
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, name, *(argument.format(**places) for argument in arguments)],
        cwd=conftest.ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 1
    assert done.stdout.strip() == "False"
    assert message.format(**places) in done.stderr
    assert done.stderr.startswith(f"{name}: ")
    assert "Traceback" not in done.stderr
