"""Frames are encoded without loss as PNG, and read with a decoder of their own."""

import threading

import cv2
import numpy as np
import pytest

from keras_pose.data import lazy_video
from keras_pose.data.clip import Clip
from keras_pose.data.image_frames import ImageFrames
from keras_pose.data.pictures.files import PictureFiles
from keras_pose.media.video import VideoFrames
from keras_pose.sharding import encoding
from tests.helpers import coded_videos


def decode(data):
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]


def test_png_is_lossless_and_jpeg_is_close():
    frame = coded_videos.draw_frame(5)
    np.testing.assert_array_equal(decode(encoding.encode(frame, "png", 95)), frame)
    error = np.abs(decode(encoding.encode(frame, "jpeg", 95)).astype(int) - frame)
    assert 0 < error.mean() < 6
    assert len(encoding.encode(frame, "jpeg", 50)) < len(encoding.encode(frame, "jpeg", 95))


@pytest.mark.parametrize(
    ("changes", "is_copied"), [({}, True), ({"upright": frozenset({0})}, False), ({"turn": 6}, False)]
)
def test_jpeg_files_are_copied_if_reading_only_decodes_them(tmp_path, changes, is_copied):
    cv2.imwrite(str(tmp_path / "a.jpg"), coded_videos.draw_frame(1, (96, 96)))
    frames = ImageFrames(PictureFiles({0: str(tmp_path / "a.jpg")}, **changes))
    clip = Clip("a", frames, [0], np.ones((1, 1, 2)), np.full((1, 1), 2))
    copied = encoding.copied_file(clip, 0)
    assert copied == ((tmp_path / "a.jpg").read_bytes() if is_copied else None)
    ((_, _, data, was_copied),) = encoding.encode_records(clip, [(0, False)], False, "png", 95)
    assert was_copied == is_copied
    np.testing.assert_array_equal(decode(data), frames.read([0])[0])


@pytest.mark.parametrize("open_video", [VideoFrames, lazy_video.open_video])
def test_parts_of_a_video_are_read_at_the_same_time(tmp_path, open_video):
    path = coded_videos.write_numbered(tmp_path / "clip.mp4", 120, options={"g": "10", "crf": "10"})
    video = open_video(path or tmp_path / "clip.mp4")
    assert video.num_frames == 120
    clip = Clip("clip", video, [0], np.ones((1, 1, 2)), np.full((1, 1), 2))
    with encoding.reader_of(clip, 100) as one, encoding.reader_of(clip, 0) as other:
        assert len({id(one), id(other), id(video)}) == 3
    found = {}

    def read(start):
        records = [(p, False) for p in range(start, start + 20)]
        for position, _, data, _ in encoding.encode_records(clip, records, True, "png", 95):
            found[position] = data

    threads = [threading.Thread(target=read, args=(start,)) for start in (0, 40, 100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 60
    for position, data in found.items():
        assert coded_videos.read_number(decode(data)) == position
        np.testing.assert_array_equal(decode(data), video.read([position])[0])
