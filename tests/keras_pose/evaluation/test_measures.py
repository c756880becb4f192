"""Sums and counts of measures, against sums over joints computed by hand."""

import dataclasses

import numpy as np
import pytest

from keras_pose.evaluation import bootstrap
from keras_pose.evaluation.measure_table import MeasureOptions
from keras_pose.evaluation.measures import build_measures, group_means, joint_groups, joint_values, nest, pooled_means
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.evaluation.resampling import describe_interval
from keras_pose.skeleton import UPPER_BODY, Skeleton
from tests.helpers.skeletons import COCO_UPPER_BODY

PAIR = Skeleton("pair", ("a", "b"))
NAN = np.nan


def make_clip(name, errors):
    """A clip whose prediction is off by `errors` [N, 2] px; NaN: unlabelled."""
    errors = np.asarray(errors, np.float64)
    truth = np.where(np.isnan(errors)[..., None], NAN, np.zeros((*errors.shape, 2)))
    predicted = np.stack([np.nan_to_num(errors), np.zeros_like(errors)], -1)
    visibility = np.where(np.isnan(errors), 0, 2)
    return ClipPredictions(name, np.arange(len(errors)), predicted, np.ones(errors.shape), truth, visibility, (20, 10))


def test_units_are_clips_with_labels_and_sums_leave_out_unlabelled_joints():
    clips = [make_clip("x", [[1, 4], [NAN, 2]]), make_clip("none", [[NAN, NAN]]), make_clip("y", [[3, NAN]])]
    clips += [make_clip(name, [[0, 0]]) for name in "abc"]
    found = build_measures(clips, PAIR, (2,), auc_max_px=4)
    assert found.keys == ("mean_error_px", "accuracy_px/2", "auc")
    assert (found.unit, found.num_units) == ("clips", 5)
    np.testing.assert_array_equal(found.sums[:2], [[[1, 6], [1, 1], [0.75, 0.5]], [[3, 0], [0, 0], [0.25, 0]]])
    np.testing.assert_array_equal(found.counts[:2, 0], [[1, 2], [1, 0]])


def test_rows_of_a_single_labelled_clip_are_its_labelled_frames():
    found = build_measures([make_clip("x", [[1, 4], [NAN, NAN], [NAN, 2]]), make_clip("none", [[NAN, NAN]])], PAIR)
    assert (found.unit, found.num_rows, found.lengths) == ("blocks", 2, (2,))
    np.testing.assert_array_equal(found.sums[:, 0], [[1, 4], [0, 2]])
    np.testing.assert_array_equal(found.counts[:, 0], [[1, 1], [0, 1]])


def test_options_decide_the_keys_and_columns_are_found_by_name():
    clips = [make_clip("x", [[1, 4]])]
    found = build_measures(clips, PAIR, (2, 6), pck_reference="frame", pck_fractions=(0.1, 0.25), auc_max_px=4)
    assert found.keys == ("mean_error_px", "accuracy_px/2", "accuracy_px/6", "pck/0.1", "pck/0.25", "auc")
    assert found.columns_of("accuracy_px") == [1, 2]
    assert found.columns_of("auc") == [5]
    assert found.columns_of("speed") == []
    np.testing.assert_array_equal(found.sums[0, 3:5], [[1, 0], [1, 1]])  # within 2 and 5 px
    assert build_measures(clips, PAIR).keys == ("mean_error_px",)


def test_values_of_unlabelled_joints_are_nan_in_every_measure():
    keys, (values,) = joint_values([make_clip("x", [[1, NAN]])], PAIR, MeasureOptions((2,), "frame", (0.1,), 4))
    assert values.shape == (1, len(keys), 2)
    assert np.isfinite(values[:, :, 0]).all()
    assert np.isnan(values[:, :, 1]).all()


def test_weights_draw_units_and_means_pool_joints_or_average_them():
    clips = [make_clip("x", [[1, 4], [NAN, 2]]), make_clip("y", [[3, NAN]])]
    found = build_measures([*clips, *(make_clip(name, [[0, 0]]) for name in "abc")], PAIR)
    sums, counts = found.weighted(np.array([[1.0, 1, 0, 0, 0], [2, 0, 0, 0, 0], [0, 1, 0, 0, 0]]))
    np.testing.assert_allclose(pooled_means(sums, counts)[:, 0], [10 / 4, 14 / 6, 3])
    np.testing.assert_allclose(group_means(sums, counts, (0, 1))[:, 0], [(2 + 3) / 2, (1 + 3) / 2, 3])
    np.testing.assert_allclose(group_means(sums, counts, (1,))[:, 0], [3, 3, NAN])


def test_unusable_reference_and_other_skeleton_are_refused():
    with pytest.raises(ValueError, match="unknown pck_reference 'leg'"):
        build_measures([make_clip("x", [[1, 4]])], PAIR, pck_reference="leg")
    with pytest.raises(ValueError, match="expected the 7 joints"):
        build_measures([make_clip("x", [[1, 4]])], UPPER_BODY)


def test_keys_with_levels_are_nested():
    assert nest(("error", "pck/0.1", "pck/1"), (3, 0.5, None)) == {"error": 3, "pck": {"0.1": 0.5, "1": None}}


def test_groups_join_left_and_right():
    assert joint_groups(UPPER_BODY) == {"head": (0,), "wrist": (1, 2), "elbow": (3, 4), "shoulder": (5, 6)}
    assert list(joint_groups(COCO_UPPER_BODY)) == ["nose", "eye", "ear", "shoulder", "elbow", "wrist"]
    short = Skeleton("s", ("l_paw", "r_paw", "tail"), flip_pairs=(("l_paw", "r_paw"),))
    assert joint_groups(short) == {"paw": (0, 1), "tail": (2,)}
    clash = Skeleton("s", ("mouth", "left_mouth", "right_mouth"), flip_pairs=(("left_mouth", "right_mouth"),))
    assert joint_groups(clash) == {"mouth": (0,), "left_mouth/right_mouth": (1, 2)}
    odd = Skeleton("s", ("west", "east"), flip_pairs=(("west", "east"),))
    assert joint_groups(odd) == {"west/east": (0, 1)}


def test_groups_are_units_if_clips_share_some_and_there_are_enough():
    clips = [
        dataclasses.replace(make_clip(f"c{i}", [[i, 1]]), group=f"film {i // 2}", session=f"s{i}") for i in range(10)
    ]
    found = build_measures(clips, PAIR)
    assert (found.unit, found.num_units) == ("groups", 5)
    np.testing.assert_array_equal(found.sums[:, 0], [[4 * f + 1, 2] for f in range(5)])
    limits = bootstrap.intervals(found, {}, resamples=1000)
    assert describe_interval(limits) == "95 % bootstrap intervals, 1000 resamples of 5 groups."
    few = build_measures([dataclasses.replace(clip, group=f"film {i // 5}") for i, clip in enumerate(clips)], PAIR)
    assert few.unit == "blocks"
    alone = build_measures([dataclasses.replace(clip, group="") for clip in clips], PAIR)
    assert (alone.unit, alone.num_units) == ("clips", 10)
