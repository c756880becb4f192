"""The files of an evaluation."""

import json
import os
import re
from html.parser import HTMLParser

import cv2
import numpy as np
import pytest

from keras_pose.evaluation import shown_part
from keras_pose.evaluation.predictions import ClipPredictions, load
from keras_pose.evaluation.report import write_report
from keras_pose.skeleton import UPPER_BODY


def make_run(spread_px, clips=3, labelled=True, frames=6):
    run = []
    for i in range(clips):
        rng = np.random.default_rng(i)
        truth = rng.uniform(10, 50, (frames, 7, 2))
        predicted = truth + rng.normal(0, spread_px, truth.shape)
        labels = np.full((frames, 7), 2 if labelled else 0)
        truth = truth if labelled else truth * np.nan
        run.append(ClipPredictions(f"c<{i}>", np.arange(frames), predicted, labels, truth, labels, (48, 64)))
    return run


def read_frame(name, index):
    return np.full((48, 64, 3), 100, np.uint8)


class _Balance(HTMLParser):
    """Checks that every tag that opens closes again, and collects the text."""

    def __init__(self):
        super().__init__()
        self.open = []
        self.text = ""

    def handle_starttag(self, tag, attrs):
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def _read_page(folder):
    text = (folder / "index.html").read_text("utf-8")
    page = _Balance()
    page.feed(text)
    assert page.open == []
    assert not re.search(r'(src|href)="(?!data:)', text)
    return page.text, text


def test_report_of_one_run_has_all_files(tmp_path):
    run = make_run(3)
    metrics = write_report(tmp_path, {"run": run}, UPPER_BODY, read_frame, title="Signers & <more>", resamples=1000)
    files = ["curves.png", "index.html", "metrics.json", "predictions.npz", "random_frames.png", "worst_frames.png"]
    assert sorted(os.listdir(tmp_path)) == files
    assert json.loads((tmp_path / "metrics.json").read_text()) == metrics
    assert list(metrics)[:1] == ["num_frames"]
    assert "runs" not in metrics
    for name in files:
        if name.endswith(".png"):
            picture = cv2.imread(str(tmp_path / name))
            assert min(picture.shape[:2]) > 250
            assert np.ptp(picture) > 200
    skeleton, loaded = load(tmp_path / "predictions.npz")
    assert skeleton == UPPER_BODY
    np.testing.assert_array_equal(loaded[1].predicted, run[1].predicted)
    text, source = _read_page(tmp_path)
    assert "Signers & <more>" in text
    assert f"{metrics['mean_error_px']:.2f} px" in text
    assert "{:.2f}–{:.2f}".format(*metrics["confidence_intervals"]["mean_error_px"]) in text
    assert "wrist (both)" in text
    assert source.count("data:image/png;base64,") == 3


def test_pictures_of_show_stand_at_the_end_of_the_page(tmp_path):
    part = shown_part.enclose("<p>pictures of show</p>", "absent.h5")
    write_report(tmp_path, {"run": make_run(2)}, UPPER_BODY, resamples=1000, part_of_show=part)
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert page.index("wrist (both)") < page.index(part) < page.index("</main>")


def test_report_of_several_runs_compares_with_the_first(tmp_path):
    runs = {"before": make_run(8), "after/<now>": make_run(2)}
    metrics = write_report(tmp_path, runs, UPPER_BODY, resamples=1000)
    assert metrics["mean_error_px"] == metrics["runs"]["before"]["mean_error_px"]
    first = metrics["paired_differences"][0]
    assert (first["run"], first["against"], first["metric"]) == ("after/<now>", "before", "mean_error_px")
    assert first["difference"] < 0
    assert first["significant"]
    files = ["curves.png", "index.html", "metrics.json", "predictions.npz", "predictions_2_after-now.npz"]
    assert sorted(os.listdir(tmp_path)) == files
    text, source = _read_page(tmp_path)
    assert "Differences from before" in text
    assert "after/<now>" in text
    assert 'class="good"' in source
    assert 'class="bad"' not in source


def test_report_of_a_single_clip_says_that_blocks_of_frames_are_drawn(tmp_path):
    metrics = write_report(tmp_path, {"run": make_run(3, clips=1)}, UPPER_BODY, resamples=1000)
    assert metrics["confidence_intervals"]["unit"] == "blocks"
    assert "the intervals say nothing about other clips" in _read_page(tmp_path)[0]


def test_report_without_labels_is_written_with_dashes(tmp_path):
    metrics = write_report(tmp_path, {"run": make_run(3, labelled=False)}, UPPER_BODY, read_frame, resamples=1000)
    assert metrics["mean_error_px"] is None
    assert metrics["jitter_px"] > 0
    assert "worst_frames.png" not in os.listdir(tmp_path)
    assert "–" in _read_page(tmp_path)[0]


def test_runs_on_other_frames_are_refused_and_nothing_is_written(tmp_path):
    with pytest.raises(ValueError, match="runs 'a' and 'b' cannot be compared: expected the same clips"):
        write_report(tmp_path / "eval", {"a": make_run(3), "b": make_run(3, clips=2)}, UPPER_BODY)
    with pytest.raises(ValueError, match="unknown pck_reference"):
        write_report(tmp_path / "eval", {"a": make_run(3)}, UPPER_BODY, pck_reference="leg")
    with pytest.raises(ValueError, match="at least one run"):
        write_report(tmp_path / "eval", {}, UPPER_BODY)
    assert not (tmp_path / "eval").exists()
