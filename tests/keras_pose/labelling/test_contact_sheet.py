"""The picture of all suggested frames."""

import numpy as np

from keras_pose.labelling import contact_sheet
from keras_pose.media.images import read_image
from tests.helpers import suggested_frames


def test_every_frame_is_drawn_with_its_labels(tmp_path):
    made = suggested_frames.make_suggestions(tmp_path)
    contact_sheet.write(tmp_path / "sheet.png", made)
    sheet = read_image(tmp_path / "sheet.png")
    assert sheet.shape[1] > 4 * 240
    colors = sheet.reshape(-1, 3)
    for color in suggested_frames.SKELETON.colors:
        assert (colors == np.array(color)).all(1).any()


def test_only_the_best_are_drawn_if_there_are_many(tmp_path, monkeypatch):
    made = suggested_frames.make_suggestions(tmp_path)
    whole = contact_sheet.draw(made)
    monkeypatch.setattr(contact_sheet, "_MOST", 2)
    assert contact_sheet.draw(made).shape[1] < whole.shape[1]
