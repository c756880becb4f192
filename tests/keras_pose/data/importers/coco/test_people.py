"""People: which category is read, the order of joints, the largest box."""

import numpy as np
import pytest

from keras_pose.data.importers.coco.annotation_file import Content
from keras_pose.data.importers.coco.findings import Findings
from keras_pose.data.importers.coco.people import Person, read_people

PERSON = {"id": 1, "name": "person", "keypoints": ["a", "b"], "skeleton": [[1, 2]]}
TURNED = {"id": 2, "name": "child", "keypoints": ["b", "a"]}
HAND = {"id": 3, "name": "hand", "keypoints": ["thumb", "palm", "tip"]}
CAR = {"id": 4, "name": "car"}


def label(number, category, count):
    keypoints = [value for j in range(count) for value in (j, j + 10, 2)]
    return {"id": number, "image_id": number, "category_id": category, "keypoints": keypoints}


def read(annotations, name=""):
    findings = Findings("a.json")
    people, skeleton = read_people(Content([], annotations, [PERSON, TURNED, HAND, CAR], []), name, findings)
    return [person.place for person in people], skeleton, findings


def test_the_category_with_the_most_labels_is_read_and_others_are_counted():
    places, skeleton, findings = read([label(1, 1, 2), label(2, 3, 3), label(3, 3, 3)])
    assert places == ["annotation 2", "annotation 3"]
    assert skeleton.joints == ("thumb", "palm", "tip")
    assert findings.skipped() == ("a.json: annotation 1: of category 'person' (to read it instead, set --category)",)


def test_a_flag_chooses_the_category():
    places, skeleton, findings = read([label(1, 1, 2), label(2, 3, 3), label(3, 2, 2)], "person")
    assert (places, skeleton.joints) == (["annotation 1"], ("a", "b"))
    assert len(findings.skipped()) == 2
    with pytest.raises(ValueError, match="a.json: --category=dog: expected one of person, child, hand"):
        read([], "dog")


def test_categories_with_the_same_joints_are_read_together_in_one_order():
    findings = Findings("a.json")
    content = Content([], [label(1, 2, 2), label(2, 1, 2)], [PERSON, TURNED], [])
    content.annotations[0]["keypoints"] = [0, 10, 2, 1, 11, 5]
    people, skeleton = read_people(content, "", findings)
    assert skeleton.joints == ("a", "b")
    np.testing.assert_array_equal(people[0].values, [[1, 11, 0], [0, 10, 2]])
    assert list(people[0].faults) == [0]
    assert "at joint 'a', received 5" in people[0].faults[0]
    np.testing.assert_array_equal(people[1].values, [[0, 10, 2], [1, 11, 2]])


def test_every_annotation_that_is_not_read_is_counted():
    annotations = [
        label(1, 1, 2),
        {"id": 2, "category_id": 4, "bbox": [1, 2, 3, 4]},
        {**label(3, 4, 2), "keypoints": [1, 1, 2] * 2},
        label(4, 99, 2),
        {"id": 5, "category_id": 99, "keypoints": [0, 0, 0]},
        {**label(6, 1, 2), "keypoints": [5, 5, 0] * 2},
        {**label(7, 1, 2), "keypoints": [1, 1, 9] * 2},
        "text",
    ]
    places, _, findings = read(annotations)
    assert places == ["annotation 1"]
    assert findings.summary(1, 8, 1) == (
        f"{findings.path}: read 1 of 8 annotations in 1 image; left out: 1 of an unknown category, 1 with invalid "
        "keypoints, 1 invalid, 2 without a labelled joint, 1 of category 'car', which has no keypoints, "
        "1 without a labelled joint (v is 0, though some have positions)"
    )


@pytest.mark.parametrize(
    ("bbox", "area"),
    [([0, 0, 3, 4], 12), (["0", "0", "3", "4"], 12), (None, 6), ([0, 0, 0, 0], 6), ([1, 2], 6), ([0, 0, -3, -4], 6)],
)
def test_the_area_is_that_of_the_box_or_of_the_joints(bbox, area):
    values = np.array([[1, 1, 2], [3, 4, 1], [90, 90, 0]], float)
    assert Person(1, "annotation 1", values, {}, bbox).area() == area
