"""The command prepare, from the command line to shards, and a training from them."""

import pytest

from tests.helpers.module_runs import run_module

SIGNERS = ("--data=signers:train:4", "--signer_frames=4", "--signer_size=64")


def run(*arguments):
    """Returns (exit status, output, errors)."""
    return run_module(*arguments, TF_CPP_MIN_LOG_LEVEL="3")


def test_shards_are_prepared_and_checked(tmp_path):
    folder = tmp_path / "shards"
    status, said, errors = run("prepare", *SIGNERS, f"--out_dir={folder}")
    assert (status, errors) == (0, "")
    assert said.startswith(f"{folder}: 16 frames (16 labelled) of 4 clips in 1 shards, ")
    assert said.endswith(f"train with --data={folder}\n")
    assert run("prepare", f"--check={folder}")[:2] == (
        0,
        f"{folder}: 16 frames in 1 shards, all as they were written\n",
    )
    shard = folder / "frames-00000-of-00001.tfrecord"
    shard.write_bytes(shard.read_bytes()[:-1] + b"\0")
    status, said, errors = run("prepare", f"--check={folder}")
    assert (status, errors) == (1, "")
    assert "1 faults; delete these files and run the same `keras-pose prepare` again" in said


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "keras-pose prepare: --out_dir, --check: expected a folder to write shards to, or one to check"),
        (("--data=none", "--out_dir=x/y"), "keras-pose prepare: --data: none: no such file or folder"),
        (("--check=none",), "keras-pose prepare: --check: expected a finished folder of shards"),
    ],
)
def test_mistakes_are_one_line(arguments, message, tmp_path):
    arguments = tuple(text.replace("x/y", f"{tmp_path}/y") for text in arguments)
    status, _, errors = run("prepare", *arguments)
    assert status == 1
    assert errors.startswith(message)
    assert errors.count("\n") == 1
