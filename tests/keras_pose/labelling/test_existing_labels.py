"""Labels that exist, by clip and frame, in the order of the net's joints."""

import numpy as np
import pytest

from keras_pose.data.clip import ArrayFrames, Clip
from keras_pose.data.source import Source
from keras_pose.labelling import existing_labels
from keras_pose.skeleton import Skeleton
from tests.helpers import deeplabcut_projects as projects
from tests.helpers.exported_runs import write_run

NET = Skeleton("net", ("tail", "ear", "nose"))


@pytest.fixture
def project(tmp_path):
    root = tmp_path / "project"
    projects.write_config(root)
    projects.add_session(root, "day", projects.header(projects.PARTS), (2, 5), [[1, 2, 3, 4], [5, 6, np.nan, np.nan]])
    return str(root)


def test_labels_are_found_by_the_name_of_the_video_and_sorted_by_name(project):
    source = existing_labels.open_labels(project, "")
    labels = existing_labels.labels_of(source, "day", NET)
    assert sorted(labels) == [2, 5]
    np.testing.assert_array_equal(labels[2], [[3, 4], [np.nan, np.nan], [1, 2]])
    assert existing_labels.labels_of(source, "night", NET) == {}


def test_all_clips_of_a_session_count():
    joints = np.ones((1, 3, 2), np.float32)
    frames = ArrayFrames(np.zeros((9, 4, 4, 3), np.uint8))
    clips = [Clip(name, frames, [at], joints, np.full((1, 3), 2), session="day") for name, at in (("a", 1), ("b", 4))]
    assert sorted(existing_labels.labels_of(Source(clips, NET), "day", NET)) == [1, 4]


def test_nothing_is_labelled_without_a_source(tmp_path):
    assert existing_labels.open_labels("none", "run") is None
    assert existing_labels.open_labels("", "") is None
    assert existing_labels.open_labels("", str(tmp_path)) is None
    assert existing_labels.labels_of(None, "day", NET) == {}


def test_a_run_names_its_own_data_if_it_is_still_there(tmp_path, project):
    synthetic = write_run(tmp_path / "run")[2]
    assert existing_labels.open_labels("", synthetic) is None
    flags = tmp_path / "run" / "flags.txt"
    lines = [line for line in flags.read_text().splitlines() if not line.startswith("--data=")]
    flags.write_text("\n".join([*lines, f"--data={project}"]) + "\n")
    assert existing_labels.open_labels("", synthetic).skeleton.joints == projects.PARTS


def test_labels_that_cannot_be_read_are_an_error(tmp_path):
    with pytest.raises(ValueError, match="no such file or folder"):
        existing_labels.open_labels(str(tmp_path / "none"), "")
