"""Lines of text on pictures: inside, cut off at borders, shortened, and letters beyond ASCII."""

import numpy as np

from keras_pose.viz.text import PAPER, fit_text, put_text, render_text


def test_text_is_written_at_its_place():
    canvas = np.full((40, 200, 3), PAPER, np.uint8)
    right = put_text(canvas, "frame 12", 10, 20, 16, (255, 0, 0))
    rows, columns = np.nonzero((canvas != PAPER).any(-1))
    assert 10 <= columns.min() < columns.max() <= right < 110
    assert abs((rows.min() + rows.max()) / 2 - 20) < 4
    red = canvas[..., 0].max(), canvas[..., 1].max()
    assert red[0] > 240
    assert red[1] <= PAPER[1] + 1


def test_text_beyond_the_border_is_cut_off():
    for left, middle in ((-20, 5), (190, 38), (500, 20), (10, -50)):
        canvas = np.full((40, 200, 3), PAPER, np.uint8)
        put_text(canvas, "frame 12", left, middle, 16)
        assert canvas.shape == (40, 200, 3)
        assert (canvas != PAPER).any() == (left < 200 and middle > 0)


def test_letters_beyond_ascii_are_drawn():
    assert (render_text("é", 16) != render_text("e", 16)).any()
    assert render_text("Köln · 1…", 16).max() == 255
    assert render_text("", 16).shape[0] == 21


def test_long_text_is_shortened_in_the_middle():
    name = "a_very_long_name_of_a_run_with_many_settings"
    short = fit_text(name, 14, 150)
    assert render_text(short, 14).shape[1] <= 152
    start, end = short.split("…")
    assert name.startswith(start)
    assert name.endswith(end)
    assert len(start) > 4
    assert fit_text("short", 14, 150) == "short"
    assert render_text("x" * 10**5, 14).shape[1] < 10**4
