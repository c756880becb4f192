"""Poses of parts: people in their columns, calibrated, smoothed."""

import types

import numpy as np
import pytest

from keras_pose.analysis.assembly import assemble
from keras_pose.analysis.parts import PartStore
from keras_pose.analysis.rows import Row, to_arrays
from keras_pose.analysis.settings import Settings
from keras_pose.inference.pose_model import FramePose
from keras_pose.poses.video_poses import ModelFacts
from tests.helpers import calibrations
from tests.helpers.video_poses import SKELETON

FACTS = {"size_hw": [48, 64], "fps": 25.0, "num_frames": 64}
SMALL = (0.0, 0.0, 20.0, 10.0)
LARGE = (4.0, 2.0, 30.0, 40.0)


def pose(number, value=1.0):
    scores = np.array([0.2, 0.5, 0.9], np.float32)
    return FramePose(number, np.full((3, 2), value, np.float32), scores, ambiguous=np.array([True, False, False]))


def make_store(people_of, missing=(), count=64):
    """Parts of 32 frames; `people_of`: function of a frame's number to regions by name."""
    store = PartStore()
    for part in range(count // 32):
        rows = []
        for number in range(part * 32, part * 32 + 32):
            regions = {} if number in missing else people_of(number)
            poses = {name: pose(number, float(number)) for name in regions}
            rows.append(Row(number, number / 25, number not in missing, regions, poses))
        store.write(part, to_arrays(rows, 3, {}))
    return store


def a_model(calibration=None):
    facts = ModelFacts("mine", digest="ab")
    return types.SimpleNamespace(
        facts=facts, skeleton=SKELETON, calibration=calibration, settings=lambda: {"window": 2}
    )


def one(number):
    return {"person": SMALL}


def assembled(store, model=None, **settings):
    return assemble(model or a_model(), "videos/clip.mp4", Settings(part_frames=32, **settings), store, FACTS)


def test_people_keep_their_columns_whichever_part_they_come_in():
    store = make_store(lambda n: {"a": SMALL} if n < 32 else {"b": LARGE, "a": SMALL})
    poses = assembled(store)
    assert poses.people == ("a", "b")
    assert np.isfinite(poses.joints[:, 0]).all()
    assert np.isnan(poses.joints[:32, 1]).all()
    assert (poses.joints[40, 1] == 40).all()
    np.testing.assert_array_equal(poses.regions[40, 1], LARGE)
    assert poses.ambiguous[40].tolist() == [[True, False, False]] * 2


def test_missing_frames_have_neither_confidence_nor_expected_error():
    calibration = calibrations.make_calibration(SKELETON.joints)
    poses = assembled(make_store(one, missing=(3, 40)), a_model(calibration))
    gone = ~poses.decoded
    assert np.flatnonzero(gone).tolist() == [3, 40]
    for array in (poses.joints, poses.confidences, poses.expected_errors_px, poses.regions):
        assert np.isnan(array[gone]).all()
        assert np.isfinite(array[~gone]).all()
    assert not poses.scores[gone].any()


def test_errors_are_in_px_of_each_region_and_the_distance_in_those_of_the_usual_one():
    calibration = calibrations.make_calibration(SKELETON.joints)
    poses = assembled(make_store(lambda n: {"a": SMALL if n % 4 else LARGE}), a_model(calibration))
    scores = np.array([0.2, 0.5, 0.9], np.float32)
    np.testing.assert_allclose(poses.confidences[5, 0], calibration.probabilities(scores))
    np.testing.assert_allclose(poses.expected_errors_px[5, 0], 20 * calibration.expected_errors(scores), rtol=1e-6)
    np.testing.assert_allclose(poses.expected_errors_px[8, 0], 40 * calibration.expected_errors(scores), rtol=1e-6)
    assert poses.calibration == calibration.describe(20.0)


def test_without_a_calibration_there_is_no_confidence():
    poses = assembled(make_store(one))
    assert poses.calibration is None
    assert np.isnan(poses.confidences).all()


def test_each_third_frame_is_counted_from_the_start():
    poses = assembled(make_store(one), start=1, every=3)
    assert poses.frames.tolist() == list(range(1, 64, 3))
    assert (poses.joints[1] == 4).all()


def test_a_video_without_people_has_one_empty_column():
    poses = assembled(make_store(lambda n: {}))
    assert poses.people == ("person",)
    assert np.isnan(poses.joints).all()


def test_joints_are_smoothed_and_gaps_stay():
    store = make_store(one, missing=(10,))
    raw = assembled(store)
    poses = assembled(store, smoothing="one_euro", smoothing_options=(("min_cutoff_hz", 0.5), ("beta", 0.0)))
    assert np.isnan(poses.joints[10]).all()
    assert np.nanmax(np.abs(poses.joints - raw.joints)) > 0.1
    assert poses.settings["smoothing"] == {"method": "one_euro", "min_cutoff_hz": 0.5, "beta": 0.0}
    assert raw.settings["smoothing"] == {"method": "none"}
    assert "smoothing_options" not in poses.settings


def test_settings_say_how_it_was_made_but_not_in_which_folder():
    poses = assembled(make_store(one), tracks="/somewhere/boxes.txt")
    assert poses.settings["tracks"] == "boxes.txt"
    assert poses.settings["window"] == 2
    assert (poses.video.size_hw, poses.video.fps, poses.video.num_frames) == ((48, 64), 25.0, 64)


def test_parts_before_the_start_are_not_read():
    store = PartStore()
    store.write(1, make_store(one).read(1))
    assert assembled(store, start=32).frames.tolist() == list(range(32, 64))


def test_smoothing_that_does_not_fit_is_named():
    with pytest.raises(ValueError, match="median_frames: expected an odd number"):
        assembled(make_store(one), smoothing="median", smoothing_options=(("median_frames", 4),))
