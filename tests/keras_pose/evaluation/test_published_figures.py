"""The figures of the published predictions of the Flowing ConvNets, and of a small file made like them."""

import pathlib

import numpy as np
import pytest
import scipy.io

from benchmarks.common.published_predictions import SKELETON, read_predictions
from keras_pose.evaluation.accuracy import score

PUBLISHED = pathlib.Path(__file__).resolve().parents[3].parent / "shared" / "data" / "flowing_convnets_predictions"
SHOULDERS = "left_shoulder,right_shoulder"


def _cells(values):
    cells = np.empty((1, len(values)), object)
    for i, value in enumerate(values):
        cells[0, i] = value
    return cells


def _write(path, truth, visible, predicted, sequences):
    """Writes 1-based truth, visibility and predictions of all rows as the authors' files hold them."""
    kind = [("joint_locs", object), ("visible", object)]
    data = np.zeros((1, len(truth)), kind)
    for i, (joints, seen) in enumerate(zip(truth, visible)):
        data[0, i] = (joints, np.asarray(seen, np.uint8)[:, None])
    results = _cells([_cells([predicted[row - 1] for row in rows]) for rows in sequences])
    test_seqs = {"data": data, "seqs": _cells([np.array([rows], np.uint16) for rows in sequences]), "name": "made"}
    scipy.io.savemat(path, {"test_seqs": test_seqs, "raw_results": results})


@pytest.fixture
def made(tmp_path):
    """Four frames in two sequences; wrist errors: right 5, 5, 15, 25 px, left 5, 35 px (twice invisible)."""
    truth = np.tile(np.arange(14, dtype=np.float64).reshape(7, 2) * 10 + 1, (4, 1, 1))
    predicted = truth.copy()
    predicted[:, 1, 0] += [5, 5, 15, 25]
    predicted[:, 2, 1] += [5, 35, 500, 500]
    visible = np.ones((4, 7))
    visible[2:, 2] = 0
    _write(tmp_path / "made.mat", truth, visible, predicted, [[3, 4], [1, 2]])
    return tmp_path / "made.mat"


def test_made_file_has_the_figures_computed_by_hand(made):
    clips = read_predictions(made)
    assert [clip.name for clip in clips] == ["sequence_01", "sequence_02"]
    scores = score(clips, SKELETON, pck_reference=SHOULDERS, distances_px=(10, 20, 30, 40))
    # Right 2/4, 3/4, 4/4, 4/4; left 1/2, 1/2, 1/2, 2/2; the average of both.
    assert scores["groups"]["wrist"]["accuracy_px"] == {"10": 0.5, "20": 0.625, "30": 0.75, "40": 1.0}
    assert scores["groups"]["elbow"]["accuracy_px"]["10"] == 1.0
    assert scores["per_joint"]["right_wrist"]["mean_error_px"] == pytest.approx(12.5)
    assert scores["per_joint"]["left_wrist"]["num_labelled"] == 2
    assert scores["num_frames"] == 4


def test_coordinates_become_zero_based_and_sequences_point_at_rows(made):
    first, second = read_predictions(made, size_hw=(200, 150))
    np.testing.assert_array_equal(first.truth[0, 0], [0, 10])
    np.testing.assert_array_equal(first.predicted[:, 1, 0], [20 + 15, 20 + 25])
    np.testing.assert_array_equal(second.predicted[:, 1, 0], [25, 25])
    assert np.isnan(first.truth[:, 2]).all()
    assert first.size_hw == (200, 150)


def test_file_without_the_fields_is_refused(tmp_path):
    scipy.io.savemat(tmp_path / "other.mat", {"something": np.zeros(3)})
    with pytest.raises(ValueError, match=r"other\.mat: expected test_seqs"):
        read_predictions(tmp_path / "other.mat")


def test_sequence_with_a_missing_frame_is_named(tmp_path):
    joints = np.ones((2, 7, 2))
    path = tmp_path / "short.mat"
    _write(path, joints, np.ones((2, 7)), joints, [[1, 2]])
    content = scipy.io.loadmat(path)
    content["raw_results"][0, 0] = content["raw_results"][0, 0][:, :1]
    scipy.io.savemat(path, {k: content[k] for k in ("test_seqs", "raw_results")})
    with pytest.raises(ValueError, match="sequence 1: expected 2 frames in raw_results, received 1"):
        read_predictions(path)


def test_row_outside_the_data_is_named(tmp_path):
    joints = np.ones((3, 7, 2))
    _write(tmp_path / "rows.mat", joints[:2], np.ones((2, 7)), joints, [[1, 3]])
    with pytest.raises(ValueError, match="expected rows 1 to 2, received 1 to 3"):
        read_predictions(tmp_path / "rows.mat")


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason=f"needs the authors' files in {PUBLISHED}")
class TestPublished:
    def test_poses_in_the_wild_has_the_published_figures(self):
        clips = read_predictions(PUBLISHED / "flow-convnets-piw.mat")
        assert (len(clips), sum(len(clip.frames) for clip in clips)) == (32, 830)
        scores = score(clips, SKELETON, pck_reference=SHOULDERS, distances_px=(10, 20, 30, 40))
        printed = {
            group: [f"{100 * value:.1f}" for value in scores["groups"][group]["accuracy_px"].values()]
            for group in ("wrist", "elbow")
        }
        assert printed == {"wrist": ["36.3", "64.0", "70.4", "74.5"], "elbow": ["33.4", "65.4", "73.9", "81.0"]}
        low, high = scores["confidence_intervals"]["groups"]["wrist"]["accuracy_px"]["10"]
        assert low < 0.363 < high

    def test_mpii_cooking_is_read_with_its_own_joint_order(self):
        clips = read_predictions(PUBLISHED / "flow-convnets-mpii.mat")
        assert len(clips) == 15
        # Wrong joints would be 120 px away and more; right ones share the file's displacement of some 58 px.
        errors = np.concatenate([clip.errors_px() for clip in clips])
        assert np.median(errors[:, 1:5]) < 65
