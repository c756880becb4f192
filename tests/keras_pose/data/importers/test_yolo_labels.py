"""Lines of a YOLO-pose label file."""

import numpy as np

from keras_pose.data.importers import yolo_labels
from keras_pose.data.importers.coco.findings import Findings


def read(tmp_path, text, num_values=3, encoding="utf-8"):
    (tmp_path / "a.txt").write_bytes(text.encode(encoding))
    findings = Findings(str(tmp_path / "data.yaml"))
    people, lines = yolo_labels.read_people(str(tmp_path / "a.txt"), ("a", "b"), num_values, (10, 20), findings)
    return people, lines, findings


def test_two_values_have_no_visibility(tmp_path):
    people, lines, _ = read(tmp_path, "0 .5 .5 1 1 0.5 0.5 0 0\n\n", num_values=2)
    assert lines == 1
    np.testing.assert_allclose(people[0].values, [[10, 5, 2], [0, 0, 0]])
    assert people[0].bbox == [0, 0, 20, 10]


def test_other_encodings(tmp_path):
    people, _, _ = read(tmp_path, "0 .5 .5 1 1 0.5 0.5 2 0.1 0.1 1", encoding="utf-16")
    np.testing.assert_allclose(people[0].values[1], [2, 1, 1])


def test_bad_joints_are_faults_and_bad_people_problems(tmp_path):
    people, lines, findings = read(
        tmp_path, "0 .5 .5 1 1 0.5 0.5 2 0.1 0.1 7\n0 0 0 1 1 nan 0 2 0 0 0\n0 0 0 1 1 1 1 0 0 0 0\n"
    )
    assert lines == 3
    assert people[0].faults == {1: "expected v of 0, 1 or 2 at joint 'b', received 7"}
    assert "a.txt:2: expected a position at joint 'a', received (nan, 0)" in findings.problems[0].message
    assert "a.txt:3: without a labelled joint" in findings.skipped()[0]
