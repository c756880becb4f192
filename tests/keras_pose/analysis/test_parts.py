"""Parts of an analysis in a folder."""

import os

import numpy as np
import pytest

from keras_pose.analysis.parts import PartFolder, PartStore


@pytest.fixture(params=["memory", "folder"])
def store(request, tmp_path):
    return PartStore() if request.param == "memory" else PartFolder(tmp_path / "parts", {"a": [1]})


def test_parts_count_up_to_the_first_gap(store):
    for number in (2, 3, 5):
        store.write(number, {"frames": np.arange(number)})
    assert [store.count_from(number) for number in (0, 2, 5)] == [0, 2, 1]
    np.testing.assert_array_equal(store.read(3)["frames"], [0, 1, 2])


def test_the_end_is_known_once_it_is_said(store):
    assert store.finished() is None
    store.finish({"fps": 25.0})
    assert store.finished() == {"fps": 25.0}


def test_the_same_job_finds_its_parts_and_another_one_does_not(tmp_path):
    PartFolder(tmp_path / "p", {"a": (1, 2)}).write(0, {"frames": np.arange(2)})
    (tmp_path / "p" / ".writing-x").write_text("")  # of a process that was killed
    again = PartFolder(tmp_path / "p", {"a": [1, 2]})
    assert (again.count_from(0), again.removed) == (1, False)
    assert not (tmp_path / "p" / ".writing-x").exists()
    other = PartFolder(tmp_path / "p", {"a": [1, 3]})
    assert (other.count_from(0), other.removed) == (0, True)
    other.remove()
    assert not (tmp_path / "p").exists()


def test_the_folder_is_made_for_the_first_part(tmp_path):
    folder = tmp_path / "parts"
    store = PartFolder(folder, {"video": "a"})
    assert store.count_from(0) == 0
    assert not folder.exists()
    store.remove()  # nothing to remove is no error
    store.write(0, {"frames": np.arange(3)})
    assert sorted(os.listdir(folder)) == ["job.json", "part-000000.npz"]


def test_damaged_parts_are_removed_so_that_they_are_made_again(tmp_path):
    folder = PartFolder(tmp_path / "p", {"a": 1})
    for number in range(3):
        folder.write(number, {"frames": np.arange(500) + number})
    folder.finish({"fps": 25.0})
    assert PartFolder(tmp_path / "p", {"a": 1}).finished() == {"fps": 25.0}
    path = tmp_path / "p" / "part-000001.npz"
    data = bytearray(path.read_bytes())
    data[2000] ^= 1
    path.write_bytes(data)
    again = PartFolder(tmp_path / "p", {"a": 1})
    assert (again.count_from(0), again.count_from(2), again.finished()) == (1, 1, None)


def test_a_kept_part_is_read_once_and_a_part_that_is_written_again_is_the_new_one(tmp_path):
    PartFolder(tmp_path / "p", {"a": 1}).write(0, {"frames": np.arange(2)})
    again = PartFolder(tmp_path / "p", {"a": 1})
    (tmp_path / "p" / "part-000000.npz").write_bytes(b"not read any more")
    np.testing.assert_array_equal(again.read(0)["frames"], [0, 1])
    again.write(0, {"frames": np.arange(3)})
    np.testing.assert_array_equal(again.read(0)["frames"], [0, 1, 2])


@pytest.mark.parametrize("content", [b"", b"{", b"[1]"])
def test_a_damaged_end_is_looked_for_again(tmp_path, content):
    folder = PartFolder(tmp_path / "p", {"a": 1})
    folder.finish({"fps": 25.0})
    (tmp_path / "p" / "end.json").write_bytes(content)
    assert PartFolder(tmp_path / "p", {"a": 1}).finished() is None
