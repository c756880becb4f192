"""The job of an analysis: what shapes the poses changes its digest, and nothing else does."""

import dataclasses
import json
import os
import types

import pytest

from keras_pose.analysis.settings import Settings, describe_job, digest
from keras_pose.poses.video_poses import ModelFacts
from tests.helpers import calibrations


@pytest.fixture
def paths(tmp_path):
    video = tmp_path / "clip.mp4"
    video.write_bytes(b"a video" * 40000)
    boxes = tmp_path / "boxes.txt"
    boxes.write_text("1,1,2,3,4,5,1,-1,-1,-1\n")
    detector = tmp_path / "detector"
    detector.mkdir()
    (detector / "saved_model.pb").write_bytes(b"a model")
    return types.SimpleNamespace(video=str(video), boxes=str(boxes), detector=str(detector))


def a_model(**changes):
    values = {"facts": ModelFacts("mine", digest="ab"), "calibration": None, "settings": lambda: {"window": 2}}
    return types.SimpleNamespace(**{**values, **changes})


def job(paths, model=None, **settings):
    return digest(describe_job(model or a_model(), paths.video, Settings(**settings)))


@pytest.mark.parametrize(
    "changes",
    [
        {"start": 1},
        {"end": 5},
        {"every": 2},
        {"region": "follow"},
        {"tracks": "boxes"},
        {"detector": "detector"},
        {"smoothing": "median"},
        {"smoothing_options": (("median_frames", 5.0),)},
        {"part_frames": 64},  # parts of another size are other files
    ],
)
def test_what_shapes_the_poses_changes_the_job(paths, changes):
    values = {
        name: getattr(paths, value, value) if isinstance(value, str) else value for name, value in changes.items()
    }
    assert job(paths, **values) != job(paths)


def test_the_batch_does_not(paths):
    assert job(paths, batch_size=3) == job(paths)


def test_the_model_and_its_calibration_do(paths):
    others = [
        a_model(facts=ModelFacts("mine", digest="cd")),
        a_model(settings=lambda: {"window": 3}),
        a_model(calibration=calibrations.make_calibration()),
    ]
    assert len({job(paths, model) for model in [a_model(), *others]}) == 4


def test_another_content_of_a_file_changes_the_job(paths):
    first = job(paths, tracks=paths.boxes)
    status = os.stat(paths.boxes)
    with open(paths.boxes, "w") as file:
        file.write("1,1,2,3,4,6,1,-1,-1,-1\n")
    os.utime(paths.boxes, ns=(status.st_atime_ns, status.st_mtime_ns))  # the same size and time
    assert job(paths, tracks=paths.boxes) != first
    first = job(paths)
    with open(paths.video, "r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"!")
    assert job(paths) != first


def test_a_job_is_json(paths):
    described = describe_job(a_model(), paths.video, Settings(smoothing_options=(("beta", 1.0),)))
    assert json.loads(json.dumps(described)) == described
    assert described["settings"]["smoothing_options"] == {"beta": 1.0}


def test_whole_frames_are_seen_unless_something_says_where_to_look():
    assert Settings().sees_whole_frames
    for changes in ({"region": "follow"}, {"region": "1,2,3,4"}, {"tracks": "a.txt"}, {"detector": "d"}):
        assert not dataclasses.replace(Settings(), **changes).sees_whole_frames


def test_the_rate_of_videos_that_state_none_is_part_of_the_job_if_it_is_told(paths):
    assert "frame_rate" not in describe_job(a_model(), paths.video, Settings())["settings"]
    assert job(paths, frame_rate=25.0) != job(paths)
