"""Jitter and error of whole videos."""

import json

import numpy as np
import pytest

from benchmarks import video_jitter
from tests.helpers import tiny
from tests.helpers.tested_runs import write_tested_run
from tests.helpers.video_predictions import TWO_JOINTS, make_video, make_videos


def test_jitter_is_pooled_over_all_frames_of_all_videos():
    still = np.zeros((4, 2, 2))
    shaking = np.zeros((10, 2, 2))
    shaking[::2, :, 0] = 1  # second differences of 2 px
    videos = [make_video("still", still), make_video("shaking", shaking)]
    table = video_jitter.measure_jitter(videos)
    np.testing.assert_array_equal(table.counts.ravel(), [2 * 2, 8 * 2])
    np.testing.assert_allclose(table.sums.ravel(), [0, 32])
    ratio, _ = video_jitter.jitter_ratio(videos, [videos[1]])
    assert ratio == pytest.approx((32 / 20) / 2)


def test_the_ratio_of_jitters_has_a_paired_interval():
    ratio, (low, high) = video_jitter.jitter_ratio(make_videos(0.5), make_videos(1.0))
    assert ratio == pytest.approx(0.5, rel=1e-4)
    assert (low, high) == pytest.approx((0.5, 0.5), rel=1e-4)
    mixed = [make_videos(0.5)[0], *make_videos(1.0)[1:]]
    ratio, (low, high) = video_jitter.jitter_ratio(mixed, make_videos(1.0))
    assert low == pytest.approx(0.5, rel=1e-4) or low < ratio < high
    assert high <= 1.0 + 1e-4
    assert video_jitter.jitter_ratio(make_videos()[:1], make_videos()[:1])[1] == (None, None)


def test_rows_have_targets_on_the_error_and_on_the_jitter():
    calm = make_videos(0.0)
    shaky = make_videos(1.0)
    half = make_videos(0.5)
    predicted = {"runs/x/net": (shaky, shaky), "runs/x": (calm, half)}
    rows = {row.what: row for row in video_jitter.make_rows(predicted, TWO_JOINTS)}
    assert rows["x: mean error at 55 labelled frames"].value == pytest.approx(5, rel=1e-5)
    assert rows["net: jitter over 55 frames"].low < rows["net: jitter over 55 frames"].high
    error = rows["x − net: mean error"]
    jitter = rows["x / net: jitter"]
    assert (error.target, jitter.target) == ("<= 0", "<= 0.8")
    assert jitter.holds
    assert error.value == pytest.approx(5 - rows["net: mean error at 55 labelled frames"].value)
    assert error.low < error.value < error.high
    assert all(row.target is None for row in video_jitter.make_rows(predicted, TWO_JOINTS, targets=False))


def test_names_of_runs_are_shortened():
    assert video_jitter.shorten_names(["a/b", "a/b/frame_net"]) == {"a/b": "b", "a/b/frame_net": "frame_net"}
    assert set(video_jitter.shorten_names(["a/net", "b/net"]).values()) == {"a/net", "b/net"}


@pytest.mark.parametrize("argument", ["--run_dirs=", "--run_dirs=a,./a", "--run_dirs=a --figure_frames=2"])
def test_invalid_arguments_are_refused(argument, capsys):
    with pytest.raises(SystemExit):
        video_jitter.parse_arguments(argument.split())
    assert "expected" in capsys.readouterr().err


@pytest.mark.slow
def test_two_runs_are_compared_from_the_command_line(tmp_path, capsys):
    net = write_tested_run(tmp_path / "net", **tiny.FLAGS)
    flowing = write_tested_run(tmp_path / "flowing", **tiny.FLAGS, model="flowing", window=1)
    results = tmp_path / "rows.json"
    figure = tmp_path / "figure.png"
    video_jitter.main([f"--run_dirs={net},{flowing}", "--quick", f"--json={results}", f"--figure={figure}"])
    assert "8 frames of 2 videos" in capsys.readouterr().out
    rows = {row["what"]: row for row in json.loads(results.read_text())["rows"]}
    assert rows["flowing / net: jitter"]["value"] > 0
    assert rows["net: distance of stream and window at labelled frames"]["value"] < 0.01
    assert any(what.startswith("labels up to 4 frames apart") for what in rows)
    assert figure.stat().st_size > 5000
