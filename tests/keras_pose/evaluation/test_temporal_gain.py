"""The gain of pooling in a line of text; `test_beside_frame` measures it on a net."""

from keras_pose.evaluation import temporal_gain


def make_figures(gain, ratio):
    of_all = {"gain": gain, "interval": None if gain is None else [gain - 0.01, gain + 0.01]}
    return {"tolerance": 0.05, "kinds": {"all": of_all}, "jitter_px": {"ratio": ratio}}


def test_the_line_has_gain_interval_and_jitter():
    text = temporal_gain.describe(make_figures(0.02, 0.5))
    assert text == (
        "pooling against the frame alone: +2.0 points of all joints (+1.0 to +3.0) within 5 % of the frame; "
        "jitter 0.50 times"
    )
    assert temporal_gain.describe(make_figures(0.02, None)).endswith("of the frame")
    assert temporal_gain.describe(make_figures(None, None)).endswith("nothing is labelled")
