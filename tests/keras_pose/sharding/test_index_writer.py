"""The index of a shard."""

import json
import zlib

import numpy as np
import pytest

from keras_pose.data import shard_files
from keras_pose.data.clip import ArrayFrames, Clip
from keras_pose.sharding.index_writer import IndexWriter


def write(path, num_landmarks=1):
    clip = Clip("a", ArrayFrames(np.zeros((6, 4, 5, 3))), [2, 4], np.ones((2, 1, 2)), [[2], [1]])
    index = IndexWriter(1, num_landmarks)
    index.add(0, 2, False, b"head PICTURE tail", b"PICTURE")
    index.add_label(clip, 0, 0, "0123456789abcdef")
    index.add(0, 3, False, b"picture", b"picture")
    index.add(0, 4, True, b"third", b"rd")
    index.add_label(clip, 0, 1, "")
    path.write_bytes(b"." * (17 + 7 + 5 + 3 * shard_files.FRAMING))
    return index


def test_places_checksums_and_labels(tmp_path):
    index = write(tmp_path / "shard")
    index.finish(str(tmp_path / "shard"))
    arrays = index.arrays()
    assert arrays["offset"].tolist() == [0, 33, 56]
    assert arrays["length"].tolist() == [17, 7, 5]
    assert arrays["picture_start"].tolist() == [5, 0, 3]
    assert arrays["crc"].tolist() == [zlib.crc32(data) for data in (b"head PICTURE tail", b"picture", b"third")]
    assert arrays["alone"].tolist() == [False, False, True]
    assert arrays["label_position"].tolist() == [2, 4]
    assert arrays["picture_digest"].tolist() == [b"0123456789abcdef", b""]
    assert json.loads(arrays["origins"].tobytes()) == ["a:2", "a:4"]
    assert np.isnan(arrays["landmarks"]).all()
    assert int(arrays["bytes"]) == 77
    assert str(arrays["sha256"]) == shard_files.digest_file(str(tmp_path / "shard"))


def test_a_shard_of_neighbours_has_empty_arrays():
    index = IndexWriter(3, 0)
    index.add(0, 2, False, b"data", b"data")
    arrays = index.arrays()
    assert arrays["joints"].shape == (0, 3, 2)
    assert arrays["landmarks"].shape == (0, 0, 2)


def test_a_file_of_another_size_is_an_error(tmp_path):
    index = write(tmp_path / "shard")
    (tmp_path / "shard").write_bytes(b"short")
    with pytest.raises(OSError, match="expected 77 bytes, found 5"):
        index.finish(str(tmp_path / "shard"))
