"""The choice of frames: hard, spread, different, never labelled ones, the same for the same seed."""

import numpy as np
import pytest

from keras_pose.labelling import choice
from keras_pose.labelling.choice import Candidates


def make(count=200, videos=4, scores=None, looks=None, seed=0, **changes):
    rng = np.random.default_rng(seed)
    fields = {
        "videos": np.repeat(np.arange(videos), count // videos),
        "frames": np.tile(np.arange(count // videos), videos),
        "scores": rng.uniform(0, 1, count).astype(np.float32) if scores is None else np.asarray(scores, np.float32),
        "looks": rng.normal(size=(count, 5)).astype(np.float32) if looks is None else np.asarray(looks, np.float32),
        "usable": np.ones(count, bool),
        "labelled": np.zeros(count, bool),
        **changes,
    }
    return Candidates(**fields)


@pytest.mark.parametrize("way", choice.WAYS)
def test_the_same_seed_gives_the_same_frames_and_never_bad_ones(way):
    usable = np.random.default_rng(1).uniform(size=200) < 0.7
    labelled = np.random.default_rng(2).uniform(size=200) < 0.1
    candidates = make(usable=usable, labelled=labelled)
    chosen = choice.choose(candidates, 20, 3, seed=4, way=way)
    assert chosen == choice.choose(candidates, 20, 3, seed=4, way=way)
    assert len(set(chosen)) == len(chosen) == 20
    assert usable[chosen].all()
    assert not labelled[chosen].any()


@pytest.mark.parametrize("way", choice.WAYS)
def test_chosen_frames_keep_their_distance_in_time_also_from_labelled_ones(way):
    labelled = np.zeros(200, bool)
    labelled[[10, 60]] = True
    candidates = make(labelled=labelled)
    taken = [*choice.choose(candidates, 24, 7, way=way), 10, 60]
    for video in range(4):
        frames = np.sort([candidates.frames[p] for p in taken if candidates.videos[p] == video])
        assert (np.diff(frames) >= 7).all()


def test_scores_alone_take_the_hardest():
    scores = np.linspace(0, 1, 40)
    chosen = choice.choose(make(40, 1, scores=scores), 3, 1, way=choice.SCORES)
    assert chosen == [39, 38, 37]


def test_diversity_takes_one_frame_of_each_look_before_a_second():
    looks = np.zeros((60, 2))
    looks[20:40] = [5, 0]
    looks[40:] = [0, 9]
    chosen = choice.choose(make(60, 1, looks=looks), 3, 1, way=choice.DIVERSITY)
    assert {p // 20 for p in chosen} == {0, 1, 2}


def test_both_take_the_hardest_frame_of_each_look():
    looks = np.zeros((60, 2))
    looks[20:40] = [5, 0]
    looks[40:] = [0, 9]
    scores = np.tile(np.r_[np.full(19, 0.1), 0.9], 3)
    assert sorted(choice.choose(make(60, 1, scores=scores, looks=looks), 3, 1)) == [19, 39, 59]


def test_frames_like_labelled_ones_come_last():
    looks = np.zeros((40, 2))
    looks[20:] = [5, 0]
    labelled = np.zeros(40, bool)
    labelled[3] = True
    chosen = choice.choose(make(40, 1, scores=np.ones(40), looks=looks, labelled=labelled), 1, 1)
    assert chosen[0] >= 20


def test_a_video_full_of_hard_frames_does_not_take_all_places():
    scores = np.r_[np.full(50, 0.9), np.full(150, 0.2)]
    looks = np.random.default_rng(0).normal(size=(200, 5))
    looks[:50] *= 20
    chosen = choice.choose(make(scores=scores, looks=looks), 20, 1)
    counts = np.bincount(np.asarray(chosen) // 50, minlength=4)
    assert counts[0] <= 10
    assert counts[1:].sum() >= 10


def test_a_single_long_video_gives_all_frames():
    assert len(choice.choose(make(200, 1), 30, 2)) == 30


def test_fewer_frames_than_wanted_are_all_taken():
    usable = np.zeros(200, bool)
    usable[[0, 70, 130]] = True
    assert sorted(choice.choose(make(usable=usable), 20, 5)) == [0, 70, 130]
    assert choice.choose(make(usable=np.zeros(200, bool)), 20, 5) == []


@pytest.mark.parametrize("way", choice.WAYS)
def test_frames_that_were_preselected_give_the_same_choice(way):
    labelled = np.zeros(200, bool)
    labelled[[10, 60]] = True
    candidates = make(labelled=labelled)
    kept = choice.preselect(candidates, 6, seed=2)
    assert len(kept) < 80
    assert set(kept) >= {10, 60}
    fewer = candidates.select(kept, candidates.looks[kept])
    chosen = [int(kept[place]) for place in choice.choose(fewer, 12, 6, seed=2, way=way)]
    assert chosen == choice.choose(candidates, 12, 6, seed=2, way=way)


@pytest.mark.parametrize("changes", [{"way": "luck"}, {"count": 0}, {"min_gap": 0}])
def test_invalid_arguments_are_refused(changes):
    with pytest.raises(ValueError, match="expected"):
        choice.choose(make(), **{"count": 5, "min_gap": 1, **changes})


def test_descriptions_weigh_pictures_and_poses_alike_and_bear_missing_joints():
    rng = np.random.default_rng(0)
    thumbnails = rng.integers(0, 255, (50, 4, 4, 3)).astype(np.uint8)
    joints = rng.uniform(0, 100, (50, 3, 2)).astype(np.float32)
    joints[7, 1] = np.nan
    looks = choice.describe(thumbnails, joints, np.full(50, 100))
    assert np.isfinite(looks).all()
    squares = ((looks[:, None] - looks[None]) ** 2).mean((0, 1))
    np.testing.assert_allclose([squares[:48].sum(), squares[48:].sum()], 1, rtol=1e-3)


def test_equal_pictures_are_described_alike():
    looks = choice.describe(np.full((3, 4, 4, 3), 7, np.uint8), np.full((3, 2, 2), np.nan), np.ones(3))
    assert (looks == 0).all()


def test_videos_are_numbered():
    assert choice.number_videos([2, 0, 3]).tolist() == [0, 0, 2, 2, 2]
