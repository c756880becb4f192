"""The video of a session: in any case, with any ending, in the project or where config.yaml says."""

import os
import shutil
import unicodedata

import pytest

from keras_pose.data.importers.deeplabcut.videos import ProjectVideos
from tests.helpers.deeplabcut_projects import write_frames


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    path = tmp_path_factory.mktemp("film") / "film.avi"
    write_frames(path, 2)
    return path


def put(film, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(film, path)
    return str(path)


@pytest.mark.parametrize(
    "name", ["a.avi", "a.AVI", "A.mp4", "a.mkv", "a.flv", "a.weird", "a", "deep/er/a.avi", " a .avi"]
)
def test_a_video_is_found_by_its_name(tmp_path, film, name):
    path = put(film, tmp_path / "videos" / name)
    assert ProjectVideos(str(tmp_path), []).find("a") == [path]


@pytest.mark.parametrize("session", ["a [1]", "a*", "a.b", "100%", "{a}"])
def test_no_name_is_a_pattern(tmp_path, film, session):
    path = put(film, tmp_path / "videos" / f"{session}.avi")
    put(film, tmp_path / "videos" / "a1.avi")
    assert ProjectVideos(str(tmp_path), []).find(session) == [path]


def test_unicode_forms_match(tmp_path, film):
    path = put(film, tmp_path / "videos" / (unicodedata.normalize("NFD", "é") + ".avi"))
    assert ProjectVideos(str(tmp_path), []).find("é") == [path]


def test_the_project_goes_before_the_config_and_the_listed_name_before_others(tmp_path, film):
    first = put(film, tmp_path / "videos" / "a.mp4")
    second = put(film, tmp_path / "videos" / "a.avi")
    third = put(film, tmp_path / "else" / "a.avi")
    assert ProjectVideos(str(tmp_path), ["C:/lost/a.mp4"]).find("a") == [first, second]
    assert ProjectVideos(str(tmp_path), ["C:/lost/a.mp4", third]).find("a") == [second, first, third]
    assert ProjectVideos(str(tmp_path), ["C:/lost/a.avi", "else/a.avi"]).find("a") == [second, first, third]


def test_a_listed_video_in_another_case_does_not_hide_the_one_that_exists(tmp_path, film):
    path = put(film, tmp_path / "videos" / "A.AVI")
    assert ProjectVideos(str(tmp_path), ["D:/a.avi"]).find("a") == [path]


def test_other_files_of_that_name_are_no_videos(tmp_path):
    for name in ("a.csv", "a.h5", "a.txt", "a.png", "a.json", "a"):
        (tmp_path / "videos").mkdir(exist_ok=True)
        (tmp_path / "videos" / name).write_bytes(b"some text\n" * 50)
    assert ProjectVideos(str(tmp_path), []).find("a") == []


def test_why_there_is_no_video(tmp_path, film):
    assert ProjectVideos(str(tmp_path), []).explain("a") == ("", "")
    videos = tmp_path / "videos"
    put(film, videos / "b.avi")
    put(film, videos / "c_small.avi")
    put(film, videos / "d1.avi")
    put(film, videos / "eDLC_resnet50_labeled.mp4")
    (videos / "g.weird").write_bytes(b"words")
    os.symlink(tmp_path / "nowhere.avi", videos / "f.avi")
    project = ProjectVideos(str(tmp_path), ["C:/lost/a.avi"])
    explained = {session: project.explain(session)[0] for session in "acdefg"}
    assert explained == {
        "a": "the video that config.yaml lists is gone",
        "c": "the names of videos are only similar, such as c_small.avi",
        "d": "no video has this name",
        "e": "no video has this name",
        "f": "the link in the folder of videos leads to a file that is gone",
        "g": "the file of that name in the folder of videos cannot be decoded",
    }
