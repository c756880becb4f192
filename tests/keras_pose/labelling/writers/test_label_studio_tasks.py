"""Label Studio tasks, read by sleap-io after they were accepted as Label Studio exports them."""

import json
import os
import urllib.parse
import xml.etree.ElementTree

import numpy as np
import pytest

from keras_pose.labelling.writers import label_studio_tasks
from keras_pose.media.images import read_image
from tests.helpers import suggested_frames


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return suggested_frames.make_suggestions(tmp_path_factory.mktemp("videos"))


def test_tasks_have_pictures_and_predictions_in_percent(made, tmp_path):
    with open(label_studio_tasks.write(str(tmp_path), made, ""), encoding="utf-8") as file:
        tasks = json.load(file)
    assert len(tasks) == 4
    assert [len(task["predictions"][0]["result"]) for task in tasks] == [2, 1, 2, 2]
    for task, frame in zip(tasks, made.frames):
        address = urllib.parse.urlsplit(task["data"]["image"])
        assert address.path == "/data/local-files/"
        picture = read_image(os.path.join(tmp_path, urllib.parse.parse_qs(address.query)["d"][0]))
        assert picture.shape == (48, 64, 3)
        value = task["predictions"][0]["result"][0]["value"]
        np.testing.assert_allclose([value["x"] * 0.64, value["y"] * 0.48], frame.joints[0], atol=1e-4)


def test_accepted_predictions_are_read_by_sleap_io(made, tmp_path):
    sleap_io = pytest.importorskip("sleap_io")
    path = label_studio_tasks.write(str(tmp_path), made, "")
    with open(path, encoding="utf-8") as file:
        tasks = json.load(file)
    exported = [{**task, "annotations": [{"result": task["predictions"][0]["result"]}]} for task in tasks]
    with open(tmp_path / "export.json", "w", encoding="utf-8") as file:
        json.dump(exported, file)
    labels = sleap_io.load_labelstudio(str(tmp_path / "export.json"), skeleton=["left", "right"])
    for labelled, frame in zip(labels.labeled_frames, made.frames):
        assert labelled.frame_idx == frame.number
        assert labelled.video.filename == made.videos[frame.clip].path
        np.testing.assert_allclose(labelled.instances[0].numpy(), frame.joints, atol=0.01)


def test_labels_are_annotations(made, tmp_path):
    with open(label_studio_tasks.write(str(tmp_path), made, "", as_labels=True), encoding="utf-8") as file:
        assert all("annotations" in task and "predictions" not in task for task in json.load(file))


def test_the_setup_names_each_joint_with_its_colour(made, tmp_path):
    label_studio_tasks.write(str(tmp_path), made, "")
    tree = xml.etree.ElementTree.parse(tmp_path / "labelling_setup.xml")
    found = {label.get("value"): label.get("background") for label in tree.iter("Label")}
    assert list(found) == ["left", "right"]
    assert found["left"] == "#" + bytes(made.skeleton.colors[0]).hex()
    (control,) = tree.iter("KeyPointLabels")
    (image,) = tree.iter("Image")
    assert control.get("toName") == image.get("name")
