"""People of pictures as frames of their own."""

import numpy as np
import pytest

from keras_pose.data.importers.coco.findings import Findings
from keras_pose.data.importers.coco.people import Person
from keras_pose.data.importers.labelled_frames import LabelledFrame
from keras_pose.data.importers.people_apart import take_apart

SQUARE = (10.0, 20.0, 40.0, 40.0)


def person(region=SQUARE):
    return Person(None, "here", np.array([[3.0, 4.0, 2.0]]), {}, None, {}, region)


def frame(file, *people, position=0, **fields):
    return LabelledFrame(file, False, position, list(people) or [person()], **fields)


def test_whole_pictures_stay_as_they_are():
    findings = Findings("f")
    frames = [frame("a.jpg", person(), person()), frame("b.jpg")]
    assert take_apart(frames, "none", findings) == frames
    unknown = [frame("a.jpg", person(None), person(None))]
    assert take_apart(unknown, "auto", findings) == unknown
    assert (findings.notes, findings.skipped()) == ([], ())


def test_each_person_has_a_name_a_session_and_a_region():
    findings = Findings("f")
    apart = take_apart([frame("a.jpg", person(), person((0, 0, 8, 8))), frame("b.jpg", group="film")], "2", findings)
    assert [(one.group, one.session, one.region) for one in apart] == [
        ("a.jpg person 1", "a.jpg", (-10, 0, 80, 80)),
        ("a.jpg person 2", "a.jpg", (-4, -4, 16, 16)),
        ("b.jpg", "film", (-10, 0, 80, 80)),
    ]
    assert [len(one.people) for one in apart] == [1, 1, 1]
    assert "around each of 3 labelled people" in findings.notes[0]
    assert "1 picture with several people" in findings.notes[0]


def test_a_person_without_a_place_is_read_only_alone():
    findings = Findings("f")
    frames = [frame("a.jpg", person(), person(None)), frame("b.jpg", person(None))]
    assert [one.region for one in take_apart(frames, "auto", findings)] == [SQUARE, None]
    assert len(findings.skipped()) == 1


@pytest.mark.parametrize(("has_frames", "positions"), [(False, [5, 6]), (True, [5, 5])])
def test_a_picture_in_two_parts_has_two_positions_unless_they_find_it(has_frames, positions):
    inside = object() if has_frames else None
    frames = [frame("a.jpg", position=5, session="film", part=part, frames=inside) for part in ("train", "test")]
    assert [one.position for one in take_apart(frames, "auto", Findings("f"))] == positions
