"""What is scored: one run or several."""

import pytest

from keras_pose.evaluation.config import EvaluateConfig


def test_several_runs_are_separated_by_commas():
    assert EvaluateConfig(run_dir="a, b,").run_dirs == ["a", "b"]
    assert EvaluateConfig(run_dir="a").run_dirs == ["a"]
    assert EvaluateConfig(run_dir=" , ").run_dirs == []


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
