"""Image and video files, and clips that overlap."""

import cv2
import numpy as np
import pytest

from serving.client import media


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\xff\xd8\xff\xe0 and more", True),
        (b"\x89PNG\r\n\x1a\n", True),
        (b"\x89PNG", False),
        (b"RIFF", False),
        (b"", False),
    ],
)
def test_an_image_is_recognised_by_its_content(tmp_path, content, expected):
    path = tmp_path / "file.txt"
    path.write_bytes(content)
    assert media.is_image(path) is expected


def test_a_video_gives_its_frames_as_jpegs_in_order(video_file):
    video = media.VideoJpegs(video_file)
    frames = [cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) for data in video]
    assert video.fps == 25.0
    assert [frame.shape for frame in frames] == [(48, 64, 3)] * 23
    brightness = [frame.mean() for frame in frames]
    assert brightness == sorted(brightness)  # each frame is brighter than the one before


def test_a_file_that_is_not_a_video_is_refused(tmp_path):
    path = tmp_path / "notes.mp4"
    path.write_bytes(b"words")
    with pytest.raises(ValueError, match=r"notes\.mp4: expected a JPEG, PNG or video"):
        media.VideoJpegs(path)
    with pytest.raises(FileNotFoundError, match=r"none\.mp4: no such file"):
        media.VideoJpegs(tmp_path / "none.mp4")


@pytest.mark.parametrize(("length", "margin"), [(5, 2), (8, 0), (6, 1), (32, 8)])
@pytest.mark.parametrize("count", [0, 1, 4, 5, 6, 8, 9, 23, 40])
def test_clips_hold_each_frame_once_with_its_neighbours(count, length, margin):
    kept = []
    for clip, first, last in media.overlapping_clips(iter(range(count)), length, margin):
        assert len(clip) <= length
        for i in range(first, last):
            needed = range(max(0, clip[i] - margin), min(count, clip[i] + margin + 1))
            assert set(needed) <= set(clip)
        kept += clip[first:last]
    assert kept == list(range(count))


def test_clips_without_room_are_refused():
    with pytest.raises(ValueError, match="received length 4 and margin 2"):
        list(media.overlapping_clips([1], 4, 2))
