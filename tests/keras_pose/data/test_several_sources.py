"""Several sources become one: joints by name, weights, shares, names and sets without an overlap."""

import dataclasses

import numpy as np
import pytest

from keras_pose.data import selection, several_sources
from keras_pose.data.clip import ArrayFrames, Clip
from keras_pose.data.samples import Samples
from keras_pose.data.several_sources import combine, name_sources, parse_shares, parse_weights, split_specs
from keras_pose.data.source import Source
from keras_pose.runs.config import TrainConfig
from keras_pose.skeleton import UPPER_BODY, Skeleton
from tests.helpers.small_project import write_project

PAIR = Skeleton("pair", ("l", "r"))


def make_clip(name, joints=2, frames=3, size_hw=(20, 30), **changes):
    video = ArrayFrames(np.zeros((frames, *size_hw, 3), np.uint8))
    labels = (np.arange(frames), np.full((frames, joints, 2), 5.0), np.full((frames, joints), 2))
    return Clip(name, video, *labels, **changes)


def test_a_path_that_exists_is_one_source(tmp_path):
    (tmp_path / "a,b").mkdir()
    (tmp_path / "c").mkdir()
    whole = str(tmp_path / "a,b")
    assert split_specs(whole) == [whole]
    assert split_specs(f"{whole}, {tmp_path}/c,signers:train:3") == [whole, f"{tmp_path}/c", "signers:train:3"]
    assert split_specs("signers:train") == ["signers:train"]
    with pytest.raises(ValueError, match="--data: expected each source once, received twice"):
        split_specs(f"{tmp_path}/c,{tmp_path}/c/")


def test_sources_have_short_names_that_differ():
    assert name_sources(["/x/jhmdb"]) == [""]
    assert name_sources(["/x/jhmdb/", "signers:train:5", "/y/jhmdb"]) == ["jhmdb", "signers", "jhmdb 2"]
    assert name_sources(["signers:train:5", "signers2:train:5"]) == ["signers", "signers2"]


@pytest.mark.parametrize("text", ["1", "1,2,3", "1,x", "1,0", "1,-1", "1,nan", "1,inf", "1;2"])
def test_weights_are_one_number_above_0_for_each_source(text):
    with pytest.raises(ValueError, match="--data_weights: expected 2 numbers above 0, one for each source"):
        parse_weights(text, 2)
    assert parse_weights("1, 0.3", 2) == [1.0, 0.3]
    assert parse_weights("", 2) == [1.0, 1.0]


def test_few_careful_labels_do_not_drown():
    frames = {"careful": 100, "automatic": 10_000}
    assert parse_shares("auto", frames) == pytest.approx({"careful": 1 / 11, "automatic": 10 / 11})
    assert parse_shares("frames", frames)["careful"] == pytest.approx(100 / 10_100)
    assert parse_shares("3,1", frames) == {"careful": 0.75, "automatic": 0.25}
    assert parse_shares("auto", {"a": 4, "b": 0}) == {"a": 1.0, "b": 0.0}
    with pytest.raises(ValueError, match="--data_shares: expected auto, frames or 2 numbers above 0"):
        parse_shares("0.5", frames)


def test_clips_know_their_source_and_have_different_names():
    first = Source([make_clip("a"), make_clip("b")], PAIR, notes=("n",), skipped=("s",), summary="read 1 of 2")
    second = Source([make_clip("b", group="film"), make_clip("c")], dataclasses.replace(PAIR, flip_pairs=(("l", "r"),)))
    found = combine([first, second], ["/x/one", "/x/two"], [1.0, 0.25])
    assert [(c.name, c.session, c.source, c.group) for c in found.clips] == [
        ("a", "a", "one", "a"),
        ("b", "b", "one", "b"),
        ("two/b", "two/b", "two", "film"),
        ("c", "c", "two", "c"),
    ]
    assert [set(np.unique(clip.weights)) for clip in found.clips] == [{1.0}, {1.0}, {0.25}, {0.25}]
    assert found.skeleton.flip_pairs == (("l", "r"),)
    assert (found.notes, found.skipped, found.summary) == (("one: n",), ("one: s",), "one: read 1 of 2")
    assert several_sources.original_session(found.clips[2]) == "b"


def test_a_source_that_lacks_joints_is_unlabelled_there(tmp_path):
    write_project(str(tmp_path / "p"), ("nose", "tail"), {"a": 3, "b": 2})
    spec = f"signers:train:4,{tmp_path}/p"
    with pytest.raises(ValueError, match="p: expected at least one of the joints head, .*received nose"):
        selection.open_data(spec, TrainConfig.from_flags(run_dir="x", data=spec).data)
    flags = {"joints": "nose,left_wrist,right_wrist", "signer_frames": 2, "signer_size": 64, "data_weights": "1,0.5"}
    config = TrainConfig.from_flags(run_dir="x", data=spec, **flags)
    source = selection.open_data(spec, config.data)
    assert source.skeleton.flip_pairs == (("left_wrist", "right_wrist"),)
    of_signers = source.clips[0]
    of_project = source.clips[-1]
    assert (of_signers.visibility[:, 0] == 0).all()
    assert (of_project.visibility[:, 1:] == 0).all()
    assert (of_project.visibility[:, 0] > 0).any()
    # Frames of 64x64 and of the project fit into one batch, and weights reach the targets.
    split = selection.split_data(source, config.data)
    assert {clip.source for clip in split.validation} == {"signers"}
    shares = several_sources.draw_shares(split.train, config.data)
    samples = Samples(split.train, (32, 48), shares=shares)
    batch = samples.read_batch(samples.shuffled_positions(0, range(16)))
    assert set(np.unique(batch["targets"][:, :, 2])) == {0.0, 0.5, 1.0}
    for position in (0, len(samples) - 1):
        clip, row = samples.rows[position]
        targets = samples.read_batch([position])["targets"][0]
        labelled = clip.visibility[row] > 0
        np.testing.assert_allclose(targets[labelled, :2], samples.crop(clip).to_input(clip.joints[row])[labelled])


def test_a_group_that_is_validated_is_in_no_other_source():
    config = TrainConfig.from_flags(run_dir="x", data="one,two", validation_fraction=0.3).data
    first = Source([make_clip(f"c{i}", group=f"film{i // 2}") for i in range(6)], PAIR)
    second = Source([make_clip(f"c{i}") for i in range(6)] + [make_clip("d", group="film0")], PAIR)
    for seed in range(4):
        lines = []
        source = combine([first, second], ["one", "two"], [1, 1])
        split = selection.split_data(source, dataclasses.replace(config, split_seed=seed), tell=lines.append)
        held_out = {clip.session for clip in split.validation}
        films = {clip.group for clip in split.validation}
        assert {clip.source for clip in split.validation} == {"one"}
        assert not {several_sources.original_session(clip) for clip in split.train} & held_out
        assert not {clip.group for clip in split.train} & films
        assert any("training clips with" in line and "are left out" in line for line in lines)
        assert len(split.train) + len(split.validation) == 13 - len(held_out) - ("film0" in films)


def test_lines_on_training_name_frames_shares_and_weights():
    config = TrainConfig.from_flags(run_dir="x", data="one,two", data_shares="3,1", data_weights="1,0.5").data
    clips = combine([Source([make_clip("a")], PAIR), Source([make_clip("b")], PAIR)], ["one", "two"], [1, 1]).clips
    assert several_sources.describe_drawing(clips, config) == [
        "sources of training: one: 3 frames, 75.0 % of the draws, weight 1; two: 3 frames, 25.0 % of the draws, "
        "weight 0.5; validation frames come from one"
    ]
    assert several_sources.describe_drawing(clips, TrainConfig.from_flags(run_dir="x").data) == []


def test_upper_body_of_two_sources(tmp_path):
    config = TrainConfig.from_flags(
        run_dir="x", data="signers:train:2,signers:test:2", signer_frames=2, joints="upper_body"
    ).data
    source = selection.open_data(config.source, config)
    assert source.skeleton == UPPER_BODY
    assert [clip.source for clip in source.clips] == ["signers"] * 2 + ["signers 2"] * 2
