"""Which unlabelled frames a run learns from: never of held-out clips or their groups, and the same when it resumes."""

import dataclasses

import numpy as np
import pytest

from keras_pose.data.config import DataConfig
from keras_pose.runs.config import TrainConfig
from keras_pose.runs.run_directory import RunDirectory
from keras_pose.training import unlabelled_clips, unlabelled_sources
from tests.helpers import blob_net, real_videos
from tests.helpers.random_clips import SeparateImages, make_clip

FLAGS = {"run_dir": "r", "unlabelled": "neighbours", "unlabelled_frames": 10, "unlabelled_warmup": 3}
CLIPS = {name: blob_net.make_moving_clip(name) for name in ("a", "b", "c")}


def open_frames(train, held_out, **changes):
    lines = []
    config = TrainConfig.from_flags(**{**FLAGS, **changes})
    return unlabelled_clips.open_frames(config, train, held_out, lines.append), lines


def names_left(clips, held_out):
    lines = []
    found = unlabelled_sources.open_clips("neighbours", clips, DataConfig())
    return [clip.name for clip in unlabelled_clips.leave_out(found, held_out, lines.append)], lines


@pytest.mark.parametrize(
    "flags",
    [
        {"model": "coordinate"},
        {"model": "flow_input", "flow": "dis_fast"},
        {"model": "flowing", "pooling": "sum"},
        {"model": "flowing", "init_from": "runs/a"},
    ],
)
def test_a_net_that_it_cannot_teach_is_refused(flags):
    expected = f"--unlabelled=neighbours: expected --model=heatmap, .*received --model={flags['model']}"
    with pytest.raises(ValueError, match=expected):
        unlabelled_clips.check_flags(TrainConfig.from_flags(**FLAGS, **flags))
    unlabelled_clips.check_flags(TrainConfig.from_flags(run_dir="r", **flags))


def test_a_warm_up_to_the_end_is_refused():
    flowing = {"model": "flowing", "net_steps": 100, "pooling": "sum"}
    unlabelled_clips.check_flags(TrainConfig.from_flags(**FLAGS, **flowing))
    for flags, flag in (({"steps": 100}, "--steps"), (flowing, "--net_steps")):
        config = TrainConfig.from_flags(**{**FLAGS, "unlabelled_warmup": 100}, **flags)
        with pytest.raises(ValueError, match=f"--unlabelled_warmup: expected less than {flag}=100, received 100"):
            unlabelled_clips.check_flags(config)


def test_frames_are_spread_over_the_clips_and_never_labelled():
    clips, lines = open_frames([CLIPS["a"], CLIPS["b"]], [CLIPS["c"]])
    assert [clip.name for clip in clips] == ["unlabelled/a", "unlabelled/b"]
    for clip in clips:
        np.testing.assert_array_equal(clip.labelled, [2, 4, 6, 8, 10])
        assert not clip.visibility.any()
        assert np.isnan(clip.joints).all()
    assert lines == [
        "--unlabelled=neighbours: 10 of 22 frames without labels, from 2 clips; they are 25 % of each step from step 3 "
        "on"
    ]


def test_without_the_flag_there_are_none():
    assert open_frames([CLIPS["a"]], [], unlabelled="") == ([], [])


def test_held_out_clips_are_left_out_by_name_and_by_group():
    of_film = [dataclasses.replace(clip, group="film") for clip in (CLIPS["a"], CLIPS["b"])]
    left, lines = names_left([of_film[0], CLIPS["c"]], [of_film[1]])
    assert left == ["unlabelled/c"]
    assert lines == [
        "note: 1 unlabelled clip left out, which belong to the validation or test set or share a group with it: a"
    ]
    of_source = dataclasses.replace(CLIPS["a"], source="s", name="s/A", session="s/A")
    assert names_left([CLIPS["a"], CLIPS["c"]], [of_source])[0] == ["unlabelled/c"]


def test_a_video_whose_name_begins_with_that_of_a_held_out_film_is_left_out():
    name = "wave/Big_Film_wave_1"
    held_out = dataclasses.replace(CLIPS["a"], name=name, session=name, group="Big_Film")
    names = ("Big_Film_run_3", "Bigger")
    videos = [dataclasses.replace(CLIPS["b"], name=name, session=name, group=name) for name in names]
    assert names_left(videos, [held_out])[0] == ["unlabelled/Bigger"]


def test_the_same_file_under_another_name_is_left_out(tmp_path):
    real_videos.write(tmp_path / "one.avi", [blob_net.draw([(20, 20, 1.0)])] * 3, "mjpeg")
    (tmp_path / "other.avi").symlink_to(tmp_path / "one.avi")
    (held_out,) = unlabelled_sources.open_clips(str(tmp_path / "one.avi"), [CLIPS["a"]], DataConfig())
    held_out = dataclasses.replace(held_out, source="", name="test", session="test", group="test")
    other = unlabelled_sources.open_clips(str(tmp_path / "other.avi"), [CLIPS["a"]], DataConfig())
    assert unlabelled_clips.leave_out(other, [held_out], lambda line: None) == []


def test_nothing_to_learn_from_is_an_error():
    with pytest.raises(ValueError, match="--unlabelled=neighbours: expected frames without labels.* in 1 vid"):
        open_frames([CLIPS["a"]], [dataclasses.replace(CLIPS["a"])])
    with pytest.raises(ValueError, match=r"found none in 0 videos \(separate pictures and shards"):
        open_frames([make_clip("pictures", frames=SeparateImages)], [])


def test_clips_give_equally_many_as_far_as_they_can():
    assert unlabelled_clips.share_out([2, 50, 50], 20, "abc") == [2, 9, 9]
    assert unlabelled_clips.share_out([2, 0, 1], 20, "abc") == [2, 0, 1]
    few = unlabelled_clips.share_out([5, 5, 5, 0], 2, "abcd")
    assert sorted(few) == [0, 0, 1, 1]
    assert few[3] == 0


def test_frames_are_the_middles_of_equal_parts():
    np.testing.assert_array_equal(unlabelled_clips.spread(np.arange(10, 20), 2), [12, 17])
    np.testing.assert_array_equal(unlabelled_clips.spread(np.arange(3), 3), [0, 1, 2])


def test_a_resumed_run_must_find_the_same_frames_and_videos(tmp_path):
    clips, _ = open_frames([CLIPS["a"], CLIPS["b"]], [])
    run = RunDirectory(str(tmp_path))
    for _ in range(2):
        unlabelled_clips.keep_record(run, "neighbours", clips)
    fewer = [clips[0], clips[1].select([0, 1])]
    with pytest.raises(ValueError, match=r"unlabelled.json: .*since this run started: other frames of unlabelled/b"):
        unlabelled_clips.keep_record(run, "neighbours", fewer)
    changed = dataclasses.replace(clips[0], frames=blob_net.make_moving_clip("a", seed=1).frames)
    with pytest.raises(ValueError, match="the picture of frame 2 of clip unlabelled/a has another content"):
        unlabelled_clips.keep_record(run, "neighbours", [changed, clips[1]])
