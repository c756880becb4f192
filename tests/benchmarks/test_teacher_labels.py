"""The benchmark of a teacher's labels."""

import numpy as np
import pytest

from benchmarks import teacher_labels
from benchmarks.teacher_labels import SETTINGS, Scored


def make_scored():
    """Two films of 50 labels; the wrong ones have a low agreement, and scores know nothing."""
    right = np.arange(100) % 5 > 0
    agreement = {key: np.where(right, 0.9, 0.1) for key in SETTINGS}
    return Scored(np.arange(100) // 50, np.arange(100) % 3, np.full(100, 0.5), right, agreement)


def test_rows_compare_labels_without_and_with_agreement():
    rows = {row.what: row for row in teacher_labels.make_rows("net", make_scored())}
    assert rows["net: without"].value == pytest.approx(0.8)
    assert rows["net: with"].value == 1
    assert rows["net: thrown out"].value == pytest.approx(0.2)
    assert rows["net: with - without"].low == pytest.approx(0.2)
    assert rows["net: thrown out that were right"].value == 0
    assert 0.15 < rows["net: with - by score"].value < 0.25


def test_films_are_the_titles_of_clips():
    name = "catch/Goal_Keeping_Tips_catch_u_cm_np1_fr_med_1"
    assert teacher_labels.film_of(name) == "Goal_Keeping_Tips"


def test_clips_are_of_as_many_films_as_possible(tmp_path):
    names = ["a/One_a_u_1", "a/One_a_u_2", "a/Two_a_u_1"]
    (tmp_path / "train_upper.txt").write_text("\n".join(names))
    assert teacher_labels.choose_clips(tmp_path, 2) == ["a/One_a_u_1", "a/Two_a_u_1"]


def test_the_highest_scores_are_kept():
    kept = teacher_labels.keep_by_score(np.array([0.1, 0.9, 0.5]), 2)
    assert kept.tolist() == [False, True, True]
