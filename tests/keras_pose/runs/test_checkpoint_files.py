"""Files of checkpoints are found by their exact names, in folders of any name."""

import pytest

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
