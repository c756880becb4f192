"""Frames from image files: alone, at positions of their own, and beside a video."""

import cv2
import numpy as np
import pytest

from keras_pose.data.image_frames import ImageFrames, VideoWithImages
from keras_pose.data.pictures.files import PictureFiles
from keras_pose.media import MediaWarning, video
from tests.helpers import coded_videos


def write_image(path, array):
    assert cv2.imwrite(str(path), array)
    return path


def test_grey_and_colour_images_become_rgb(tmp_path):
    grey = write_image(tmp_path / "grey.png", np.full((5, 7), 90, np.uint8))
    colour = write_image(tmp_path / "colour.png", np.full((5, 7, 3), (0, 0, 200), np.uint8))  # BGR on disk
    frames = ImageFrames([grey, colour])
    assert frames.num_frames is None
    assert frames.size_hw == (5, 7)
    read = frames.read([1, 0])
    np.testing.assert_array_equal(read[0], np.full((5, 7, 3), (200, 0, 0)))
    np.testing.assert_array_equal(read[1], np.full((5, 7, 3), 90))


def test_images_may_stand_at_positions_of_their_own(tmp_path):
    paths = {p: write_image(tmp_path / f"{p}.png", np.full((4, 4), p, np.uint8)) for p in (3, 11)}
    frames = ImageFrames(paths)
    assert frames.read([11])[0, 0, 0, 0] == 11
    with pytest.raises(ValueError, match="no image at position 4.*3 to 11"):
        frames.read([4])


def test_an_image_of_another_size_or_a_broken_one_is_named(tmp_path):
    good = write_image(tmp_path / "good.png", np.random.default_rng(0).integers(0, 255, (30, 40), np.uint8))
    odd = write_image(tmp_path / "odd.png", np.zeros((6, 4), np.uint8))
    cut = tmp_path / "cut.png"
    cut.write_bytes(good.read_bytes()[:400])
    frames = ImageFrames([good, odd, cut, tmp_path / "gone.png"])
    with pytest.raises(ValueError, match="odd.png: frame 1: expected 30×40.*found 6×4"):
        frames.read([1])
    with pytest.raises(ValueError, match=r"cut.png.*truncated.*frame 2"):
        frames.read([2])
    with pytest.raises(ValueError, match=r"gone.png.*no such file.*frame 3"):
        frames.read([3])
    with pytest.raises(ValueError, match="at least one image"):
        ImageFrames([])


@pytest.fixture
def clip_path(tmp_path):
    """A video of 20 frames; the grey level of each is 10 + 8 × its position."""
    path = tmp_path / "clip.avi"
    video.write_video(path, [np.full((24, 32, 3), 10 + 8 * i, np.uint8) for i in range(20)], 25)
    return path


def positions_of(frames):
    return [round((float(frame.mean()) - 10) / 8) for frame in frames]


def test_a_single_label_is_read_from_its_image_and_a_window_from_the_video(clip_path, tmp_path):
    paths = {p: write_image(tmp_path / f"{p}.png", np.full((24, 32), 250, np.uint8)) for p in (4, 30)}
    frames = VideoWithImages(clip_path, paths)
    assert (frames.num_frames, frames.size_hw) == (20, (24, 32))
    assert (frames.read([4]) == 250).all()
    assert (frames.read([30, 30]) == 250).all()
    assert positions_of(frames.read([3, 4, 5])) == [3, 4, 5]
    assert positions_of(frames.read([9])) == [9]


def test_an_image_beside_a_video_must_have_its_size(clip_path, tmp_path):
    frames = VideoWithImages(video.VideoFrames(clip_path), {4: write_image(tmp_path / "4.png", np.zeros((24, 30)))})
    with pytest.raises(ValueError, match=r"4.png: frame 4: expected 24×32 px .* found 24×30"):
        frames.read([4])
    assert positions_of(frames.read([3, 4])) == [3, 4]


def test_no_positions_give_no_frames(clip_path, tmp_path):
    path = write_image(tmp_path / "0.png", np.zeros((24, 32)))
    for frames in (ImageFrames([path]), VideoWithImages(clip_path, {0: path})):
        assert frames.read([]).shape == (0, 24, 32, 3)


def test_a_damaged_frame_is_read_from_its_image(tmp_path):
    path = coded_videos.write_numbered(tmp_path / "clip.mov", 10, codec="mjpeg", pix_fmt="yuvj420p")
    for start, size in coded_videos.packet_places(path)[4:6]:
        coded_videos.damage(path, start, size)
    image = write_image(tmp_path / "4.png", np.full((96, 128), 250, np.uint8))
    frames = VideoWithImages(path, {4: image})
    with pytest.warns(MediaWarning, match="4 to 5"):
        assert frames.num_frames == 10
    assert frames.missing == {4, 5}
    assert (frames.read([4]) == 250).all()
    read = frames.read([3, 4, 6])
    assert [coded_videos.read_number(read[0]), coded_videos.read_number(read[2])] == [3, 6]
    assert (read[1] == 250).all()
    with pytest.raises(ValueError, match="frame 5 is damaged"):
        frames.read([4, 5])


def test_images_can_be_turned_like_their_video(tmp_path):
    path = coded_videos.write_numbered(tmp_path / "clip.mp4", 4)
    stored = video.VideoFrames(path).read([2])[0]
    coded_videos.turn_by_matrix(path, (0, 1, -1, 0))
    image = write_image(tmp_path / "2.png", np.ascontiguousarray(stored[..., ::-1]))
    frames = VideoWithImages(path, PictureFiles({2: str(image)}, turn=6))
    assert frames.size_hw == (128, 96)
    assert frames.pictures.size_hw(2) == (128, 96)
    np.testing.assert_array_equal(frames.read([2]), frames.video.read([2]))
