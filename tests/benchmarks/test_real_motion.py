"""Rows of the benchmark of flow on real people."""

import json

import numpy as np
import pytest

from benchmarks import real_motion
from benchmarks.common.timing import Timings
from benchmarks.motion.carried_joints import GAPS, REGIONS
from benchmarks.motion.real_clips import RealClip
from tests.helpers.motion import shifted_texture

FILMS = ["a", "a", "b", "c", "d"]


def make_errors(factor, seed=0):
    rng = np.random.default_rng(seed)
    drawn = [rng.uniform(2, 9, 6) for _ in FILMS]
    return {(gap, region): [factor * part for part in drawn] for gap in GAPS for region in REGIONS}


def test_clips_of_one_film_are_drawn_together():
    draws = real_motion.draw_films(FILMS)
    np.testing.assert_array_equal(draws[0], np.ones(5))
    np.testing.assert_array_equal(draws[:, 0], draws[:, 1])
    np.testing.assert_array_equal(draws[1:, 1:].sum(axis=1), np.full(len(draws) - 1, 4))


def test_mean_and_median_are_over_all_joints_of_the_films_drawn():
    parts = make_errors(1)[5, "wrists"]
    draws = real_motion.draw_films(FILMS)[:20]
    found = real_motion.summarise(parts, draws)
    for row, counts in enumerate(draws.astype(int)):
        pooled = np.sort(np.concatenate([np.tile(part, count) for part, count in zip(parts, counts)]))
        assert found["mean"][row] == pytest.approx(pooled.mean())
        assert found["median"][row] == pooled[(len(pooled) - 1) // 2]


def test_a_draw_without_joints_is_left_out():
    parts = [np.array([2.0, 3.0, 7.0]), np.zeros(0)]
    found = real_motion.summarise(parts, np.array([[1.0, 1.0], [0.0, 2.0], [2.0, 0.0]]))
    np.testing.assert_allclose(found["mean"], [4, np.nan, 4])
    np.testing.assert_allclose(found["median"], [3, np.nan, 3])


def test_ratios_are_paired_and_the_target_is_about_the_chosen_one():
    measured = {"not moved": make_errors(3.0), "dis_fast": make_errors(2.0), "farneback_half": make_errors(1.0)}
    rows = {row.what: row for row in real_motion.error_rows(measured, FILMS, "farneback_half")}
    assert len(rows) == 3 * 4 * 2 * (3 + 2)
    ratio = rows["5 frames, wrists, mean, farneback_half / dis_fast"]
    assert (ratio.value, ratio.low, ratio.high, ratio.holds) == pytest.approx((0.5, 0.5, 0.5, True))
    assert sorted(row.what for row in rows.values() if row.target) == [
        f"5 frames, wrists, {what}, farneback_half / dis_fast" for what in ("mean", "median")
    ]
    row = rows["10 frames, elbows, median, dis_fast"]
    assert row.low < row.value < row.high


def test_an_estimator_without_any_error_has_no_rows():
    empty = {key: [np.zeros(0)] * len(FILMS) for key in make_errors(1.0)}
    measured = {"not moved": make_errors(3.0), "noise of the labels": empty, "dis_fast": make_errors(2.0)}
    rows = real_motion.error_rows(measured, FILMS, "dis_fast")
    assert len(rows) == 3 * 4 * 2 * (2 + 1)
    assert not any("noise" in row.what for row in rows)


def test_times_are_ratios_of_turns(monkeypatch):
    seconds = {"dis_fast": np.array([1.0, 2.0]), "farneback_half": np.array([2.0, 4.0])}
    monkeypatch.setattr(real_motion, "time_in_turn", lambda functions, repeats, calls: Timings(seconds))
    clip = RealClip("a", np.zeros((2, 64, 64, 3), np.uint8), np.zeros((2, 15, 2)))
    rows = real_motion.time_rows(dict.fromkeys(seconds, np.subtract), clip, 2, "farneback_half")
    assert [(row.what, row.value, row.target) for row in rows] == [
        ("time per pair, dis_fast", 1500, None),
        ("time per pair, farneback_half", 3000, None),
        ("time, farneback_half / dis_fast", 2, "<= 3"),
    ]


def test_a_quick_run_writes_rows(tmp_path, monkeypatch):
    """Clips of a texture that moves by 2 px a frame."""
    frames = np.stack([shifted_texture((-2 * t, 0), (64, 64))[0] for t in range(6)])
    joints = np.full((6, 15, 2), 32, np.float32) + 2 * np.arange(6)[:, None, None] * np.float32((1, 0))
    clips = [RealClip(film, frames, joints) for film in "ab"]
    monkeypatch.setattr(real_motion, "open_clips", lambda *arguments: clips)
    path = tmp_path / "rows.json"
    arguments = ["--jhmdb=x", "--size=64", "--quick", "--direct", f"--json={path}"]
    real_motion.main([*arguments, "--flow", "dis_fast", "dis_medium"])
    rows = {row["what"]: row for row in json.loads(path.read_text())["rows"]}
    assert rows["3 frames, wrists, mean, not moved"]["value"] == pytest.approx(6)
    for name in ("dis_fast", "dis_medium", "dis_medium, direct"):
        assert rows[f"3 frames, wrists, median, {name}"]["value"] < 0.5
    assert not any(what.startswith("10 frames") for what in rows)  # the clips are too short
    means = {name: rows[f"3 frames, wrists, mean, {name}"]["value"] for name in ("dis_fast", "dis_medium")}
    assert rows["3 frames, wrists, mean, best for each joint"]["value"] <= min(means.values())
    assert rows["3 frames, wrists, mean, noise of the labels"]["value"] == pytest.approx(0, abs=1e-4)
    assert rows["time, dis_medium / dis_fast"]["target"] == "<= 3"


def test_frames_too_small_are_refused(capsys):
    with pytest.raises(SystemExit):
        real_motion.main(["--jhmdb=x", "--size=32"])
    assert "--size: expected at least 64, received 32" in capsys.readouterr().err
