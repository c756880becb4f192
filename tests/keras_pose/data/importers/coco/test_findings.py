"""Findings: each annotation once in the summary, one message for each reason."""

from keras_pose.data.importers.coco.findings import Findings
from keras_pose.data.source import Problem


def test_messages_are_grouped_and_counted():
    findings = Findings("a.json")
    assert findings.summary(5, 5, 5) == ""
    for number in range(1200):
        findings.leave_out("of crowds", f"annotation {number}")
    findings.add_bad("whose image is missing", "image 7", "expected 'a.png'", "a.png", annotations=3)
    findings.add_bad("", "images[3]", "expected an object", "", annotations=0)
    assert findings.skipped() == ("a.json: annotation 0, annotation 1, annotation 2 and 1,197 more: of crowds",)
    assert findings.summary(5, 1208, 5) == (
        "a.json: read 5 of 1208 annotations in 5 images; left out: 3 whose image is missing, 1200 of crowds"
    )
    first, second = findings.problems
    assert (first.clip, first.row, first.joint) == ("a.png", None, None)
    assert first.message == "a.json: image 7: expected 'a.png'"
    assert second.message == "a.json: images[3]: expected an object"


def test_invalid_joints_of_labels_that_are_read_are_counted():
    findings = Findings("a.json")
    findings.problems.append(Problem("a.png", 0, "a.json: annotation 1: expected v", 2))
    assert findings.summary(5, 5, 5) == "a.json: read 5 of 5 annotations in 5 images (without 1 invalid joint)"


def test_notes_name_the_file():
    findings = Findings("a.json")
    findings.add_note("something")
    assert findings.notes == ["a.json: something"]
