"""The file of predictions beside the truth."""

import dataclasses
import os

import numpy as np
import pytest

from keras_pose.evaluation.accuracy import score
from keras_pose.evaluation.predictions import ClipPredictions, check_predictions, load, save
from keras_pose.skeleton import UPPER_BODY, Skeleton
from tests.helpers import random_clips

PAIR = Skeleton("pair", ("a", "b"))


def make_clip(name="clip", count=3, joints=2, seed=0, **changes):
    rng = np.random.default_rng(seed)
    fields = {
        "name": name,
        "frames": np.arange(count) * 2,
        "predicted": rng.uniform(0, 60, (count, joints, 2)),
        "scores": rng.uniform(0, 1, (count, joints)),
        "truth": rng.uniform(0, 60, (count, joints, 2)),
        "visibility": np.full((count, joints), 2),
        "size_hw": (48, 64),
    }
    return ClipPredictions(**{**fields, **changes})


def test_file_gives_back_clips_of_different_lengths_and_the_skeleton(tmp_path):
    truth = np.ones((1, 2, 2))
    truth[0, 1] = np.nan
    clips = [
        make_clip("long", 4),
        make_clip("none", 0),
        make_clip("unsized", 1, truth=truth, visibility=[[1, 0]], scores=[[np.nan, 0.5]], size_hw=None),
    ]
    save(tmp_path / "predictions.npz", PAIR, clips)
    skeleton, loaded = load(tmp_path / "predictions.npz", PAIR)
    assert skeleton == PAIR
    assert [(c.name, c.size_hw) for c in loaded] == [("long", (48, 64)), ("none", (48, 64)), ("unsized", None)]
    for clip, other in zip(clips, loaded):
        for field in ("frames", "predicted", "scores", "truth", "visibility"):
            np.testing.assert_array_equal(getattr(clip, field), getattr(other, field))
            assert getattr(clip, field).dtype == getattr(other, field).dtype
    assert os.listdir(tmp_path) == ["predictions.npz"]


def test_file_of_another_skeleton_is_refused(tmp_path):
    save(tmp_path / "p.npz", PAIR, [make_clip()])
    with pytest.raises(ValueError, match=r"p\.npz: expected the joints of skeleton 'upper_body'.*received a, b"):
        load(tmp_path / "p.npz", UPPER_BODY)


@pytest.mark.parametrize("content", [b"text", b""])
def test_file_that_is_no_prediction_file_is_named(tmp_path, content):
    (tmp_path / "p.npz").write_bytes(content)
    with pytest.raises(ValueError, match=r"p\.npz: expected a prediction file"):
        load(tmp_path / "p.npz")


def test_archive_of_other_arrays_is_named(tmp_path):
    np.savez(tmp_path / "p.npz", a=1)
    with pytest.raises(ValueError, match=r"p\.npz: expected a prediction file.*skeleton"):
        load(tmp_path / "p.npz")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"predicted": np.zeros((3, 2))}, r"expected predicted \[N, J, 2\], received \(3, 2\)"),
        ({"truth": np.zeros((2, 2, 2))}, r"expected truth \[3, 2, 2\], received \[2, 2, 2\]"),
        ({"scores": np.zeros(3)}, r"expected scores \[3, 2\], received \[3\]"),
        ({"frames": [0, 2, 2]}, r"frame positions that rise, received \[0, 2, 2\]"),
        ({"predicted": np.full((3, 2, 2), np.nan)}, "frame 0, joint 0: expected a finite prediction.*6 such"),
        ({"predicted": np.full((3, 2, 2), np.inf)}, "expected a finite prediction"),
        ({"truth": np.full((3, 2, 2), np.nan)}, "NaN for unlabelled joints and for no others"),
        ({"visibility": np.zeros((3, 2))}, "NaN for unlabelled joints and for no others"),
        ({"size_hw": (0, 3)}, r"expected size_hw \(height, width\)"),
    ],
)
def test_fields_that_do_not_belong_together_are_refused(changes, message):
    with pytest.raises(ValueError, match="clip clip.*" + message):
        make_clip(**changes)


def test_check_refuses_no_clips_repeated_clips_and_other_numbers_of_joints():
    with pytest.raises(ValueError, match="at least one clip"):
        check_predictions([], PAIR)
    with pytest.raises(ValueError, match="received twice: clip"):
        check_predictions([make_clip(), make_clip()], PAIR)
    with pytest.raises(ValueError, match="clip clip: expected the 7 joints of skeleton 'upper_body', received 2"):
        check_predictions([make_clip()], UPPER_BODY)


def test_groups_and_landmarks_are_kept_and_give_the_same_figures(tmp_path):
    hips = {"hip": np.array([[0, 9], [3, 4], [np.nan, np.nan]], np.float32)}
    clips = [make_clip("a", group="film", landmarks=hips), make_clip("b", 2, landmarks={"belly": np.ones((2, 2))})]
    save(tmp_path / "p.npz", PAIR, clips)
    _, loaded = load(tmp_path / "p.npz")
    assert [clip.group_name for clip in loaded] == ["film", "b"]
    assert [set(clip.landmarks) for clip in loaded] == [{"hip"}, {"belly"}]
    np.testing.assert_array_equal(loaded[0].landmark("hip"), hips["hip"])
    assert np.isnan(loaded[0].landmark("belly")).all()
    figures = [score(run, PAIR, "a,hip", resamples=1000) for run in (clips, loaded)]
    assert figures[0] == figures[1]
    assert figures[0]["num_frames_without_reference"] == 3


def test_files_without_groups_and_landmarks_are_read(tmp_path):
    save(tmp_path / "p.npz", PAIR, [make_clip()])
    with np.load(tmp_path / "p.npz") as archive:
        old = {name: archive[name] for name in archive if not name.startswith(("landmark", "clip_group"))}
    np.savez(tmp_path / "old.npz", **old)
    (clip,) = load(tmp_path / "old.npz")[1]
    assert (clip.group_name, clip.landmarks) == ("clip", {})


def test_landmarks_of_another_length_are_refused():
    with pytest.raises(ValueError, match=r"clip clip: expected landmark hip \[3, 2\], received \[2, 2\]"):
        make_clip(landmarks={"hip": np.zeros((2, 2))})


def test_regions_are_kept_and_say_what_the_net_saw(tmp_path):
    clip = dataclasses.replace(random_clips.make_clip(), region=(0, 5, 20, 30))
    predicted = np.nan_to_num(clip.joints)
    with_region = ClipPredictions.of_clip(clip, predicted, predicted[..., 0])
    whole = ClipPredictions.of_clip(dataclasses.replace(clip, name="b", region=None), predicted, predicted[..., 0])
    assert (with_region.size_hw, with_region.seen_side_px) == ((40, 60), 30)
    assert whole.seen_side_px == 60
    joints = Skeleton("three", ("a", "b", "c"))
    save(tmp_path / "p.npz", joints, [with_region, whole])
    assert [of.region for of in load(tmp_path / "p.npz")[1]] == [(0, 5, 20, 30), None]
