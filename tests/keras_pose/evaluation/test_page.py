"""The page of an evaluation: its parts in their order, for one run and for several."""

import base64
import re

import cv2
import numpy as np

from keras_pose.evaluation.accuracy import score
from keras_pose.evaluation.page import build_page
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.skeleton import Skeleton

HANDS = Skeleton("hands", ("left_wrist", "right_wrist"), flip_pairs=(("left_wrist", "right_wrist"),))


def make_scores(shift_px=3.0, clips=2):
    run = []
    for i in range(clips):
        truth = np.full((3, 2, 2), 20.0)
        labels = np.full((3, 2), 2)
        run.append(ClipPredictions(f"c{i}", np.arange(3), truth + (shift_px, 0), labels, truth, labels, (48, 64)))
    return score(run, HANDS, distances_px=(2, 6), resamples=1000)


def cards(page):
    found = re.findall(r'<div class="card"><b>(.*?)</b><span>(.*?)</span>', page)
    return {label: value for value, label in found}


def test_cards_hold_the_main_figures_of_a_single_run():
    page = build_page("Title", {"run": make_scores()}, [], {}, 6)
    assert cards(page) == {
        "within 6 px": "100.0 %",
        "mean error": "3.00 px",
        "median error": "3.00 px",
        "PCK at 0.1 of frame": "100.0 %",
        "jitter, mean second difference": "0.00 px",
    }
    assert "6 frames of 2 clips, 12 labelled joints" in page
    assert "Area under the accuracy curve up to 6.4 px: 0.531." in page
    assert cards(build_page("Title", {"run": make_scores()}, [], {}, 2))["within 2 px"] == "0.0 %"


def test_the_training_error_stands_beside_the_error():
    page = build_page(
        "Title", {"run": {**make_scores(), "train_mean_error_px": 1.25, "train_num_frames": 40}}, [], {}, 6
    )
    assert cards(page)["mean error on 40 frames of the training set"] == "1.25 px"
    assert "knows its own frames by heart" in page


def test_pictures_are_embedded_with_their_text():
    picture = np.random.default_rng(0).integers(0, 256, (20, 30, 3)).astype(np.uint8)
    page = build_page("Title", {"run": make_scores()}, [], {"p.png": (picture, "Heading", 'text "quoted"')}, 6)
    alt, data = re.search(r'<img alt="(.*?)" src="data:image/png;base64,(.*?)"', page).groups()
    assert alt == "Heading: text &quot;quoted&quot;"
    read = cv2.imdecode(np.frombuffer(base64.b64decode(data), np.uint8), cv2.IMREAD_COLOR)
    np.testing.assert_array_equal(cv2.cvtColor(read, cv2.COLOR_BGR2RGB), picture)


def test_page_of_several_runs_compares_instead_of_cards():
    difference = {
        "run": "b", "against": "a<1>", "metric": "mean_error_px", "group": None, "a": 4.0, "b": 3.0, "difference": 1.0,
        "interval": [0.5, 1.5], "significant": True,
    }  # fmt: skip
    page = build_page("A & B", {"a<1>": make_scores(), "b": make_scores(4.0)}, [difference], {}, 6)
    assert "<h1>A &amp; B</h1>" in page
    assert cards(page) == {}
    order = [
        "<h2>Runs</h2>",
        "<h2>Differences from a&lt;1&gt;</h2>",
        "<h2>Joints: a&lt;1&gt;</h2>",
        "<h2>Joints: b</h2>",
    ]
    positions = [page.index(part) for part in order]
    assert positions == sorted(positions)
    assert '<span class="bad">+1.00 px</span>' in page


def test_few_clips_are_said_to_tell_nothing_about_others():
    assert "nothing about other clips" in build_page("T", {"run": make_scores(clips=1)}, [], {}, 6)
    assert "nothing about other clips" not in build_page("T", {"run": make_scores(clips=5)}, [], {}, 6)
