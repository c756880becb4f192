"""config.yaml: new, and with videos added to an old one."""

import datetime

import pytest
import yaml

from keras_pose.data.importers.deeplabcut import config as importer
from keras_pose.labelling import deeplabcut_config
from keras_pose.poses.video_poses import VideoFacts
from tests.helpers import suggested_frames

OLD = """# Project definitions (do not edit)
Task: reach   # what it is
scorer: Ann
video_sets:
{indent}/old/a.mp4:
{indent}  crop: 0, 640, 0, 480
bodyparts:
- hand   # the left one
skeleton: []
"""


def test_our_importer_reads_the_config(tmp_path):
    videos = {"a": VideoFacts("/v/a b.mp4", (48, 64))}
    day = datetime.date(2024, 11, 6)
    path = deeplabcut_config.write_config(str(tmp_path), suggested_frames.SKELETON, "Ann B", videos, day)
    read = importer.read_config(path)
    assert read.skeleton.joints == ("left", "right")
    assert read.skeleton.edges == (("left", "right"),)
    assert (read.scorer, read.videos, read.notes) == ("Ann B", ("/v/a b.mp4",), ())
    content = yaml.safe_load((tmp_path / "config.yaml").read_text(encoding="utf-8"))
    assert content["video_sets"] == {"/v/a b.mp4": {"crop": "0, 64, 0, 48"}}
    assert (content["date"], content["multianimalproject"], content["iteration"]) == ("Nov6", False, 0)


@pytest.mark.parametrize("indent", ["  ", "    "])
def test_videos_are_added_and_all_other_lines_stay(indent):
    old = OLD.format(indent=indent)
    new = deeplabcut_config.add_videos(old, [("/new/b: c.mp4", (100, 200)), ("/old/a.mp4", (1, 1))])
    assert yaml.safe_load(new)["video_sets"] == {
        "/old/a.mp4": {"crop": "0, 640, 0, 480"},
        "/new/b: c.mp4": {"crop": "0, 200, 0, 100"},
    }
    assert set(old.splitlines()) <= set(new.splitlines())
    elsewhere = [("C:\\new\\a.avi", (1, 1)), ("videos/b: c.mp4", (1, 1))]  # the names are listed
    assert deeplabcut_config.add_videos(new, elsewhere) == new
    assert deeplabcut_config.add_videos(new, [("/new/b: c.mp4", (100, 200))]) == new


@pytest.mark.parametrize(
    "text", ["video_sets: {}\nbodyparts: [a]\n", "bodyparts: [a]\n", "video_sets:\nbodyparts: [a]\n"]
)
def test_a_config_without_videos_gets_its_first(text):
    new = deeplabcut_config.add_videos(text, [("b.mp4", (1, 2))])
    assert yaml.safe_load(new) == {"video_sets": {"b.mp4": {"crop": "0, 2, 0, 1"}}, "bodyparts": ["a"]}


def test_unusual_layouts_are_written_anew():
    text = "video_sets: {a.mp4: {crop: '0, 1, 0, 1'}}\nbodyparts: [a]\n"
    new = deeplabcut_config.add_videos(text, [("b.mp4", (1, 2))])
    assert list(yaml.safe_load(new)["video_sets"]) == ["a.mp4", "b.mp4"]
