"""Clips of JHMDB for the benchmark of flow on real people."""

import numpy as np
import pytest

from benchmarks.motion import real_clips
from tests.helpers import jhmdb_folders

TEST_CLIP = jhmdb_folders.CLIPS[2]


@pytest.fixture
def folder(tmp_path):
    root = jhmdb_folders.write(tmp_path)
    (root / "test_upper.txt").write_text(f"{TEST_CLIP}\n")
    return str(root)


def test_one_clip_of_each_film_that_is_not_tested(folder):
    [clip] = real_clips.open_clips(folder, 64, test=False, most=9)
    assert clip.film == "Big_Film"
    [tested] = real_clips.open_clips(folder, 64, test=True, most=9)
    assert tested.film == "Hello_[@]_wave"
    assert real_clips.open_clips(folder, 64, test=False, most=0) == []


def test_frames_and_joints_are_those_of_the_input(folder):
    [clip] = real_clips.open_clips(folder, 64, test=True, most=9)
    assert clip.frames.shape == (4, 64, 64, 3)
    assert clip.frames.dtype == np.uint8
    np.testing.assert_array_equal(clip.frames[:, 32, 32, 0], 20 + 10 * np.arange(4))
    # 32×24 px become 64×48 with 8 px above; labels count from the outer edge of a pixel.
    labels = jhmdb_folders.joints_of(TEST_CLIP, 4).transpose(2, 1, 0)
    expected = labels * 2 + (0, 8) - 0.5
    inside = ((labels > 0) & (labels < (32, 24))).all(-1)
    np.testing.assert_allclose(clip.joints[inside], expected[inside], atol=1e-4)


def test_every_second_film_is_read_backwards(folder):
    with open(f"{folder}/test_upper.txt", "w", encoding="utf-8") as file:
        file.write("\n".join(jhmdb_folders.CLIPS))
    forwards, backwards, last = real_clips.open_clips(folder, 64, test=True, most=9)
    assert forwards.frames[0, 32, 32, 0] == last.frames[0, 32, 32, 0] == 20
    assert backwards.frames[0, 32, 32, 0] == 50
    assert forwards.joints[0, 0, 0] < forwards.joints[-1, 0, 0]
    assert backwards.joints[0, 0, 0] > backwards.joints[-1, 0, 0]


def test_each_film_can_be_read_in_both_directions_and_the_first_left_out(folder):
    with open(f"{folder}/test_upper.txt", "w", encoding="utf-8") as file:
        file.write("\n".join(jhmdb_folders.CLIPS))
    every = real_clips.open_clips(folder, 64, test=True, most=9)
    clips = real_clips.open_clips(folder, 64, test=True, most=1, skip=1, both=True)
    assert [clip.film for clip in clips] == [every[1].film] * 2
    assert [clip.frames[0, 32, 32, 0] for clip in clips] == [20, 50]
    np.testing.assert_array_equal(clips[0].joints, clips[1].joints[::-1])
