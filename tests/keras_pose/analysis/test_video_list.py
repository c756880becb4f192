"""Which videos a user's texts name."""

import os
import warnings

import pytest

from keras_pose.analysis.video_list import find_videos
from keras_pose.media.messages import MediaWarning
from tests.helpers import pictures


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Files by their names alone: the ending of a video counts without a look inside."""
    monkeypatch.chdir(tmp_path)
    for name in ("b.mp4", "a.avi", "clip [1].mp4", "clip 1.mp4", "one, two.mkv", "day1/c.mov", "day2/deep/d.mp4"):
        os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    return tmp_path


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["b.mp4"], ["b.mp4"]),
        (["b.mp4", "a.avi"], ["b.mp4", "a.avi"]),
        (["b.mp4,a.avi"], ["b.mp4", "a.avi"]),
        (["one, two.mkv"], ["one, two.mkv"]),
        (["b.mp4", "./b.mp4", "*.mp4"], ["b.mp4", "clip 1.mp4", "clip [1].mp4"]),
        (["clip [1].mp4"], ["clip [1].mp4"]),
        (["clip [0-9].mp4"], ["clip 1.mp4"]),
        (["day?/*"], ["day1/c.mov"]),
        (["day*/**"], ["day1/c.mov", "day2/deep/d.mp4"]),
        (["."], ["./a.avi", "./b.mp4", "./clip 1.mp4", "./clip [1].mp4", "./one, two.mkv"]),
        (["day1", "day2/deep/"], ["day1/c.mov", "day2/deep/d.mp4"]),
    ],
)
def test_texts_name_files_folders_and_patterns(folder, texts, expected):
    assert find_videos(texts) == expected


def test_a_name_that_exists_is_no_pattern_and_no_camera(folder):
    (folder / "clip 1 *.mp4").write_bytes(b"")
    (folder / "0").write_bytes(b"")
    assert find_videos(["clip 1 *.mp4"]) == ["clip 1 *.mp4"]
    assert find_videos(["0"]) == ["0"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_list_is_relative_to_its_folder(folder, encoding):
    lists = folder / "lists [x]"
    lists.mkdir()
    (lists / "für.mp4").write_bytes(b"")
    text = f"# held out\n\nfür.mp4\r\n../day1\n ../b.mp4 \n../clip*.mp4\n{folder}/a.avi\n"
    (lists / "videos.txt").write_text(text, encoding=encoding)
    found = [os.path.relpath(path) for path in find_videos(["lists [x]/videos.txt", "b.mp4"])]
    assert found == ["lists [x]/für.mp4", "day1/c.mov", "b.mp4", "clip 1.mp4", "clip [1].mp4", "a.avi"]


def test_files_that_are_no_videos_are_named_in_one_line(folder):
    for name in ("notes.csv", "picture.png", ".hidden.csv"):
        (folder / "day1" / name).write_text("x\n")
    with pytest.warns(MediaWarning) as caught:
        assert find_videos(["day1"]) == ["day1/c.mov"]
    assert [str(warning.message) for warning in caught] == ["day1: 2 files are no videos: notes.csv, picture.png"]
    with pytest.warns(MediaWarning, match=r"--video: day1/\*: 2 files are no videos: notes.csv, picture.png"):
        assert find_videos(["day1/*"]) == ["day1/c.mov"]
    for i in range(7):
        (folder / "day1" / f"x{i}.csv").write_text("x\n")
    with pytest.warns(MediaWarning, match="9 files are no videos: .* and 4 more"):
        find_videos(["day1"])


def test_a_named_file_is_taken_without_a_look_at_it(folder):
    (folder / "odd.ending").write_text("no video\n")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert find_videos(["odd.ending"]) == ["odd.ending"]


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["no.mp4"], "^--video: no.mp4: expected a video, a folder, .* found no such file"),
        (["b.mp4, no.mp4"], "^--video: no.mp4: "),
        (["no*.mp4"], r"^--video: no\*.mp4: expected a pattern that matches videos, found none$"),
        (["day*"], r"^--video: day\*: .* it matches folders \(day1, day2\): end it with /\*"),
        (["day2"], "^--video: day2: expected a folder with videos, found none in it; sub-folders are not .*: deep"),
        (["0"], "^--video: expected video files, received 0: a camera or stream must be the only source"),
        (["rtsp://a/b"], "^--video: .* received rtsp://a/b: a camera or stream"),
        ([], "^--video: expected videos"),
        ([","], "^--video: expected videos: .*received"),
        (["wrong.txt"], "wrong.txt:2: .*gone.mp4: expected a video, .*found no such file"),
        (["nested.txt"], "nested.txt:1: .*another list: wrong.txt"),
        (["live.txt"], "live.txt:1: .*rtsp://a/b: a list cannot hold cameras"),
        (["bare.txt"], "bare.txt: expected a list with the path of a video on each line, found none"),
    ],
)
def test_what_is_not_found_is_named(folder, texts, message):
    (folder / "wrong.txt").write_text("b.mp4\ngone.mp4\n")
    (folder / "nested.txt").write_text("wrong.txt\n")
    (folder / "live.txt").write_text("rtsp://a/b\n")
    (folder / "bare.txt").write_text("# nothing\n")
    with pytest.raises(ValueError, match=message):
        find_videos(texts)


def test_the_flag_is_named(folder):
    with pytest.raises(ValueError, match="^--videos: no.mp4"):
        find_videos(["no.mp4"], flag="--videos")


def test_pictures_are_refused_with_what_to_do_instead(folder):
    for name in ("stills/b.png", "stills/a.jpg"):
        pictures.write_png(folder / name)
    (folder / "odd.png").write_bytes(b"no picture")
    assert find_videos(["odd.png"]) == ["odd.png"]  # opening it tells what it is
    for text, message in [
        ("stills/b.png", "^--video: expected videos, received the picture stills/b.png; "),
        ("stills", r"^--video: stills: expected a folder with videos, .*; it has pictures \(a.jpg, b.png\): "),
        ("stills/*", r"^--video: stills/\*: expected a pattern .*; it has pictures \(a.jpg, b.png\): "),
    ]:
        with pytest.raises(ValueError, match=message + "pictures of one camera .* ffmpeg .*predict"):
            find_videos([text])


def test_a_link_to_a_video_that_is_gone_is_kept(folder):
    os.symlink("gone.mp4", folder / "day1" / "link.mp4")
    assert find_videos(["day1"]) == ["day1/c.mov", "day1/link.mp4"]
