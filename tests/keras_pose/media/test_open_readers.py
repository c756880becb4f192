"""Which of many videos keep their decoder."""

import gc
import os
import threading

import numpy as np
import pytest

from keras_pose.media import open_readers
from keras_pose.media.open_readers import OpenReaders
from keras_pose.media.video import VideoFrames
from keras_pose.media.video_writer import write_video


class Reader:
    def __init__(self):
        self.busy = False
        self.closed = 0

    def close_if_idle(self):
        self.closed += not self.busy
        return not self.busy


def test_the_readers_that_were_used_last_stay_open():
    readers = [Reader() for _ in range(4)]
    pool = OpenReaders(most=2)
    for number in (0, 1, 0, 2, 3):
        pool.used(readers[number])
    assert [reader.closed for reader in readers] == [1, 1, 0, 0]


def test_a_reader_at_work_is_closed_later():
    readers = [Reader() for _ in range(3)]
    readers[0].busy = True
    pool = OpenReaders(most=1)
    for reader in readers[:2]:
        pool.used(reader)
    assert [reader.closed for reader in readers] == [0, 0, 0]
    readers[0].busy = False
    pool.used(readers[2])
    assert [reader.closed for reader in readers] == [1, 1, 0]


def test_readers_are_not_kept_alive():
    pool = OpenReaders(most=5)
    deleted = []

    class Counted(Reader):
        def __del__(self):
            deleted.append(self)

    pool.used(Counted())
    gc.collect()
    assert len(deleted) == 1
    pool.used(Reader())


@pytest.fixture
def films(tmp_path):
    """Videos of 6 frames whose grey level tells the video and the frame; more than keep their decoder."""
    paths = []
    for number in range(open_readers.MOST_READERS + 8):
        path = tmp_path / f"{number}.avi"
        write_video(path, [np.full((32, 32, 3), 3 * number + 20 * frame, np.uint8) for frame in range(6)], 25)
        paths.append(path)
    return paths


def open_files(folder):
    names = [os.path.realpath(f"/proc/self/fd/{number}") for number in os.listdir("/proc/self/fd")]
    return sum(name.startswith(str(folder)) for name in names)


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="lists open files as Linux does")
def test_many_videos_read_in_turn_hold_few_files(films, tmp_path):
    videos = [VideoFrames(path) for path in films]
    for frame in (1, 4, 2):
        for number, video in enumerate(videos):
            grey = video.read([frame])[0].mean()
            assert abs(grey - (3 * number + 20 * frame)) < 3
    assert 0 < open_files(tmp_path) <= open_readers.MOST_READERS


def test_threads_that_share_many_videos_read_the_right_frames(films):
    videos = [VideoFrames(path) for path in films]
    wrong = []

    def read(seed):
        random = np.random.default_rng(seed)
        for number, frame in zip(random.integers(len(videos), size=60), random.integers(6, size=60)):
            grey = videos[number].read([frame])[0].mean()
            if abs(grey - (3 * number + 20 * frame)) >= 3:
                wrong.append((number, frame, grey))

    threads = [threading.Thread(target=read, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
