"""A folder of pictures of several sizes: a clip for each size, one session, nothing lost."""

import numpy as np

from keras_pose.data.clip import VISIBLE, Clip
from keras_pose.data.image_frames import ImageFrames, VideoWithImages
from keras_pose.data.pictures.check import inspect_pictures
from keras_pose.data.pictures.files import PictureFiles
from keras_pose.data.pictures.sizes import split_sizes
from keras_pose.data.source import Problem, Source
from keras_pose.media.video import write_video
from keras_pose.skeleton import Skeleton
from tests.helpers.pictures import write_png, write_tagged

SKELETON = Skeleton("one", ("hand",))
SIZES = [(20, 30), (24, 16), (20, 30), (40, 50)]


def clip_of(frames, positions, name="web"):
    joints = np.arange(2 * len(positions), dtype=np.float32).reshape(-1, 1, 2)
    return Clip(name, frames, positions, joints, np.full((len(positions), 1), VISIBLE))


def mixed(folder, sizes=SIZES):
    return ImageFrames([write_png(folder / f"{i}.png", size, 10 * i) for i, size in enumerate(sizes)])


def split(clips, problems=()):
    source = Source(list(clips), SKELETON, problems=tuple(problems))
    return split_sizes(source, inspect_pictures(clips))


def test_each_size_becomes_a_clip_of_the_session(tmp_path):
    clip = clip_of(mixed(tmp_path), range(4))
    source = split([clip])
    assert [c.name for c in source.clips] == ["web (20×30)", "web (24×16)", "web (40×50)"]
    assert {c.session for c in source.clips} == {"web"}
    assert [c.labelled.tolist() for c in source.clips] == [[0, 2], [1], [3]]
    for part in source.clips:
        for row, position in enumerate(part.labelled.tolist()):
            frame = part.frames.read([position])[0]
            assert frame.shape[:2] == SIZES[position] == part.frames.size_hw
            assert (frame == 10 * position).all()
            np.testing.assert_array_equal(part.joints[row], clip.joints[position])
            assert part.origins[row] == clip.origins[position]
    assert source.notes == ("web: pictures of 3 sizes (height×width): 2 of 20×30, 1 of 24×16, 1 of 40×50",)


def test_problems_move_with_their_rows(tmp_path):
    clip = clip_of(mixed(tmp_path), range(4))
    problems = [
        Problem("web", 2, "half", 0),
        Problem("web", 1, "word"),
        Problem("web", None, "gone"),
        Problem("x", None, "y"),
    ]
    found = {(p.clip, p.row, p.message, p.joint) for p in split([clip], problems).problems}
    assert found == {
        ("web (20×30)", 1, "half", 0),
        ("web (24×16)", 0, "word", None),
        ("web", None, "gone", None),
        ("x", None, "y", None),
    }


def test_pictures_that_cannot_be_read_stay_with_the_largest_clip(tmp_path):
    frames = mixed(tmp_path)
    (tmp_path / "1.png").unlink()
    (tmp_path / "3.png").write_bytes(b"")
    clip = clip_of(frames, [0, 1, 2, 3, 7])  # 7 has no picture
    (part,) = split([clip]).clips
    assert (part.name, part.labelled.tolist()) == ("web", [0, 1, 2, 3, 7])


def test_a_damaged_first_picture_does_not_give_the_size(tmp_path):
    frames = mixed(tmp_path, [(20, 30), (24, 16), (24, 16)])
    data = (tmp_path / "0.png").read_bytes()
    (tmp_path / "0.png").write_bytes(data[:-8])
    (part,) = split([clip_of(frames, range(3))]).clips
    assert part.frames.size_hw == (24, 16)
    assert part.labelled.tolist() == [0, 1, 2]


def test_upright_pictures_have_their_upright_size(tmp_path):
    paths = [
        write_tagged(tmp_path / f"{i}.jpg", tag, size) for i, (tag, size) in enumerate([(6, (30, 20)), (1, (30, 20))])
    ]
    as_stored = split([clip_of(ImageFrames(paths), range(2))])
    assert [c.frames.size_hw for c in as_stored.clips] == [(20, 30), (30, 20)]
    upright = split([clip_of(ImageFrames(PictureFiles.of(paths).turned({0})), range(2))])
    assert [c.frames.size_hw for c in upright.clips] == [(30, 20)]


def test_other_clips_stay_as_they_are(tmp_path):
    one_size = clip_of(mixed(tmp_path / "a", [(20, 30)] * 3), range(3), "a")
    stated = clip_of(ImageFrames(mixed(tmp_path / "b").pictures, (20, 30)), range(4), "b")
    write_video(tmp_path / "v.avi", [np.zeros((20, 30, 3), np.uint8)] * 4, 25)
    beside = clip_of(VideoWithImages(tmp_path / "v.avi", mixed(tmp_path / "c").pictures), range(4), "c")
    source = split([one_size, stated, beside])
    assert [c.name for c in source.clips] == ["a", "b", "c"]
    assert all(a is b for a, b in zip(source.clips, [one_size, stated, beside]))
    assert source.notes == ()
