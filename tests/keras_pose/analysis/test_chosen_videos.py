"""Mistakes in the flags of predict.py show at once."""

import pytest

from keras_pose.analysis.chosen_videos import choose
from keras_pose.analysis.config import PredictConfig
from keras_pose.options import build


@pytest.fixture
def folder(tmp_path):
    for name, mark in (("run", "flags.txt"), ("export", "saved_model.pb")):
        (tmp_path / name).mkdir()
        (tmp_path / name / mark).write_text("")
    (tmp_path / "clip.mp4").write_bytes(b"\0\0\0\x18ftypisom")
    (tmp_path / "boxes.txt").write_text("")
    return tmp_path


def chosen(folder, **flags):
    values = {"run_dir": str(folder / "run"), "video": (str(folder / "clip.mp4"),), "out_dir": str(folder / "out")}
    return choose(build(PredictConfig, {**values, **flags}))


def test_model_videos_and_formats_are_found(folder):
    found = chosen(folder, formats="csv,analysis.h5")
    assert found.model_path == str(folder / "run")
    assert found.videos == [str(folder / "clip.mp4")]
    assert found.endings == ["csv", "analysis.h5"]
    assert chosen(folder, run_dir="", saved_model=str(folder / "export")).model_path == str(folder / "export")
    for name in ("run", "export"):
        assert chosen(folder, run_dir="", model=str(folder / name)).model_path == str(folder / name)


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"run_dir": "{folder}/export"}, "^--run_dir: expected the folder of a run .with flags.txt., received"),
        ({"run_dir": "", "saved_model": "{folder}/run"}, "^--saved_model: expected the version of an export|^--saved"),
        ({"run_dir": "", "model": "{folder}/gone"}, "^--model: expected the folder of a run or an export"),
        ({"formats": "", "labelled": False}, "^--formats: expected at least one format"),
        ({"formats": "csv,xls"}, "^--formats: expected one of csv, h5, .*received 'xls'"),
        ({"region": "middle"}, "^--region: expected whole, follow or x,y,width,height"),
        ({"tracks": "{folder}/boxes.txt", "region": "follow"}, "expected at most one of --region, --tracks"),
        ({"detector": "{folder}/run"}, "^--detector: expected the folder of a SavedModel"),
        ({"video": ("{folder}/gone.mp4",)}, "^--video: .*gone.mp4: expected a video"),
        ({"out_dir": "{folder}/clip.mp4/out"}, "^--out_dir: expected a folder that can be written"),
    ],
)
def test_mistakes_are_named(folder, flags, message):
    def fill(value):
        if isinstance(value, tuple):
            return tuple(map(fill, value))
        return value.format(folder=folder) if isinstance(value, str) else value

    with pytest.raises(ValueError, match=message):
        chosen(folder, **{name: fill(value) for name, value in flags.items()})
    assert not (folder / "out").exists()


@pytest.mark.parametrize("source", ["0", "/dev/video3", "rtsp://me:secret@there/a", "http://there/a,b.m3u8"])
def test_a_camera_or_a_stream_is_alone(folder, source):
    found = chosen(folder, video=(source,), look_ahead=2, region="follow")
    assert (found.live, found.videos) == (source, [])


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (
            {"video": ("0", "1")},
            "^--video: expected one camera or stream and nothing else, or videos, received camera 0",
        ),
        ({"video": ("0,{folder}/clip.mp4",)}, "^--video: expected one camera or stream"),
        ({"video": ("rtsp://me:secret@a/b", "{folder}/clip.mp4")}, "received rtsp://a/b, "),
        ({"video": ("rtsp://me:secret@a/b,{folder}/clip.mp4",)}, "received rtsp://a/b, "),
        ({"video": ("0",), "every": 2, "tracks": "{folder}/boxes.txt"}, "^--every, --tracks: expected videos"),
        ({"video": ("0",), "smoothing": "median"}, "^--smoothing: expected videos, received a camera or a stream"),
        ({"video": ("0",), "part": "1/2"}, "^--part: expected videos, received a camera or a stream"),
        ({"look_ahead": 1}, "^--look_ahead=1: expected a camera or a stream, received videos"),
    ],
)
def test_what_does_not_go_with_a_camera_is_named(folder, flags, message):
    test_mistakes_are_named(folder, flags, message)
