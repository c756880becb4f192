"""What can be said before anything is loaded."""

import pytest

from keras_pose.annotating import checks
from keras_pose.annotating.config import AnnotateConfig
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
