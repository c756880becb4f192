"""caffe-heatmap lists: fields, joint names, scaled coordinates, unlabelled joints and bad lines."""

import contextlib

import cv2
import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from keras_pose.data import validation
from keras_pose.data.clip import UNLABELLED, VISIBLE
from keras_pose.data.importers import caffe_list
from keras_pose.skeleton import UPPER_BODY

SEVEN = ",".join(str(v) for v in range(1, 15))


def make_list(root, text, images=("a/1.jpg", "a/2.jpg", "b/1.jpg"), name="train.txt"):
    for image in images:
        (root / image).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(root / image), np.full((20, 30, 3), 90, np.uint8))
    (root / name).write_text(text)
    return root / name


def test_each_folder_becomes_a_clip_of_separate_images(tmp_path):
    lines = f"b/1.jpg {SEVEN} 0,0,0,0,0 0\na/2.jpg {SEVEN} 372.296,720,1,480,0.53333 3\na/1.jpg {SEVEN} 0 0\n"
    source = caffe_list.read(make_list(tmp_path, lines))
    assert [clip.name for clip in source.clips] == ["a", "b"]
    clip = source.clips[0]
    assert clip.labelled.tolist() == [0, 1]
    assert clip.origins == (f"{tmp_path}/train.txt:3", f"{tmp_path}/train.txt:2")
    np.testing.assert_array_equal(clip.joints[0], np.arange(1, 15).reshape(7, 2))
    assert clip.frames.num_frames is None
    assert clip.read_window(1).shape == (1, 20, 30, 3)
    assert source.skeleton == UPPER_BODY
    assert source.problems == ()
    assert validation.validate(source).clips[0].num_labelled == 2


def test_other_numbers_of_joints_are_numbered(tmp_path):
    skeleton = caffe_list.read(make_list(tmp_path, "a/1.jpg 1,2,3,4 0 0\n")).skeleton
    assert skeleton.joints == ("joint_0", "joint_1")
    assert skeleton.flip_pairs == ()


def test_nan_and_negative_pairs_are_unlabelled(tmp_path):
    clip = caffe_list.read(make_list(tmp_path, "a/1.jpg nan,NaN,-1,-1,3,4,-0.3,-0.2 0 0\n")).clips[0]
    assert clip.visibility[0].tolist() == [UNLABELLED, UNLABELLED, VISIBLE, VISIBLE]
    assert np.isnan(clip.joints[0, :2]).all()


def test_coordinates_are_multiplied(tmp_path):
    clip = caffe_list.read(make_list(tmp_path, "a/1.jpg 0.05,0.025,-1,-1 0 0\n"), label_scale=282).clips[0]
    np.testing.assert_allclose(clip.joints[0, 0], [14.1, 7.05], rtol=1e-6)
    assert clip.visibility[0, 1] == UNLABELLED
    for bad in (0, -1, float("nan")):
        with pytest.raises(ValueError, match="label_scale: expected a number above 0"):
            caffe_list.read(tmp_path / "train.txt", label_scale=bad)


def test_paths_may_have_backslashes(tmp_path):
    clip = caffe_list.read(make_list(tmp_path, "a\\1.jpg 1,2 0 0\n")).clips[0]
    assert clip.name == "a"
    assert clip.read_window(0).shape == (1, 20, 30, 3)


def test_images_beside_the_list_take_its_name(tmp_path):
    clip = caffe_list.read(make_list(tmp_path, "1.jpg 1,2 0 0\n", images=("1.jpg",))).clips[0]
    assert clip.name == "train"


def test_bad_lines_are_reported_with_their_number(tmp_path):
    lines = [
        "a/1.jpg 1,2,3,4 0 0",
        "",
        "a/2.jpg 1,nan,3,4 0 0",
        "b/1.jpg 1,2,3,4 0",
        "b/1.jpg 1,2,3 0 0",
        "b/1.jpg 1,x,3,4 0 0",
        "b/1.jpg 1,2,3,4 1,2,3 0",
        "a/9.jpg 1,2,3,4 0 0",
        "a/1.jpg 5,6,7,8 0 0",
    ]
    source = caffe_list.read(make_list(tmp_path, "\n".join(lines)))
    found = "\n".join(problem.message for problem in source.problems)
    assert "train.txt:3: joint 'joint_0': only one coordinate is given, (1, nan)" in found
    assert "train.txt:4: expected 4 fields (path, joints, crop, cluster), found 3" in found
    assert "train.txt:5: expected 4 coordinates as in the rest of the list, found 3" in found
    assert "train.txt:6: value 2: expected a number, found 'x'" in found
    assert "train.txt:7: crop: expected x_left,x_right,y_left,y_right,scale or 0, found '1,2,3'" in found
    kept = validation.validate(source, "skip")
    assert [clip.origins for clip in kept.clips] == [
        (f"{tmp_path}/train.txt:1", f"{tmp_path}/train.txt:3"),
        (f"{tmp_path}/train.txt:6",),
    ]
    assert kept.clips[0].visibility[1].tolist() == [UNLABELLED, VISIBLE]
    assert kept.clips[1].visibility[0].tolist() == [UNLABELLED, VISIBLE]
    assert any("train.txt:8: " in m and "a/9.jpg: expected an image, found no such file" in m for m in kept.skipped)
    assert any("train.txt:9: frame 0 is already labelled at" in m for m in kept.skipped)


def test_a_missing_or_empty_list_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no.txt: expected a caffe-heatmap list, found no such file"):
        caffe_list.read(tmp_path / "no.txt")
    for text, message in (("\n", "found none"), ("a/1.jpg\n", "found none"), ("a/1.jpg 5 0 0\n", ":1: expected x1,y1")):
        with pytest.raises(ValueError, match=message):
            caffe_list.read(make_list(tmp_path, text))


def only_clip(root, text, images=("a/1.jpg", "a/2.jpg")):
    (clip,) = caffe_list.read(make_list(root, text, images)).clips
    return clip


@pytest.mark.parametrize(
    "line",
    [
        "a/1.jpg\t1,2,3,4\t0\t0",
        "  a/1.jpg   1,2,3,4 \t 0,0,0,0,0   7  ",
        "a/1.jpg 1,2,3,4, 0 0",
        "a/1.jpg 1,2,3,4 0,0,0,0,0, 0",
        "a/1.jpg 1, 2, 3, 4 0, 0, 0, 0, 0 0",
        "a/1.jpg 1e0,2.0E+0,0.3e1,+4 0 0",
        "./a/1.jpg 1,2,3,4 0 0",
        "a\\1.jpg 1,2,3,4 0 0",
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", ""])
def test_all_spellings_of_a_line_are_the_same(tmp_path, line, end):
    path = make_list(tmp_path, "")
    path.write_bytes((line + end).encode())
    source = caffe_list.read(path)
    np.testing.assert_array_equal(source.clips[0].joints, [[[1, 2], [3, 4]]])
    assert (source.problems, source.notes, source.summary) == ((), (), "")
    assert validation.validate(source).clips[0].read_window(0).shape == (1, 20, 30, 3)


def test_paths_may_have_spaces_and_commas(tmp_path):
    images = ("my pictures/day 2, left/1 a.jpg", "my pictures/day 2, left/2.jpg")
    text = "".join(f"{image} 1,2,3,4 0 {number}\n" for number, image in enumerate(images))
    clip = only_clip(tmp_path, text, images)
    assert (clip.name, clip.num_labelled) == ("my pictures/day 2, left", 2)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_lists_may_have_any_of_these_encodings(tmp_path, encoding):
    path = make_list(tmp_path, "", ("b\u00fc/1.jpg",))
    path.write_bytes("b\u00fc/1.jpg 1,2 0 0\r\n".encode(encoding))
    source = caffe_list.read(path)
    assert source.clips[0].name == "b\u00fc"
    assert source.clips[0].read_window(0).shape == (1, 20, 30, 3)
    assert bool(source.notes) == (encoding == "latin-1")


def test_comments_are_noted(tmp_path):
    source = caffe_list.read(make_list(tmp_path, "# path joints crop cluster\na/1.jpg 1,2 0 0\n#a/2.jpg 1,2 0 0\n"))
    assert source.clips[0].num_labelled == 1
    assert "train.txt: 2 lines that begin with # are comments, the first is 1" in source.notes[0]


def test_a_single_comment_image_or_bad_line_is_told_in_the_singular(tmp_path):
    lines = "/home/other/x/1.jpg 1,2 0 0\n# a word\nx/2.jpg 1 0 0\n"
    source = caffe_list.read(make_list(tmp_path, lines, ("images/x/1.jpg", "x/2.jpg")))
    assert source.notes[0].endswith("train.txt:2: a comment, since it begins with #")
    assert "train.txt: 1 image was found by name alone, for example" in source.notes[1]
    assert source.summary.endswith("train.txt: read 1 of 2 lines; left out: 1 that is invalid or without image")


def test_images_in_another_folder_are_found_by_name(tmp_path):
    source = caffe_list.read(
        make_list(tmp_path, "/home/other/x/1.jpg 1,2 0 0\nx/2.jpg 1,2 0 0\n", ("images/x/1.jpg", "raw/x/2.jpg"))
    )
    assert sorted(clip.read_window(0).shape for clip in source.clips) == [(1, 20, 30, 3)] * 2
    assert "2 images were found by name alone, for example '/home/other/x/1.jpg' as" in source.notes[0]


def test_every_line_is_counted(tmp_path):
    lines = ["a/1.jpg 1,2,3,4 0 0", "a/2.jpg 1,2,3 0 0", "a/2.jpg 1,2,3,4,5,6 0 0", "a/2.jpg", "gone/1.jpg 1,2,3,4 0 0"]
    source = caffe_list.read(make_list(tmp_path, "\n".join(lines)))
    assert source.summary == f"{source.name}: read 1 of 5 lines; left out: 4 that are invalid or without image"
    assert len(source.problems) == 4
    assert validation.validate(source, "skip").clips[0].num_labelled == 1


@hypothesis.settings(max_examples=300)
@hypothesis.given(
    st.lists(
        st.one_of(
            st.binary(max_size=40),
            st.lists(
                st.sampled_from(["a/1.jpg", "a 1.jpg", " ", "\t", "1", "2,", ",", "nan", "1e400", "#", "0", "-1", "x"])
            ).map(lambda parts: "".join(parts).encode()),
            st.sampled_from([b"a/1.jpg 1,2,3,4 0 0", b"a/2.jpg 1,2 0 0", b"\xff\xfe", b"\xef\xbb\xbf"]),
        ),
        max_size=6,
    )
)
def test_any_bytes_give_a_source_or_an_error_with_the_file(tmp_path_factory, lines):
    folder = tmp_path_factory.getbasetemp() / "fuzzed_lists"
    if not folder.is_dir():
        folder.mkdir()
        make_list(folder, "")
    path = folder / "train.txt"
    path.write_bytes(b"\n".join(lines))
    try:
        source = caffe_list.read(path)
    except ValueError as error:
        assert "train.txt" in str(error)  # noqa: PT017
        return
    count = sum(clip.num_labelled for clip in source.clips)
    assert count or source.problems
    assert bool(source.summary) == any(problem.row is None for problem in source.problems)
    with contextlib.suppress(ValueError):
        validation.validate(source, "skip")
