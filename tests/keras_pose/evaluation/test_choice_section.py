"""The part of the page about what --pooling=auto chose."""

from keras_pose.evaluation.choice_section import choice_section

CANDIDATE = {
    "pooling": "sum",
    "window": 2,
    "window_seconds": 0.0,
    "frame_stride": 3,
    "flow": "none",
    "figure": 0.5,
    "accuracy": 0.6,
    "difference": 0.021,
    "interval": [0.01, 0.032],
    "lower_limit": 0.004,
    "wins": True,
    "cost": 1.0,
}
WORSE = {**CANDIDATE, "pooling": "max", "window_seconds": 0.2, "frame_stride": 0, "difference": -0.01}
CHOICE = {
    **{name: CANDIDATE[name] for name in ("pooling", "window", "window_seconds", "frame_stride", "flow")},
    "reason": "the best <of 2>",
    "measure": "area",
    "unseen": [{"source": "validation", "groups": 9, "frames": 30}],
    "validation_used": True,
    "single_frame": {"figure": 0.479, "accuracy": 0.55},
    "candidates": [CANDIDATE, {**WORSE, "interval": [-0.03, -0.002], "lower_limit": -0.04, "wins": False}],
}


def test_candidates_are_shown_with_their_intervals():
    text = choice_section(CHOICE)
    assert "the best &lt;of 2&gt;" in text
    assert "validation: 9 groups, 30 frames" in text
    assert "sum, n = 2, stride 3, flow none (chosen)" in text
    assert '<span class="good">+2.1</span></td><td>+1.0 to +3.2</td><td>+0.4' in text
    assert "max, n = 2, 0.2 s, flow none<" in text
    assert '<span class="bad">−1.0</span>' in text
    assert "figures on the validation set are slightly too good" in text
    assert "single frame</th><td>47.9</td><td>55.0</td>" in text


def test_plain_kinds_and_the_end_of_the_training_are_told():
    plain = {**CANDIDATE, "pooling": "median", "difference": 0.012, "interval": [-0.004, 0.02]}
    final = {"step": 9, "kept": "start", "difference": 0.03, "interval": [0.01, 0.05], "trained_less_start": -0.002}
    text = choice_section({**CHOICE, "against": [plain], "final": final})
    assert "same window and flow: median +1.2 points (−0.4 to +2.0)." in text
    assert "changed the figure by −0.2 points, so the start, with the fitted pooling, was kept" in text
    assert "<p>Note: weak &lt;folds&gt;.</p>" in choice_section({**CHOICE, "note": "weak <folds>"})
    text = choice_section({**CHOICE, "final": {**final, "kept": "trained", "trained_less_start": 0.002}})
    assert "changed the figure by +0.2 points, and was kept" in text


def test_a_flag_is_not_broken_and_the_single_frame_can_be_the_choice():
    text = choice_section({**CHOICE, "reason": "no <b> with --pooling=sum, x", "pooling": "none"})
    assert 'Reason: no &lt;b&gt; with <span style="white-space:nowrap">--pooling=sum</span>, x.' in text
    assert "single frame (chosen)" in text
    assert text.count("(chosen)") == 1


def test_long_tables_end_with_a_count_and_keep_the_chosen_one():
    many = [{**WORSE, "interval": [-0.03, 0.0], "pooling": f"p{i}"} for i in range(20)]
    text = choice_section({**CHOICE, "candidates": [*many, CANDIDATE]})
    assert "(chosen)" in text
    assert "and 8 more in temporal_choice.json" in text


def test_without_a_choice_there_is_nothing():
    assert choice_section(None) == ""
    text = choice_section({**CHOICE, "candidates": [], "reason": "too few unseen groups"})
    assert "too few unseen groups" in text
    assert "<table" not in text
