"""Which labels become part of a project; nothing is written here."""

import numpy as np
import pytest

from keras_pose.data.open_source import open_source
from keras_pose.labelling import incoming_labels, label_project, merge_plan
from keras_pose.labelling.merge_plan import CHANGED, NEW, SAME, Merge, Planner
from keras_pose.viz.pictures import save_png
from tests.helpers import deeplabcut_projects as projects

PARTS = ("nose", "tail")


def make(root, numbers, values):
    projects.write_config(root, PARTS)
    projects.add_session(root, "a", projects.header(PARTS), numbers, values)
    return str(root)


def plan(labels, into):
    source = open_source(labels)
    project = label_project.open_project(into, source.skeleton, "AB")
    done = Merge()
    planner = Planner(project, done)
    for label in incoming_labels.read_labels(source, project.skeleton):
        planner.take(label)
    return planner, project, done


def test_each_label_is_new_changed_or_the_same(tmp_path):
    into = make(tmp_path / "into", (2, 5), [[1, 2, 3, 4], [5, 6, 7, 8]])
    labels = make(tmp_path / "labels", (2, 5, 7), [[1, 2, 3, 4], [5, 6, 9, 9], [3, 3, 4, 4]])
    planner, project, done = plan(labels, into)
    assert done.counts == {SAME: 1, CHANGED: 1, NEW: 1}
    assert done.places[CHANGED] == ["a/img05.png"]
    assert list(planner.pictures) == [project.picture_path("a", "img07.png")]
    assert set(planner.changed) == {"a"}
    np.testing.assert_array_equal(project.folders["a"].rows["img05.png"], [[5, 6], [9, 9]])
    assert project.memory["a/img07.png"]["label"] == label_project.digest_label(np.array([[3, 3], [4, 4]]))


def test_another_picture_of_the_same_name_is_refused(tmp_path):
    into = make(tmp_path / "into", (2,), [[1, 2, 3, 4]])
    labels = make(tmp_path / "labels", (2,), [[1, 2, 3, 4]])
    picture = tmp_path / "labels" / "labeled-data" / "a" / "img02.png"
    save_png(picture, 255 - projects.frame(2))
    with pytest.raises(ValueError, match="two videos of one name"):
        plan(labels, into)


def test_counts_say_where():
    done = merge_plan.Merge()
    done.add(NEW, "a/img1.png")
    done.add(NEW, "a/img2.png")
    assert (done.counts[NEW], done.places[NEW]) == (2, ["a/img1.png", "a/img2.png"])
