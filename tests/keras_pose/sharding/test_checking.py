"""Damaged shards are found, and each damaged record is named."""

import os
import shutil

import pytest

from keras_pose.data import shard_files
from keras_pose.sharding import checking
from tests.helpers import sharded

SHARD = "frames-00001-of-00003.tfrecord"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return sharded.prepare(tmp_path_factory.mktemp("whole") / "shards", **sharded.SIGNERS, frames_per_shard=5)[0]


@pytest.fixture
def folder(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "shards")


def check(folder):
    said = []
    return checking.check(str(folder), 2, said.append), said


def flip(path, place):
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


def test_whole_shards_pass(folder):
    assert check(folder) == (0, [f"{folder}: 12 frames in 3 shards, all as they were written"])


def test_a_damaged_record_is_named(folder):
    index = shard_files.files.read_arrays(folder / shard_files.index_name(SHARD))
    flip(folder / SHARD, int(index["offset"][2]) + 500)
    count, said = check(folder)
    assert count == 1
    clip = f"signers-train-{index['clip'][2]:05d}"
    assert said[0] == (
        f"{folder / SHARD}: record 2 (frame {index['position'][2]} of clip {clip}): damaged, its data does not fit its "
        "checksum"
    )
    # Training that meets it names it, too.
    source = sharded.open_with(data=str(folder))
    with pytest.raises(ValueError, match=f"{SHARD}: record 2 .frame {index['position'][2]} of clip {clip}.: damaged"):
        source.clips[int(index["clip"][2])].frames.read([int(index["position"][2])])
    # Written again, it is whole.
    os.remove(folder / SHARD)
    sharded.prepare(folder, **sharded.SIGNERS, frames_per_shard=5)
    assert check(folder)[0] == 0


@pytest.mark.parametrize("place", [1, 9, -1])
def test_a_damaged_framing_is_found(folder, place):
    flip(folder / SHARD, place)
    count, said = check(folder)
    assert count == 1
    assert said[0].startswith(f"{folder / SHARD}: ")


def test_a_cut_shard_a_missing_one_and_a_damaged_index_are_found(folder):
    path = folder / SHARD
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ValueError, match=f"{SHARD}: expected .* bytes, found"):
        sharded.open_with(data=str(folder))
    os.remove(folder / "frames-00000-of-00003.tfrecord")
    flip(folder / "frames-00002-of-00003.index.npz", 300)
    count, said = check(folder)
    assert count == 3
    assert said[0] == f"{folder}/frames-00000-of-00003.tfrecord: missing; shards.json says that it is in this folder"
    assert said[1].endswith("missing, the file is cut")
    assert "frames-00002-of-00003.index.npz: damaged" in said[2]


def test_bytes_behind_the_last_record_are_found(folder):
    with open(folder / SHARD, "ab") as file:
        file.write(b"more")
    assert check(folder)[1][0] == f"{folder / SHARD}: 4 bytes behind the last record"


def test_an_unfinished_folder_is_refused(tmp_path):
    with pytest.raises(ValueError, match="--check: expected a finished folder of shards"):
        checking.check(str(tmp_path))
