"""What can be said before anything is loaded."""

import json

import pytest

from keras_pose.annotating import checks
from keras_pose.annotating.config import AnnotateConfig
from keras_pose.data.importers import annotated_videos
from tests.helpers import teachers


def config(tmp_path, **flags):
    needed = {"teacher": "mediapipe", "video": str(tmp_path / "a.avi"), "out_dir": str(tmp_path / "out")}
    return AnnotateConfig(**{**needed, **flags})


def test_the_videos_are_found(tmp_path):
    path = teachers.write_empty_clip(tmp_path / "a.avi", 2)
    assert checks.check(config(tmp_path)) == [path]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"teacher": "nobody"}, "--teacher: expected"),
        ({"region": "somewhere"}, "--region: expected"),
        ({"video": "missing.avi"}, "--video: missing.avi"),
        ({"flow": "tvl1"}, "--flow=tvl1 needs"),
    ],
)
def test_mistakes_name_the_flag(tmp_path, flags, message):
    from keras_pose.flow import opencv

    if flags.get("flow") == "tvl1" and opencv.has_contrib():
        pytest.skip("OpenCV has its contrib modules")
    teachers.write_empty_clip(tmp_path / "a.avi", 2)
    with pytest.raises(ValueError, match=message):
        checks.check(config(tmp_path, **flags))


def test_an_interruption_tells_what_is_kept(tmp_path):
    folder = tmp_path / "out"
    assert "before anything was finished" in checks.describe_interruption(str(folder))
    (folder / ".clip.parts").mkdir(parents=True)
    text = checks.describe_interruption(str(folder))
    assert text == (
        f"interrupted: the poses of the video that it was at are kept up to the last part in {folder}; the same "
        "command goes on there"
    )
    videos = [{"name": name, "status": status} for name, status in (("a", "labelled"), ("b", "failed"))]
    skeleton = {"name": "one", "joints": ["nose"]}
    about = {"format": annotated_videos.FORMAT, "teacher": {"name": "t"}, "skeleton": skeleton, "videos": videos}
    (folder / annotated_videos.FILE_NAME).write_text(json.dumps(about), encoding="utf-8")
    assert "1 video is finished, and the poses of the video" in checks.describe_interruption(str(folder))
