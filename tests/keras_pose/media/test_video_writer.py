"""Videos that are written: they read back, and nothing is written of invalid frames."""

import os

import numpy as np
import pytest

from keras_pose.media import video
from tests.helpers.full_disk import limit_file_size


def grey_level(position):
    return 10 + 8 * position


def make_frames(count, size_hw=(24, 32)):
    """Frames whose brightness tells their position, red above and blue below, so that channels cannot be swapped."""
    frames = np.zeros((count, *size_hw, 3), np.uint8)
    for i in range(count):
        frames[i] = grey_level(i)
        frames[i, :4] = (255, 0, 0)
        frames[i, -4:] = (0, 0, 255)
    return frames


def positions_of(frames):
    return [round((float(f[8:-8].mean()) - 10) / 8) for f in frames]


@pytest.mark.parametrize("name", ["a.avi", "a.mp4"])
def test_a_written_video_reads_back(tmp_path, name):
    video.write_video(tmp_path / name, iter(make_frames(6)), 30)
    frames = video.VideoFrames(tmp_path / name)
    assert (frames.num_frames, frames.size_hw, round(frames.fps)) == (6, (24, 32), 30)
    assert positions_of(frames.read(range(6))) == list(range(6))
    assert os.listdir(tmp_path) == [name]


def test_odd_sizes_survive_motion_jpeg(tmp_path):
    video.write_video(tmp_path / "odd.avi", make_frames(3, (33, 41)), 10)
    assert video.VideoFrames(tmp_path / "odd.avi").size_hw == (33, 41)


def test_writing_refuses_invalid_frames_and_leaves_no_file(tmp_path):
    good = make_frames(2)
    for path, frames, fps, message in [
        ("a.xyz", good, 25, "ending in .avi"),
        ("a.avi", good, 0, "rate above 0"),
        ("a.avi", [], 25, "at least one frame"),
        ("a.avi", [good[0], good[1, :10]], 25, "frame 1: expected uint8.*24, 32"),
        ("a.avi", good.astype(np.float32), 25, "frame 0: expected uint8.*float32"),
    ]:
        with pytest.raises(ValueError, match=message):
            video.write_video(tmp_path / path, frames, fps)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["a.avi", "a.mp4", "a.mkv"])
@pytest.mark.parametrize("share", [0.05, 0.5, 0.95, 0.999])
def test_a_full_disk_is_an_error_and_leaves_no_file(tmp_path, name, share):
    frames = np.random.default_rng(0).integers(0, 256, (30, 48, 64, 3), np.uint8)
    video.write_video(tmp_path / name, frames, 25)
    size = (tmp_path / name).stat().st_size
    assert video.VideoFrames(tmp_path / name).num_frames == 30
    (tmp_path / name).unlink()
    with limit_file_size(int(size * share)), pytest.raises(OSError, match=f"{name}: only .* of 30 frames"):
        video.write_video(tmp_path / name, frames, 25)
    assert os.listdir(tmp_path) == []
