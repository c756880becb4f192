"""Cells of the ablation: predicted once, kept in files, found again."""

import numpy as np
import pytest

from benchmarks.pooling import fit_pooling, nets
from benchmarks.pooling.cells import Cells, split_by_clip
from benchmarks.pooling.map_store import MapStore
from benchmarks.pooling.warped_windows import open_clips
from keras_pose.data.synthetic.signers import SKELETON
from keras_pose.evaluation import scoring
from keras_pose.inference import loading
from tests.helpers import tiny
from tests.helpers.exported_runs import write_run

REACH = 2


def ignore(line):
    """Shows nothing."""


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    """A run directory of a single-frame net without training, opened."""
    _, _, run_dir = write_run(tmp_path_factory.mktemp("net") / "net", **tiny.FLAGS)
    return nets.open_net(run_dir)


def test_none_is_the_net_alone(net, tmp_path):
    cells = Cells(str(tmp_path), net, 2, 2, REACH, fit_steps=4, echo=ignore)
    single = cells.predict_single()
    alone = scoring.predict_clips(loading.load_predictor(net.run_dir), cells.test_clips)
    for a, b in zip(single, alone):
        assert a.name == b.name
        np.testing.assert_array_equal(a.frames, b.frames)
        np.testing.assert_array_equal(a.truth, b.truth)
        # Maps are kept in 16 bits, which may change which of two pixels of an untrained map is the higher one.
        near = np.linalg.norm(a.predicted - b.predicted, axis=-1) < 0.5
        assert near.mean() > 0.9


@pytest.fixture(scope="module")
def finished(net, tmp_path_factory):
    """The folder of finished cells, and what they hold."""
    folder = str(tmp_path_factory.mktemp("cells"))
    cells = Cells(folder, net, 2, 2, REACH, fit_steps=4, echo=ignore)
    return folder, cells.predict_all(["none", "dis_medium"], ["max", "parametric"], [1, 2])


def test_there_is_a_cell_of_each_flow_pooling_and_window(finished):
    _, cells = finished
    assert list(cells)[:3] == [("none", "max", 1), ("none", "max", 2), ("none", "parametric", 1)]
    assert len(cells) == 8
    for clips in cells.values():
        assert [clip.name for clip in clips] == ["signers-test-00000", "signers-test-00001"]
    differing = [
        np.abs(a.predicted - b.predicted).max() for a, b in zip(cells["none", "max", 1], cells["none", "max", 2])
    ]
    assert max(differing) > 0


def test_finished_cells_and_maps_are_found_again(finished, net, monkeypatch):
    folder, cells = finished
    lines = []
    again = Cells(folder, net, 2, 2, REACH, fit_steps=4, echo=lines.append)
    monkeypatch.setattr(fit_pooling, "fit", lambda *_, **__: pytest.fail("fitted again"))
    monkeypatch.setattr(MapStore, "_read_maps", lambda *_: pytest.fail("computed again"))
    found = again.predict_all(["none", "dis_medium"], ["max", "parametric"], [1, 2])
    assert lines == []
    np.testing.assert_array_equal(found["none", "max", 1][0].predicted, cells["none", "max", 1][0].predicted)
    assert again.read_weights("dis_medium", "parametric", 2).shape == (5, SKELETON.num_joints)
    again.predict_all(["dis_medium"], ["sum"], [1])  # a cell more needs no maps more
    assert len(lines) == 1


def test_a_folder_of_other_settings_is_refused(finished, net):
    with pytest.raises(ValueError, match="--work_dir: .* other settings .clips 2 there, 3 now.; choose another"):
        Cells(finished[0], net, 3, 2, REACH, fit_steps=4)


def test_weights_that_were_not_fitted_are_missed_by_name(finished, net):
    cells = Cells(finished[0], net, 2, 2, REACH, fit_steps=4)
    with pytest.raises(ValueError, match="weights of max pooling, n = 1, flow none"):
        cells.read_weights("none", "max", 1)


def test_predictions_are_split_by_clip_and_in_px_of_the_frame(net):
    clips = open_clips("test", 2, REACH, 64)  # frames of 64 px, twice the input
    joints = np.zeros((6, SKELETON.num_joints, 2), np.float32)
    joints[:, 0] = np.arange(6)[:, None]
    found = split_by_clip(clips, joints, np.ones(joints.shape[:2]), net.config)
    assert [clip.frames.tolist() for clip in found] == [clip.labelled.tolist() for clip in clips]
    np.testing.assert_allclose(found[1].predicted[:, 0, 0], 2 * np.arange(3, 6) + 0.5)
