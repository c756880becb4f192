"""What is scored: one run or several."""

import pytest

from keras_pose.evaluation.config import EvaluateConfig


def test_several_runs_are_separated_by_commas():
    assert EvaluateConfig(run_dir="a, b,").run_dirs == ["a", "b"]
    assert EvaluateConfig(run_dir="a").run_dirs == ["a"]
    assert EvaluateConfig(run_dir=" , ").run_dirs == []


def test_the_flag_may_be_given_several_times_and_a_path_that_exists_keeps_its_commas(tmp_path):
    (tmp_path / "a,b").mkdir()
    path = str(tmp_path / "a,b")
    assert EvaluateConfig(run_dir=path).run_dirs == [path]
    assert EvaluateConfig(run_dir=(path, "c,d", "e")).run_dirs == [path, "c", "d", "e"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"subset": "all"}, "--subset: expected one of auto, test, validation, train, received 'all'"),
        ({"on_bad_label": "ignore"}, "--on_bad_label: expected one of error, skip, received 'ignore'"),
    ],
)
def test_unknown_choices_name_their_flag(changes, message):
    with pytest.raises(ValueError, match=message):
        EvaluateConfig(run_dir="a", **changes)
