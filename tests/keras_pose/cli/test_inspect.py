"""The command `keras-pose inspect`: its argument and its errors."""

import subprocess
import sys

from tests import conftest


def run_inspect(*arguments):
    command = [sys.executable, "-m", "keras_pose", "inspect", *arguments]
    done = subprocess.run(command, cwd=conftest.ROOT, capture_output=True, text=True, check=False, timeout=120)
    return done.returncode, done.stdout + done.stderr


def test_the_source_may_be_the_first_argument(tmp_path):
    out = tmp_path / "out"
    code, output = run_inspect(
        "signers:train:5", "--signer_size=64", "--measure=false", f"--out_dir={out}", "--pictures=2"
    )
    assert code == 0, output
    assert "80 labelled frames of 5 clips" in output
    assert (out / "proposed.flags").exists()
    assert "--signer_size=64" in (out / "proposed.flags").read_text()


def test_errors_begin_with_the_command(tmp_path):
    code, output = run_inspect(f"--data={tmp_path / 'gone'}")
    assert code != 0
    assert "keras-pose inspect: " in output
    assert "no such file or folder" in output
    assert "Traceback" not in output
