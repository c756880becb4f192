"""Files of checkpoints are found by their exact names, in folders of any name."""

import numpy as np
import pytest

from keras_pose import files
from keras_pose.runs import checkpoint_files

FOLDERS = ["plain", "run [lr=1e-3]", "a*b", "what?", "%d", "{x}", "with spaces", "ü", "[!a]", "back\\slash"]


@pytest.mark.parametrize("name", FOLDERS)
def test_the_newest_comes_first(tmp_path, name):
    folder = tmp_path / name
    folder.mkdir()
    for step in (5, 123456789, 100, 99999999):
        open(checkpoint_files.path_of(str(folder), step), "wb").close()
    others = [
        "step-5.npz",
        "step-00000007.npz.old",
        "a step-00000009.npz",
        "step-0000000a.npz",
        ".writing-x-step-1.npz",
    ]
    for other in others:
        (folder / other).write_bytes(b"")
    assert checkpoint_files.newest_step(str(folder)) == 123456789
    found = checkpoint_files.newest_first(str(folder))
    assert found == [checkpoint_files.path_of(str(folder), step) for step in (123456789, 99999999, 100, 5)]
    checkpoint_files.remove_older(str(folder), 2)
    left = {path.name for path in folder.iterdir()}
    assert left == {"step-123456789.npz", "step-99999999.npz", *others[:-1]}


def test_a_folder_that_does_not_exist_has_none(tmp_path):
    assert checkpoint_files.newest_step(str(tmp_path / "none")) == 0
    assert checkpoint_files.newest_first(str(tmp_path / "none")) == []


DAMAGE = {
    "cut": lambda data: data[: len(data) // 2],
    "empty": lambda data: b"",
    "zeroed": lambda data: b"\0" * len(data),
    "hole": lambda data: data[:3000] + b"\0" * 512 + data[3512:],
    "bit": lambda data: data[:5000] + bytes([data[5000] ^ 1]) + data[5001:],
}


def write_checkpoints(folder, *steps):
    for step in steps:
        arrays = {"step": step, "memory": "{}", "weight_0": np.arange(2000.0) + step}
        files.write_arrays(checkpoint_files.path_of(str(folder), step), arrays)


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_newest_checkpoint_is_set_aside_and_reported(tmp_path, damage):
    write_checkpoints(tmp_path, 3, 6)
    newest = tmp_path / "step-00000006.npz"
    damaged = damage(newest.read_bytes())
    newest.write_bytes(damaged)
    [line] = checkpoint_files.set_damaged_aside(str(tmp_path))
    assert line.startswith(f"warning: {newest} is damaged (")
    assert "; going on from the checkpoint before, step 3." in line
    assert checkpoint_files.newest_step(str(tmp_path)) == 3
    assert (tmp_path / "step-00000006.npz.damaged").read_bytes() == damaged
    assert checkpoint_files.set_damaged_aside(str(tmp_path)) == []


def test_a_checkpoint_under_the_name_of_another_step_is_damaged(tmp_path):
    write_checkpoints(tmp_path, 3)
    (tmp_path / "step-00000009.npz").write_bytes((tmp_path / "step-00000003.npz").read_bytes())
    assert "(it is of step 3)" in checkpoint_files.set_damaged_aside(str(tmp_path))[0]


def test_if_all_are_damaged_nothing_is_changed(tmp_path):
    assert checkpoint_files.set_damaged_aside(str(tmp_path / "none")) == []
    write_checkpoints(tmp_path, 3, 6)
    for path in tmp_path.iterdir():
        path.write_bytes(b"PK")
    with pytest.raises(
        ValueError, match=r"all checkpoints are damaged \(step-00000006.npz, step-00000003.npz; .*remove"
    ):
        checkpoint_files.set_damaged_aside(str(tmp_path))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["step-00000003.npz", "step-00000006.npz"]
