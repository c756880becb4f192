"""Sources and problems cannot be changed in place, and a source needs no more than clips and a skeleton."""

import dataclasses

import pytest

from keras_pose.data.source import Problem, Source
from keras_pose.skeleton import UPPER_BODY


def test_a_source_has_no_messages_by_default():
    source = Source([], UPPER_BODY)
    assert (source.skipped, source.problems, source.notes, source.name) == ((), (), (), "")


def test_a_changed_source_is_a_new_one():
    source = Source([], UPPER_BODY, notes=("first",))
    renamed = dataclasses.replace(source, name="other")
    assert (renamed.name, renamed.notes, source.name) == ("other", ("first",), "")
    with pytest.raises(dataclasses.FrozenInstanceError):
        source.name = "other"


def test_a_problem_may_have_no_row_in_its_clip():
    problem = Problem("clip", None, "list.txt:3: five fields")
    assert problem.row is None
    assert problem == Problem("clip", None, "list.txt:3: five fields")
    with pytest.raises(dataclasses.FrozenInstanceError):
        problem.row = 3
