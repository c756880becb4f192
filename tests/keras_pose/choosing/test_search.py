"""Which candidates are tried, and that those that learn predict groups that they were not fitted to."""

import numpy as np

from keras_pose.choosing import fitting
from keras_pose.choosing.candidates import Candidate, list_windows
from keras_pose.choosing.clip_maps import MapStore
from keras_pose.choosing.search import FOLDS, Predictions, search
from keras_pose.choosing.unseen import Part
from keras_pose.pooling.config import WindowConfig
from keras_pose.runs.parts import LossConfig
from keras_pose.training import targets
from tests.helpers import blob_clips

WINDOWS = list_windows(WindowConfig(num_neighbours=1, frame_stride=1, flow="farneback"), "2x1")
KINDS = [("sum", False), ("parametric", True), ("data_dependent", True)]


class Tried:
    """Stands in for `Predictions`: what is tried, in order."""

    def __init__(self):
        self.names = []

    def predict(self, candidate):
        self.names.append(candidate.name)


def test_plain_kinds_see_all_windows_and_only_the_best_that_learns_does():
    tried = Tried()
    figures = {"data_dependent-1x1-farneback": 2, "data_dependent-1x1-none": 3}
    lines = []
    found = search(tried, KINDS, WINDOWS, lambda name: figures.get(name, 1), lines.append)
    assert [candidate.name for candidate in found] == tried.names
    assert tried.names[:4] == ["sum-1x1-farneback", "sum-2x1-farneback", "sum-1x1-none", "sum-2x1-none"]
    assert tried.names[4:6] == ["parametric-1x1-farneback", "data_dependent-1x1-farneback"]
    assert tried.names[6:] == ["data_dependent-1x1-none", "data_dependent-2x1-none"]
    assert "data_dependent is the best" in lines[1]


def test_those_that_learn_predict_out_of_fold(tmp_path, monkeypatch):
    parts = [Part("net", tuple(blob_clips.still_clips(4)), "validation")]
    windows = list_windows(WindowConfig(num_neighbours=1, frame_stride=1, flow="none"), "")
    store = MapStore(str(tmp_path / "maps"), (64, 64), windows, None)
    store.fill(parts[0].clips, "part0", blob_clips.predict_maps)
    fitted = []
    predicted = []
    fit = fitting.fit
    predict = fitting.predict

    def note_fit(layer, of_window, groups, *rest):
        fitted.append(set(groups))
        fit(layer, of_window, groups, *rest, settings=fitting.FitSettings(steps=2))

    def note_predict(layer, of_window, rows, stride):
        predicted.append({of_window.groups[row] for row in rows})
        return predict(layer, of_window, rows, stride)

    monkeypatch.setattr(fitting, "fit", note_fit)
    monkeypatch.setattr(fitting, "predict", note_predict)
    loss = LossConfig()
    predictions = Predictions(
        str(tmp_path), parts, store, windows, (64, 64), loss, lambda layer: targets.make_pooling_loss(loss, layer)
    )
    joints = predictions.predict(Candidate("parametric", windows[0]))
    assert joints.shape == (12, 7, 2)
    assert np.isfinite(joints).all()
    assert len(fitted) == len(predicted) == FOLDS
    everyone = set(predictions.groups)
    for known, unknown in zip(fitted, predicted):
        assert unknown
        assert known == everyone - unknown
    assert set().union(*predicted) == everyone
    assert predictions.linear == {"parametric-1x1-none": True}
