"""`keras-pose` and `python -m keras_pose` pick a command by its name."""

import subprocess
import sys

import pytest

import keras_pose
from keras_pose.cli import main
from tests import conftest
from tests.helpers.module_runs import run_module


@pytest.mark.parametrize("flag", ["--help", "-h", "help"])
def test_help_describes_each_command_in_one_line(capsys, flag):
    assert main.main([flag]) == 0
    lines = capsys.readouterr().out.splitlines()
    for name in main.COMMANDS:
        [line] = [line for line in lines if line.split()[:1] == [name]]
        assert line.endswith(".")
        assert len(line.split()) > 3


def test_version_is_that_of_the_package(capsys):
    assert main.main(["--version"]) == 0
    assert capsys.readouterr().out == f"keras-pose {keras_pose.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "received"), [(["trian"], "'trian'"), ([], "none"), (["--steps=3"], "'--steps=3'")]
)
def test_an_unknown_command_is_a_usage_error_that_names_the_commands(capsys, arguments, received):
    assert main.main(arguments) == 2
    errors = capsys.readouterr().err
    assert errors.startswith(f"keras-pose: expected a command ({', '.join(main.COMMANDS)}), received {received}")


@pytest.mark.parametrize(
    ("command", "flag"),
    [
        ("train", "--batch_size:"),
        ("evaluate", "--[no]flip_test:"),
        ("export", "--model_name:"),
        ("predict", "--[no]labelled:"),
        ("inspect", "--minutes:"),
        ("suggest", "--around_labels:"),
        ("merge", "--[no]dry_run:"),
        ("import-caffe", "--offset:"),
        ("show", "--error_frames:"),
        ("serve", "--max_batch"),
    ],
)
def test_help_of_a_command_lists_its_flags(command, flag):
    _, output, _ = run_module(command, "--help")
    assert flag in output
    assert f"usage: keras-pose {command}" in output
    assert main.COMMANDS[command].summary in output or command == "serve"
    assert "--alsologtostderr" not in output


@pytest.mark.parametrize("command", ["train", "evaluate", "export"])
def test_errors_begin_with_the_name_of_the_command(command):
    code, _, errors = run_module(command)
    assert code == 1
    assert errors.startswith(f"keras-pose {command}: --run_dir: ")
    assert "be given" in errors


def test_errors_of_serve_begin_with_its_name():
    code, _, errors = run_module("serve")
    assert code == 2
    assert "keras-pose serve: error: expected --model_base_path or --model_config_file" in errors


def test_flags_reach_the_command(tmp_path):
    code, _, errors = run_module("export", f"--run_dir={tmp_path}")
    assert code == 1
    assert errors.splitlines()[-1].startswith(f"keras-pose export: {tmp_path}: expected a run of train.py")


def test_the_module_of_a_command_is_imported_only_if_it_runs():
    program = "import keras_pose.cli.main, sys; print(*{'absl', 'numpy', 'tensorflow', 'serving'} & set(sys.modules))"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=conftest.ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_doctor_runs_with_the_standard_library_alone():
    command = [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(conftest.ROOT)!r}); "]
    command[-1] += "from keras_pose.cli import main; sys.exit(main.main(['doctor']))"
    done = subprocess.run(command, cwd=conftest.ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 1, done.stderr
    assert done.stderr == ""
    assert "FAULT  requirements" in done.stdout  # neither packaging nor pip can be imported
    assert "No module named 'tensorflow'" in done.stdout
