"""Groups by name, table and data set; what training and held-out clips have in common is left out or told."""

import csv
import dataclasses
import hashlib
import os
import pathlib

import numpy as np
import pytest

from keras_pose.data import groups, selection, splits
from keras_pose.data.clip import ArrayFrames, Clip
from keras_pose.data.source import Source
from keras_pose.runs.config import TrainConfig
from keras_pose.skeleton import Skeleton

DATA = pathlib.Path(__file__).resolve().parents[4] / "shared" / "data"
CONFIG = TrainConfig.from_flags(run_dir="x", data="here", validation_fraction=0.2).data


def make_clip(name, frames=2, **changes):
    video = ArrayFrames(np.zeros((frames, 8, 8, 3), np.uint8))
    labels = (np.arange(frames), np.ones((frames, 1, 2)), np.full((frames, 1), 2))
    return Clip(name, video, *labels, **changes)


def make_films(films=5, clips=4, named=True):
    """Clips `Long film <letter>_<number>`, of films as groups or not."""
    return [
        make_clip(f"Long film {chr(97 + f)}_{i}", group=f"film {f}" if named else "")
        for f in range(films)
        for i in range(clips)
    ]


def split(clips, **changes):
    lines = []
    source = Source(clips, Skeleton("one", ("j",)))
    return selection.split_data(source, dataclasses.replace(CONFIG, **changes), tell=lines.append), lines


def sets_of(parts):
    return [{clip.group for clip in clips} for clips in (parts.train, parts.validation, parts.test)]


def test_a_pattern_names_groups_by_its_first_group_or_its_match():
    clips = make_films(2, 2, named=False) + [make_clip("other")]
    found, notes = groups.regroup(clips, r"film (\w)")
    assert [clip.group for clip in found] == ["group:a", "group:a", "group:b", "group:b", "other"]
    assert notes == [r"--group_by=film (\w): 1 clips have no group and stay alone: other"]
    whole, _ = groups.regroup(clips, "Long film .")
    assert [clip.group for clip in whole[:3]] == ["group:Long film a"] * 2 + ["group:Long film b"]
    back, _ = groups.regroup(make_films(), "session")
    assert not any(groups.is_named(clip) for clip in back)
    same, _ = groups.regroup(clips, "auto")
    assert same == clips


def test_a_column_of_a_table_names_groups(tmp_path):
    table = tmp_path / "a: clips.csv"
    table.write_text('clip,person,day\n"LONG FILM A_0",Ann,1\nLong film a_1,Bob,1\n')
    clips = make_films(1, 3, named=False)
    found, notes = groups.regroup(clips, f"{table}:person")
    assert [clip.group for clip in found] == ["group:Ann", "group:Bob", "Long film a_2"]
    assert "1 clips have no group" in notes[0]
    with pytest.raises(ValueError, match="expected a column 'film' behind the names, found clip, person, day"):
        groups.regroup(clips, f"{table}:film")
    with pytest.raises(ValueError, match="gone.csv: no such file"):
        groups.regroup(clips, f"{tmp_path}/gone.csv:day")
    table.write_text("clip,person\nLong film a_0\n")
    with pytest.raises(ValueError, match=r"clips.csv:2: expected 2 columns, received 1"):
        groups.regroup(clips, f"{table}:person")


@pytest.mark.parametrize(
    ("pattern", "message"), [("(", "a regular expression: missing"), ("zzz", "found none; clips are")]
)
def test_patterns_that_are_none_or_fit_nothing_are_refused(pattern, message):
    with pytest.raises(ValueError, match=rf"--group_by=.*{message}"):
        groups.regroup(make_films(), pattern)


def test_validation_and_test_share_no_group_with_training(tmp_path):
    (tmp_path / "test.txt").write_text("Long film b_1\n")
    for seed in range(8):
        parts, lines = split(make_films(), test_clips=str(tmp_path / "test.txt"), split_seed=seed)
        train, validation, test = sets_of(parts)
        assert not train & validation
        assert not (train | validation) & test
        assert len(validation) == 1
        assert [clip.name for clip in parts.test] == ["Long film b_1"]
        assert "3 training clips with 6 labelled frames are left out: they share 1 groups" in lines[0]
        assert "groups: 3 in train, 1 in validation, 1 in test" in lines
    parts, _ = split(make_films(), test_fraction=0.3)
    train, validation, test = sets_of(parts)
    assert test
    assert not (train | validation) & test


def test_groups_of_unequal_sizes_make_about_the_asked_fraction():
    clips = [
        make_clip(f"f{f} {i}", group=f"f{f}") for f, n in enumerate((40, 1, 2, 3, 4, 10, 5, 5, 6, 4)) for i in range(n)
    ]
    for seed in range(10):
        _, kept = splits.cut_validation(clips, 0.1, seed)
        assert 4 <= len(kept) <= 12 or {clip.group for clip in kept} == {"f0"}


def test_sessions_alone_are_split_as_ever():
    clips = make_films(named=False)
    _, kept = splits.cut_validation(clips, 0.2, 3)
    by_hash = sorted((clip.name for clip in clips), key=lambda n: hashlib.sha256(repr((3, n)).encode()).digest())
    assert {clip.name for clip in kept} == set(by_hash[:4])


def test_one_group_for_all_is_split_by_sessions_and_told():
    clips = [make_clip(f"s{i}", group="Ann") for i in range(5)]
    parts, lines = split(clips)
    assert len(parts.validation) == 1
    assert "warning: training and validation set share 1 groups: Ann" in lines


def test_names_that_suggest_a_common_film_are_told_and_the_proposed_pattern_works():
    clips = make_films(named=False)
    _, lines = split(clips)
    (line,) = lines
    assert line.startswith("warning: ")
    assert f"--group_by='{groups.STEM_PATTERN}'" in line
    regrouped, _ = groups.regroup(clips, groups.STEM_PATTERN)
    parts, lines = split(regrouped)
    assert not sets_of(parts)[0] & sets_of(parts)[1]
    assert not any("warning" in line for line in lines)


def warned(names):
    clips = [make_clip(name) for name in names]
    lines = []
    for held_out in range(len(clips)):
        groups.warn_of_alike(clips[:held_out] + clips[held_out + 1 :], [clips[held_out]], "test", lines.append)
    return len(lines)


def test_numbered_names_of_one_kind_suggest_nothing():
    assert warned([f"signers-train-{i:05d}" for i in range(20)]) == 0
    assert warned([f"{i:03d}_aud" for i in range(20)]) == 0
    assert warned([f"{kind}_{i}" for kind in ("IMG", "DSC", "PXL") for i in range(5)]) == 0


@pytest.mark.skipif(not DATA.is_dir(), reason="shared data is not here")
def test_names_of_real_sets():
    assert warned([name.rpartition(".")[0] for name in os.listdir(DATA / "lips" / "videos")]) == 0
    with open(DATA / "jhmdb" / "train_upper.txt", encoding="utf-8") as file:
        assert warned(file.read().split("\n")) > 80
    with open(DATA / "jhmdb" / "clips.csv", encoding="utf-8") as file:
        first = next(csv.DictReader(file))["clip"]
    found, _ = groups.regroup([make_clip(first)], f"{DATA / 'jhmdb' / 'clips.csv'}:visible_part")
    assert found[0].group == "group:u"


def test_equal_names_of_another_test_source_are_told_if_they_tell_something():
    lines = []
    train = [make_clip("Monday session"), make_clip("list")]
    assert groups.leave_out_shared(train, train, "test", lines.append) == train
    assert lines == ["warning: training and test set have sessions of the same name: Monday session"]


def test_flags_are_checked_before_any_data_is_read(tmp_path):
    groups.check("auto")
    groups.check(r"(\w+)_")
    with pytest.raises(ValueError, match="regular expression"):
        groups.check("(")
    with pytest.raises(ValueError, match="no such file"):
        groups.check(f"{tmp_path}/a.csv:b")
