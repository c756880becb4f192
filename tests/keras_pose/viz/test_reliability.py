"""The picture of a reliability diagram."""

import numpy as np

from keras_pose.confidence import reliability
from keras_pose.viz.reliability import draw_reliability

BLUE = (0x00, 0x72, 0xB2)
VERMILION = (0xD5, 0x5E, 0x00)


def make_diagram(shift):
    predicted = np.linspace(0.1, 0.9, 10)
    counts = np.full(10, 400.0)
    return reliability.diagram(np.stack([counts, counts * predicted, counts * np.clip(predicted + shift, 0, 1)], -1))


def draw(calibrated=0.0, plain=-0.1, expected=None, true=None):
    expected = np.linspace(0.01, 0.1, 10) if expected is None else expected
    return draw_reliability(
        make_diagram(calibrated), make_diagram(plain), expected, expected if true is None else true, 0.025, dpi=80
    )


def find(picture, color):
    return np.argwhere(np.abs(picture.astype(int) - color).max(-1) < 12)


def test_both_panels_have_their_marks():
    picture = draw()
    assert picture.dtype == np.uint8
    blue = find(picture, BLUE)[:, 1]
    middle = picture.shape[1] / 2
    assert (blue < middle).sum() > 200
    assert (blue > middle).sum() > 100
    assert (find(picture, VERMILION)[:, 1] < middle).all()
    assert len(find(picture, VERMILION)) > 20


def test_a_higher_share_stands_higher():
    low, high = (np.median(find(draw(plain=shift), VERMILION)[:, 0]) for shift in (-0.1, 0.1))
    assert high < low - 20


def test_errors_of_0_can_be_drawn():
    assert draw(expected=np.zeros(10)).shape == draw().shape
