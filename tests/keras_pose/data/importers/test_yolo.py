"""YOLO-pose folders made by hand."""

import os

import cv2
import numpy as np
import pytest

from keras_pose.data import validation
from keras_pose.data.clip import HIDDEN, UNLABELLED, VISIBLE
from keras_pose.data.open_source import open_source

YAML = """path: {path}
train: {train}
val: images/val
kpt_shape: [3, 3]
kpt_names: {{0: [nose, l_ear, r_ear]}}
flip_idx: [0, 2, 1]
names: {{0: mouse}}
"""


@pytest.fixture
def write(tmp_path):
    """Writes a data set of one image in train and one in val; returns its folder."""

    def write_data(labels, path="../elsewhere", train="images/train"):
        (tmp_path / "data.yaml").write_text(YAML.format(path=path, train=train))
        for split, text in labels.items():
            for kind in ("images", "labels"):
                os.makedirs(tmp_path / kind / split, exist_ok=True)
            cv2.imwrite(str(tmp_path / "images" / split / "a.png"), np.full((40, 80, 3), 9, np.uint8))
            (tmp_path / "labels" / split / "a.txt").write_text(text)
        return tmp_path

    return write_data


GOOD = "0 .5 .5 .5 .5  0.25 0.5 2  0.5 0.75 1  0 0 0\n"


@pytest.mark.parametrize("train", ["images/train", "../images/train", "[images/train]"])
def test_fractions_become_px_and_v_is_kept(write, train):
    source = validation.validate(open_source(write({"train": GOOD, "val": GOOD}, train=train)))
    assert source.skeleton.joints == ("nose", "l_ear", "r_ear")
    assert source.skeleton.flip_pairs == (("l_ear", "r_ear"),)
    assert [clip.name for clip in source.clips] == ["images/train/a.png", "images/val/a.png"]
    for clip in source.clips:
        np.testing.assert_array_equal(clip.visibility, [[VISIBLE, HIDDEN, UNLABELLED]])
        np.testing.assert_allclose(clip.joints[0, :2], [[20, 20], [40, 30]])
    assert any("train 1 labelled image of 1, val 1 labelled image of 1" in note for note in source.notes)


def test_the_largest_box_is_read_and_the_rest_is_accounted_for(write):
    small = "0 .5 .5 .1 .1  0.3 0.5 2  0.5 0.75 2  0 0 0\n"
    more = "0 .5 .5 .1 .1\n0 .5 .5 .1 .1 1 1\n0 .5 .5 .1 .1 x 0 2 0 0 0 0 0 0\n"
    source = open_source(write({"train": small + GOOD + more, "val": GOOD}))
    np.testing.assert_allclose(source.clips[0].joints[0, 0], [20, 20])
    assert "1 of smaller people" in source.summary
    assert "1 of boxes without joints" in source.summary
    assert [problem.message.partition("a.txt:")[2] for problem in source.problems] == [
        "4: expected 14 numbers, received 7",
        "5: expected numbers, received 'x'",
    ]


def test_images_without_labels_or_that_cannot_be_read_are_accounted_for(write, tmp_path):
    folder = write({"train": GOOD, "val": GOOD})
    os.remove(folder / "labels" / "val" / "a.txt")
    source = open_source(folder / "data.yaml")
    assert "1 of images without a file of labels" in source.summary
    (folder / "images" / "train" / "a.png").write_bytes(b"none")
    with pytest.raises(ValueError, match=r"data.yaml: expected labelled images in the folders of train.*a.png: exp"):
        open_source(folder)


@pytest.mark.parametrize("text", ["kpt_shape: [3, 3\n", "kpt_shape: 3\n", "kpt_shape: [0, 3]\n", "kpt_shape: [3, 4]\n"])
def test_other_yaml_is_refused(tmp_path, text):
    (tmp_path / "data.yaml").write_text(text)
    with pytest.raises(ValueError, match="data.yaml: "):
        open_source(tmp_path)


def test_texts_without_an_image_are_accounted_for(write, tmp_path):
    folder = write({"train": GOOD, "val": GOOD})
    (folder / "labels" / "train" / "b.txt").write_text(GOOD)
    (folder / "labels" / "train" / "classes.txt").write_text("mouse\n")
    source = open_source(folder / "data.yaml")
    assert "1 of texts without an image" in source.summary
    assert any("b.txt" in message for message in source.skipped)
