"""Digests of files: a change of the content changes them."""

import numpy as np
import pytest

from keras_pose.media import file_digests


@pytest.mark.parametrize("size", [0, 1, 1000, (1 << 20) + 1, 3 << 20, 9 << 20])
def test_a_change_anywhere_in_the_sampled_parts_of_a_video_is_seen(tmp_path, size):
    content = bytearray(np.random.default_rng(0).integers(0, 256, size).astype(np.uint8).tobytes())
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    before = file_digests.digest_video(str(path))
    path.write_bytes(content + b"x")
    assert file_digests.digest_video(str(path)) != before
    for place in {0, size // 2, size - 1, (1 << 20) - 1} & set(range(size)) if size <= 3 << 20 else {0, 5, size - 1}:
        content[place] ^= 1
        path.write_bytes(content)
        assert file_digests.digest_video(str(path)) != before, place
        content[place] ^= 1


def test_the_digest_of_a_file_is_that_of_all_its_content(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"abc")
    assert file_digests.digest_file(str(path)) == "ba7816bf8f01cfea"
