"""What is written about a choice, in words and figures."""

import numpy as np

from keras_pose.choosing import record, unseen
from keras_pose.choosing.candidates import SINGLE_FRAME, Candidate, Window
from keras_pose.choosing.comparison import SINGLE, Comparison
from keras_pose.choosing.unseen import Part
from keras_pose.pooling.config import WindowConfig
from keras_pose.skeleton import UPPER_BODY
from tests.helpers import blob_clips

CLIPS = blob_clips.still_clips(8)
PARTS = [Part("net", tuple(CLIPS), "validation")]
TRUTH = np.concatenate([clip.joints for clip in CLIPS])
TARGETS = np.concatenate([TRUTH, np.ones((*TRUTH.shape[:2], 1))], -1).astype(np.float32)
WINDOW = Window(WindowConfig(num_neighbours=2, window_seconds=0.5, flow="none"))
TRIED = [Candidate(name, WINDOW) for name in ("chain", "sum", "median")]


def choose(**errors_px):
    spread = np.repeat(np.linspace(0.9, 1.1, 8), 3)[:, None, None]
    predicted = {f"{name}-2x0.5s-none": TRUTH + px * spread * [1, 0] for name, px in errors_px.items()}
    comparison = Comparison(CLIPS, TARGETS, UPPER_BODY, (64, 64), {SINGLE: TRUTH + [4.0, 0], **predicted})
    costs = {candidate.name: cost for candidate, cost in zip(TRIED, (9, 1, 3))}
    return record.of_comparison(comparison, TRIED, costs, PARTS, "digest")


def test_the_best_is_chosen_with_its_flags_and_against_the_plain_kinds():
    chosen, found = choose(chain=1.0, sum=3.0, median=3.5)
    assert chosen == TRIED[0]
    assert {name: found[name] for name in ("pooling", "window", "window_seconds", "frame_stride", "flow")} == {
        "pooling": "chain",
        "window": 2,
        "window_seconds": 0.5,
        "frame_stride": 0,
        "flow": "none",
    }
    assert [of["pooling"] for of in found["candidates"]] == ["chain", "sum", "median"]
    assert [of["pooling"] for of in found["against"]] == ["sum", "median"]
    assert all(of["difference"] > 0 and of["interval"][0] > 0 for of in found["against"])
    assert found["reason"].startswith("--pooling=chain --window=2 --window_seconds=0.5 --flow=none against the single")
    assert "points (" in found["reason"]
    assert found["unseen"] == [{"source": "validation", "groups": 8, "frames": 24}]


def test_a_cheaper_one_that_is_as_good_is_explained():
    chosen, found = choose(chain=1.0, sum=1.0, median=3.5)
    assert chosen == TRIED[1]
    assert "the cheapest of 2 that are as good as the best" in found["reason"]
    assert [of["as_good"] for of in found["candidates"]] == [True, True, False]


def test_without_a_winner_the_best_loser_is_named():
    chosen, found = choose(chain=5.0, sum=6.0, median=4.5)
    assert chosen is SINGLE_FRAME
    assert found["reason"].startswith("no pooling is better than the single frame; the best, --pooling=median")
    assert found["against"] == []
    few = record.too_few(PARTS[:0], "digest")
    assert "too few unseen groups to choose by: 0" in few["reason"]
    assert not few["validation_used"]


def test_nets_of_folds_that_are_far_worse_than_the_net_are_noted():
    parts = [*PARTS, *(Part("net", tuple(CLIPS), unseen.name_fold(number)) for number in range(2))]
    assert record.note_weak_folds(parts, [0.8, 0.7, 0.72]) == ""
    assert "(figure of the single frame on frames that they have not seen: 35 % and 80 %)" in record.note_weak_folds(
        parts, [0.8, 0.3, 0.4]
    )
    assert record.note_weak_folds(PARTS, [0.1]) == record.note_weak_folds(parts[1:], [0.1, 0.9]) == ""
