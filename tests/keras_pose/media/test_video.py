"""Frames of videos: positions, threads, damaged files, and writing."""

import glob
import os
import pathlib
import threading

import cv2
import numpy as np
import pytest

from keras_pose import media
from keras_pose.media import images, video

LIPS = pathlib.Path(__file__).resolve().parents[4] / "shared" / "data" / "lips"
needs_lips = pytest.mark.skipif(not LIPS.is_dir(), reason=f"the labelled lips project is not at {LIPS}")


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


@pytest.fixture
def clip_path(tmp_path):
    path = tmp_path / "clip.avi"
    video.write_video(path, make_frames(20), 25)
    return path


def positions_of(frames):
    return [round((float(f[8:-8].mean()) - 10) / 8) for f in frames]


def test_frames_are_counted_and_sized_by_decoding(clip_path):
    frames = video.VideoFrames(clip_path)
    assert frames.num_frames == 20
    assert frames.size_hw == (24, 32)
    assert frames.fps == 25


@pytest.mark.parametrize("indices", [[0], [19], [5, 6, 7], [7, 6, 5], [3, 3, 3], [12, 0, 19, 1], []])
def test_frames_come_in_the_order_asked_for(clip_path, indices):
    frames = video.VideoFrames(clip_path).read(indices)
    assert frames.shape == (len(indices), 24, 32, 3)
    assert frames.dtype == np.uint8
    assert positions_of(frames) == indices


def test_channels_are_red_green_blue(clip_path):
    frame = video.VideoFrames(clip_path).read([4])[0]
    assert frame[1, :, 0].mean() > 200
    assert frame[1, :, 2].mean() < 60
    assert frame[-2, :, 2].mean() > 200


def test_going_back_beyond_the_kept_frames_gives_the_same_frames(clip_path, monkeypatch):
    monkeypatch.setattr(video, "_RECENT_FRAMES", 2)
    frames = video.VideoFrames(clip_path)
    order = np.random.Generator(np.random.PCG64(0)).permutation(20)
    assert [positions_of(frames.read([i]))[0] for i in order] == list(order)
    assert len(frames._recent) == 2


def test_changes_to_frames_that_were_read_do_not_affect_later_reads(clip_path):
    frames = video.VideoFrames(clip_path)
    frames.read([3])[:] = 0
    assert positions_of(frames.read([3])) == [3]


def test_threads_share_one_video(clip_path):
    frames = video.VideoFrames(clip_path)
    found = {}

    def work(seed):
        order = np.random.Generator(np.random.PCG64(seed)).integers(0, 20, 30)
        found[seed] = [positions_of(frames.read([i]))[0] == i for i in order]

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert sorted(found) == [0, 1, 2, 3]
    assert all(all(f) for f in found.values())


def test_asking_for_a_frame_needs_no_count(clip_path):
    frames = video.VideoFrames(clip_path)
    assert frames.has_frame(7)
    assert positions_of(frames.read([7])) == [7]
    assert frames._num_frames is None
    assert [frames.has_frame(i) for i in (-1, 0, 19, 20)] == [False, True, True, False]
    assert frames._num_frames == 20
    assert positions_of(frames.read([3])) == [3]


def test_reading_goes_on_after_close(clip_path):
    frames = video.VideoFrames(clip_path)
    frames.read([5])
    frames.close()
    assert positions_of(frames.read([6])) == [6]


@pytest.mark.parametrize(("index", "message"), [(20, "cannot read frame 20.*ends after 20 frames"), (-1, "from 0.*-1")])
def test_a_position_outside_the_video_names_file_and_frame(clip_path, index, message):
    frames = video.VideoFrames(clip_path)
    with pytest.raises(ValueError, match=f"clip.avi.*{message}"):
        frames.read([2, index])
    assert positions_of(frames.read([2])) == [2]


def test_missing_empty_and_damaged_videos_are_refused(tmp_path):
    with pytest.raises(ValueError, match="no.avi.*no such file"):
        video.VideoFrames(tmp_path / "no.avi")
    (tmp_path / "empty.avi").write_bytes(b"")
    (tmp_path / "noise.avi").write_bytes(bytes(range(256)) * 20)
    for name in ("empty.avi", "noise.avi"):
        with pytest.raises(ValueError, match=f"{name}.*expected a video"):
            video.VideoFrames(tmp_path / name)


def test_a_truncated_video_has_the_frames_that_decode(clip_path, tmp_path):
    data = clip_path.read_bytes()
    cut = tmp_path / "cut.avi"
    cut.write_bytes(data[: len(data) // 2])
    with pytest.warns(media.MediaWarning, match="cut.avi: .*the file states 20 frames, but ends after"):
        frames = video.VideoFrames(cut)
    assert 0 < frames.num_frames < 20
    assert positions_of(frames.read([frames.num_frames - 1])) == [frames.num_frames - 1]
    with pytest.raises(ValueError, match="cut.avi.*frame 19"):
        frames.read([19])


@needs_lips
def test_real_videos_give_the_sequential_frames_where_seeking_does_not():
    path = LIPS / "videos" / "051_aud.avi"
    capture = cv2.VideoCapture(str(path))
    sequential = []
    while True:
        ok, frame = capture.read()
        if not ok:
            break
        sequential.append(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
    frames = video.VideoFrames(path)
    assert frames.num_frames == len(sequential) == 311
    for indices in ([264], [10, 11], [301, 252, 283], [0, 310]):
        np.testing.assert_array_equal(frames.read(indices), [sequential[i] for i in indices])


@needs_lips
def test_real_labelled_images_show_the_frame_of_their_number():
    frames = video.VideoFrames(LIPS / "videos" / "002_cal.avi")
    for path in sorted(glob.glob(str(LIPS / "labeled-data" / "002_cal" / "img*.png")))[:3]:
        number = int(os.path.basename(path)[3:-4])
        image = images.read_image(path).astype(float)
        errors = [np.abs(image - f).mean() for f in frames.read(range(number - 2, number + 3))]
        assert np.argmin(errors) == 2
