"""Grids with captions and PNG files."""

import os

import cv2
import numpy as np
import pytest

from keras_pose.viz.pictures import Tile, draw_grid, encode_png, save_png


def _picture(color, size=(60, 80)):
    return np.full((*size, 3), color, np.uint8)


def test_pictures_stand_pixel_for_pixel_in_rows_with_ink_under_them():
    colors = [(200, 0, 0), (0, 200, 0), (0, 0, 200)]
    grid = draw_grid([Tile(_picture(c), ("caption", "second line")) for c in colors], 2, "Title", "note")
    for color in colors:
        rows, columns = np.nonzero((grid == color).all(-1))
        assert (np.ptp(rows) + 1, np.ptp(columns) + 1, len(rows)) == (60, 80, 60 * 80)
    rows, columns = np.nonzero((grid == colors[2]).all(-1))
    under = grid[rows.max() + 1 : rows.max() + 40, columns.min() : columns.max()]
    assert under.min() < 80
    assert grid[: np.nonzero((grid == colors[0]).all(-1))[0].min()].min() < 80


def test_long_captions_stay_within_their_column():
    grid = draw_grid([Tile(_picture(0), ("a_very_long_caption_of_a_clip" * 4,)), Tile(_picture(9), ())], 2)
    below = grid[16 + 60 :]
    assert below[:, : 16 + 200].min() < 80
    assert (below[:, 16 + 200 + 2 :] == 255).all()


def test_dollar_signs_are_no_formula():
    draw_grid([Tile(_picture(0), ("clip_$a_{$",))], 1, "$\\broken{", "$")


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", ["左手", "יד", "\U0001f44b"])
def test_letters_that_the_font_lacks_cause_no_warning(name):
    draw_grid([Tile(_picture(0), (name,))], 1, name, name)


def test_no_pictures_are_refused():
    with pytest.raises(ValueError, match="at least one picture"):
        draw_grid([], 3)


def test_png_gives_back_the_colours(tmp_path):
    picture = np.random.default_rng(0).integers(0, 256, (5, 7, 3)).astype(np.uint8)
    save_png(tmp_path / "sub" / "p.png", picture)
    read = cv2.cvtColor(cv2.imread(str(tmp_path / "sub" / "p.png")), cv2.COLOR_BGR2RGB)
    np.testing.assert_array_equal(read, picture)
    assert os.listdir(tmp_path / "sub") == ["p.png"]
    assert encode_png(picture).startswith(b"\x89PNG")
