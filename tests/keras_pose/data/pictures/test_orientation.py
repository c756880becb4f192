"""Labels of pictures with an EXIF orientation: their size decides, or the other pictures, or the flag."""

import numpy as np
import pytest

from keras_pose.data.clip import VISIBLE, Clip
from keras_pose.data.image_frames import ImageFrames, VideoWithImages
from keras_pose.data.pictures.check import inspect_pictures
from keras_pose.data.pictures.orientation import decide_orientation
from keras_pose.data.source import Source
from keras_pose.media.video import write_video
from keras_pose.skeleton import Skeleton
from tests.helpers.pictures import write_png, write_tagged

SKELETON = Skeleton("one", ("hand",))
SPOT = (5, 4)


def clip_of(frames, name="c", spot=SPOT):
    positions = sorted(frames.paths)
    joints = np.tile(np.array(spot, np.float32), (len(positions), 1, 1))
    return Clip(name, frames, positions, joints, np.full(joints.shape[:2], VISIBLE))


def decide(*clips, choice="auto"):
    source = Source(list(clips), SKELETON, name="data")
    return decide_orientation(source, inspect_pictures(clips), choice)


def spot_is_white(clip, row=0):
    x, y = clip.joints[row, 0].astype(int)
    return clip.frames.read([int(clip.labelled[row])])[0, y, x, 0] > 200


@pytest.mark.parametrize("ending", [".jpg", ".png", ".tif", ".webp"])
@pytest.mark.parametrize("tag", [5, 6, 7, 8])
def test_the_stated_size_tells_stored_from_upright(tmp_path, tag, ending):
    path = write_tagged(tmp_path / f"a{ending}", tag)
    source = decide(clip_of(ImageFrames([path], (20, 30))))
    assert spot_is_white(source.clips[0])
    assert source.clips[0].frames.size_hw == (20, 30)
    assert source.notes == ("1 picture with an EXIF orientation is read upright, as the sizes in the labels say",)
    source = decide(clip_of(ImageFrames([path], (30, 20))))
    assert source.clips[0].frames.read([0]).shape == (1, 30, 20, 3)
    assert "read as stored" in source.notes[0]


@pytest.mark.parametrize(
    ("tag", "upright_hw", "stated"),
    [
        (3, (20, 30), (20, 30)),
        (2, (20, 30), (20, 30)),
        (4, (20, 30), None),
        (6, (24, 24), (24, 24)),
        (8, (20, 30), None),
    ],
)
def test_what_the_size_leaves_open_is_asked_for(tmp_path, tag, upright_hw, stated):
    paths = [write_tagged(tmp_path / f"{i}.jpg", tag, upright_hw) for i in range(3)]
    clip = clip_of(ImageFrames(paths, stated))
    with pytest.raises(ValueError, match="(?s)^data: 3 pictures with an EXIF.*0.jpg .orientation") as caught:
        decide(clip)
    assert f"(orientation {tag})" in str(caught.value)
    assert "--exif_orientation=upright or --exif_orientation=stored" in str(caught.value)
    source = decide(clip, choice="upright")
    assert all(spot_is_white(source.clips[0], row) for row in range(3))
    assert source.clips[0].frames.size_hw == upright_hw
    assert source.notes == ("3 pictures with an EXIF orientation are read upright: --exif_orientation=upright",)
    assert not spot_is_white(decide(clip, choice="stored").clips[0])


def test_pictures_that_size_leaves_open_follow_the_others_of_the_source(tmp_path):
    turned = clip_of(ImageFrames([write_tagged(tmp_path / "a.jpg", 6)], (20, 30)), "turned")
    upside_down = clip_of(ImageFrames([write_tagged(tmp_path / "b.jpg", 3)], (20, 30)), "upside down")
    source = decide(turned, upside_down)
    assert all(spot_is_white(clip) for clip in source.clips)
    assert (
        "1 picture with an EXIF orientation is read upright: the sizes in the labels of the others" in source.notes[1]
    )
    stored = clip_of(ImageFrames([write_tagged(tmp_path / "c.jpg", 6)], (30, 20)), "stored")
    source = decide(stored, upside_down)
    assert not any(clip.frames.pictures.upright for clip in source.clips)
    with pytest.raises(ValueError, match="some sizes in the labels are those of the upright, some those of the stored"):
        decide(turned, stored, upside_down)
    source = decide(turned, stored, upside_down, choice="upright")
    assert [bool(clip.frames.pictures.upright) for clip in source.clips] == [True, False, True]


def test_the_size_decides_against_the_flag(tmp_path):
    clip = clip_of(ImageFrames([write_tagged(tmp_path / "a.jpg", 6)], (20, 30)))
    assert spot_is_white(decide(clip, choice="stored").clips[0])


def test_a_size_that_is_neither_is_left_to_validation(tmp_path):
    clip = clip_of(ImageFrames([write_tagged(tmp_path / "a.jpg", 6)], (20, 31)))
    assert not decide(clip).clips[0].frames.pictures.upright


def test_pictures_beside_a_video_are_turned_to_its_size(tmp_path):
    write_video(tmp_path / "v.avi", [np.zeros((20, 30, 3), np.uint8)] * 4, 25)
    paths = {1: write_tagged(tmp_path / "1.png", 6), 2: write_png(tmp_path / "2.png", level=255)}
    source = decide(clip_of(VideoWithImages(tmp_path / "v.avi", paths)))
    assert spot_is_white(source.clips[0], 0)
    assert spot_is_white(source.clips[0], 1)
    assert source.clips[0].frames.num_frames == 4


def test_pictures_without_a_tag_change_nothing(tmp_path):
    source = Source([clip_of(ImageFrames([write_png(tmp_path / "a.png")]))], SKELETON)
    assert decide_orientation(source, inspect_pictures(source.clips)) is source


def test_an_unknown_choice_is_refused():
    with pytest.raises(ValueError, match="--exif_orientation: expected one of auto, upright, stored, received 'up'"):
        decide_orientation(Source([], SKELETON), {}, "up")
