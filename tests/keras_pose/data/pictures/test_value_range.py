"""Pictures of 16 bits: one range for a session, whatever the brightness of a single picture."""

import numpy as np

from keras_pose.data.clip import VISIBLE, Clip
from keras_pose.data.image_frames import ImageFrames
from keras_pose.data.pictures.check import inspect_pictures
from keras_pose.data.pictures.value_range import set_ranges
from keras_pose.data.source import Source
from keras_pose.skeleton import Skeleton
from tests.helpers.pictures import write_deep, write_png

SKELETON = Skeleton("one", ("hand",))


def clip_of(name, *paths):
    joints = np.ones((len(paths), 1, 2))
    return Clip(name, ImageFrames(paths), np.arange(len(paths)), joints, np.full((len(paths), 1), VISIBLE))


def ranged(*clips):
    return set_ranges(Source(list(clips), SKELETON), inspect_pictures(clips))


def peaks(source):
    return [[int(clip.frames.read([p]).max()) for p in clip.labelled] for clip in source.clips]


def test_a_dark_picture_keeps_its_brightness_beside_a_bright_one(tmp_path):
    for ending in (".png", ".tif"):
        paths = [write_deep(tmp_path / f"{peak}{ending}", peak) for peak in (4095, 409)]
        source = ranged(clip_of("mouse", *paths))
        assert peaks(source) == [[255, 25]]
        assert source.notes == ("12-bit values in 16-bit files of clip mouse: 4095 becomes 255",)


def test_each_session_has_its_own_range(tmp_path):
    a = clip_of("a", write_deep(tmp_path / "a1.png", 4095), write_deep(tmp_path / "a2.png", 1000))
    b = clip_of("b", write_deep(tmp_path / "b1.png", 65535), write_deep(tmp_path / "b2.png", 1000))
    c = clip_of("c", write_deep(tmp_path / "c1.png", 4000), write_png(tmp_path / "c2.png", level=200))
    source = ranged(a, b, c)
    assert peaks(source) == [[255, 62], [255, 3], [249, 200]]
    assert source.notes == ("12-bit values in 16-bit files of clips a, c: 4095 becomes 255",)


def test_clips_of_one_picture_share_their_range(tmp_path):
    clips = [clip_of(f"{peak}", write_deep(tmp_path / f"{peak}.png", peak)) for peak in (4095, 409, 300, 200, 100)]
    source = ranged(*clips)
    assert peaks(source) == [[255], [25], [19], [12], [6]]
    assert source.notes == ("12-bit values in 16-bit files of clips 4095, 409, 300 and 2 more: 4095 becomes 255",)


def test_pictures_of_8_bits_change_nothing(tmp_path):
    clip = clip_of("a", write_png(tmp_path / "a.png"))
    source = Source([clip], SKELETON)
    assert set_ranges(source, inspect_pictures([clip])) is source
