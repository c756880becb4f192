"""Facts of hand-made labels."""

import json

import numpy as np
import pytest

from keras_pose.data.clip import ArrayFrames, Clip
from keras_pose.data.image_frames import ImageFrames
from keras_pose.data.open_source import open_source
from keras_pose.data.source import Source
from keras_pose.inspection.facts import gather_facts
from keras_pose.skeleton import Skeleton
from tests.helpers import people_pictures

SKELETON = Skeleton("three", ("a", "b", "c"))


def make_clip(joints, visibility=2, labelled=None, size_hw=(50, 100), name="clip"):
    joints = np.array(joints, np.float32)
    visibility = np.where(np.isnan(joints).any(-1), 0, visibility)
    labelled = np.arange(len(joints)) if labelled is None else labelled
    return Clip(name, ArrayFrames(np.zeros((20, *size_hw, 3), np.uint8)), labelled, joints, visibility)


def facts_of(*clips):
    return gather_facts(Source(list(clips), SKELETON))


def test_counts_sizes_and_motion():
    nan = [np.nan, np.nan]
    clip = make_clip(
        [[[10, 10], [40, 10], [10, 30]], [[12, 10], [42, 10], nan], [[80, 10], [110, 10], [80, 30]]],
        labelled=[0, 2, 15],
    )
    facts = facts_of(clip)
    assert (facts.num_clips, facts.num_sessions, facts.num_frames, facts.num_with_video) == (1, 1, 3, 3)
    assert facts.num_near == 8 + 11
    assert facts.joints == {"a": (3, 0, 0), "b": (3, 0, 0), "c": (2, 0, 1)}
    assert facts.sizes_hw == {(50, 100): 3}
    assert facts.person_px == pytest.approx((30, 30, 30))
    assert facts.person == pytest.approx(0.3)
    assert facts.size_spread == pytest.approx(0)
    assert facts.motion == pytest.approx((0.01, 0.01))  # 2 px in 2 frames of 100 px; the last label is too far away
    assert facts.alignment == pytest.approx(1)
    assert facts.labels_outside == 1
    assert facts.is_video


def test_people_who_are_turned_all_ways_are_not_aligned():
    angles = np.linspace(0, 2 * np.pi, 8, endpoint=False)
    joints = [[[50, 25], [50 + 20 * np.cos(t), 25 + 20 * np.sin(t)], [51, 25]] for t in angles]
    assert facts_of(make_clip(joints)).alignment < 0.1


def test_single_joints_and_images_have_no_size_and_no_motion(tmp_path):
    nan = [np.nan, np.nan]
    joints = np.array([[[1, 2], nan, nan], [[3, 4], nan, nan]])
    clip = Clip("images", ImageFrames({0: "x.png", 1: "y.png"}, (50, 100)), [0, 1], joints, [[2, 0, 0], [1, 0, 0]])
    facts = facts_of(clip)
    assert facts.num_with_video == 0
    assert not facts.is_video
    assert facts.joints["a"] == (1, 1, 0)
    assert np.isnan(facts.person)
    assert np.isnan(facts.spacing)
    assert np.isnan(facts.motion).all()
    record = facts.to_dict()
    assert record["person"] is None
    assert record["motion"] == [None, None]
    assert record["sizes_hw"] == [{"height": 50, "width": 100, "frames": 2}]
    json.dumps(record, allow_nan=False)


def test_sizes_of_people_are_fractions_of_what_the_net_sees(tmp_path):
    data = str(people_pictures.write(tmp_path / "flic"))
    seen = gather_facts(open_source(data))
    whole = gather_facts(open_source(data, person_crop="none"))
    assert (whole.size_hw, whole.region_hw) == (people_pictures.SIZE_HW, None)
    assert seen.size_hw == seen.region_hw == (88, 88)  # 440 of 480 px of the height
    assert set(seen.sizes_hw) == {people_pictures.SIZE_HW}
    assert seen.person == pytest.approx(seen.person_px[1] / 88)
    assert seen.to_dict()["region_hw"] == [88, 88]
