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


def test_further_fractions_are_added_to_the_usual_ones():
    assert EvaluateConfig(run_dir="a").all_pck_fractions == (0.05, 0.1, 0.2)
    assert EvaluateConfig(run_dir="a", pck_fractions="0.3, 0.1").all_pck_fractions == (0.05, 0.1, 0.2, 0.3)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"subset": "all"}, "--subset: expected one of auto, test, validation, train, received 'all'"),
        ({"pck_fractions": "0.3,half"}, "--pck_fractions: expected numbers above 0 and up to 10, received 'half'"),
        ({"pck_fractions": "-0.3"}, "--pck_fractions: expected numbers above 0 and up to 10, received '-0.3'"),
        ({"pck_fractions": "nan"}, "--pck_fractions: expected numbers above 0 and up to 10, received 'nan'"),
        ({"on_bad_label": "ignore"}, "--on_bad_label: expected one of error, skip, received 'ignore'"),
    ],
)
def test_unknown_choices_name_their_flag(changes, message):
    with pytest.raises(ValueError, match=message):
        EvaluateConfig(run_dir="a", **changes)
