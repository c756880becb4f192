"""The files of a folder of shards."""

import concurrent.futures
import os
import zlib

import pytest

from keras_pose import files
from keras_pose.data import shard_files
from keras_pose.data.shard_files import ShardReader


def write_description(folder, **changes):
    description = {"version": shard_files.VERSION, "shards": [], **changes}
    description["digest"] = shard_files.digest_description(description)
    files.write_json(os.path.join(folder, shard_files.DESCRIPTION), description)
    return description


def test_names_fit_together():
    name = shard_files.shard_name(3, 12)
    assert name == "frames-00003-of-00012.tfrecord"
    assert shard_files.index_name(name) == "frames-00003-of-00012.index.npz"


def test_a_description_is_read_from_its_folder_or_its_file(tmp_path):
    written = write_description(tmp_path)
    assert shard_files.read_description(str(tmp_path)) == written
    assert shard_files.read_description(str(tmp_path / "shards.json")) == written


def test_bad_descriptions_are_refused(tmp_path):
    with pytest.raises(ValueError, match="not all written"):
        shard_files.read_description(str(tmp_path))
    write_description(tmp_path, version=99)
    with pytest.raises(ValueError, match="expected version 1 of the format of shards, found 99"):
        shard_files.read_description(str(tmp_path))
    written = write_description(tmp_path)
    files.write_json(tmp_path / "shards.json", {**written, "shards": [1]})
    with pytest.raises(ValueError, match="damaged or edited"):
        shard_files.read_description(str(tmp_path))
    (tmp_path / "shards.json").write_text("[]", encoding="utf-8")
    with pytest.raises(ValueError, match="expected the description of shards"):
        shard_files.read_description(str(tmp_path))


def test_digests_of_files_and_bytes_agree(tmp_path):
    data = os.urandom(3 << 20)
    (tmp_path / "a").write_bytes(data)
    assert shard_files.digest_file(str(tmp_path / "a")) == shard_files.digest_bytes(data)


def test_many_threads_read_many_files_with_few_open(tmp_path):
    count = 200
    names = [f"{number}.tfrecord" for number in range(count)]
    for number, name in enumerate(names):
        (tmp_path / name).write_bytes(b"before" + bytes([number]) * 1000)
    reader = ShardReader(str(tmp_path), names)

    def read(number):
        data = bytes([number % count]) * 1000
        return reader.read(number % count, 6, 1000, zlib.crc32(data), "record 0") == data

    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert all(pool.map(read, range(4 * count)))
    if before:
        assert len(os.listdir("/proc/self/fd")) <= before + 70


def test_damage_names_file_and_record(tmp_path):
    (tmp_path / "a.tfrecord").write_bytes(b"0123456789")
    reader = ShardReader(str(tmp_path), ["a.tfrecord", "b.tfrecord"])
    assert reader.read(0, 2, 4, zlib.crc32(b"2345"), "record 7") == b"2345"
    with pytest.raises(ValueError, match="a.tfrecord: record 7: damaged, its data does not fit its checksum"):
        reader.read(0, 2, 4, 5, "record 7")
    with pytest.raises(ValueError, match="a.tfrecord: record 7: damaged, the file is cut"):
        reader.read(0, 8, 4, 5, "record 7")
    with pytest.raises(ValueError, match="b.tfrecord: cannot be read: No such file"):
        reader.read(1, 0, 1, 0, "record 0")


def test_all_texts_of_a_clip_are_kept():
    assert {"session", "group"} <= set(shard_files.clip_texts())
