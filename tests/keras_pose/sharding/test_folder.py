"""A folder of shards while it is written."""

import os

import pytest

from keras_pose.sharding import folder

PLAN = {"settings": {"window": 1}, "skeleton": {"joints": ["a"]}, "clips": [{"name": "one", "content": "x"}]}


def test_a_new_folder_gets_a_plan_and_keeps_it(tmp_path):
    assert folder.begin(str(tmp_path), {**PLAN, "source": "first"})["source"] == "first"
    (tmp_path / ".writing-abc").write_bytes(b"part of a shard")
    # The data may have moved: the plan stays, so that all bytes stay.
    assert folder.begin(str(tmp_path), {**PLAN, "source": "moved"})["source"] == "first"
    assert os.listdir(tmp_path) == ["plan.json"]
    assert not folder.is_finished(str(tmp_path))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, ""),
        ({"settings": {"window": 2}}, "--window=1 there, 2 now"),
        ({"skeleton": {"joints": ["b"]}}, "the joints, their pairs or their edges differ"),
        ({"clips": []}, "clip one is gone"),
        (
            {"clips": [{"name": "one", "content": "y"}]},
            "the labels, the pictures or the video of clip one have changed",
        ),
    ],
)
def test_differences_are_named(change, expected):
    assert folder.find_difference(PLAN, {**PLAN, **change}) == expected


def test_the_order_of_clips_counts():
    clips = [{"name": "one"}, {"name": "two"}]
    found = folder.find_difference({**PLAN, "clips": clips}, {**PLAN, "clips": clips[::-1]})
    assert found == "the clips have another order"


def test_other_files_among_shards_are_refused(tmp_path):
    folder.begin(str(tmp_path), PLAN)
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    with pytest.raises(ValueError, match="expected only shards in .*, found notes.txt"):
        folder.begin(str(tmp_path), PLAN)


def test_a_file_that_is_no_plan_is_refused(tmp_path):
    (tmp_path / "plan.json").write_text("[]", encoding="utf-8")
    with pytest.raises(ValueError, match="plan.json: expected the plan of shards"):
        folder.begin(str(tmp_path), PLAN)


def test_a_shard_without_its_index_is_not_written(tmp_path):
    (tmp_path / "frames-00000-of-00001.tfrecord").write_bytes(b"abc")
    assert not folder.is_written(str(tmp_path), "frames-00000-of-00001.tfrecord")
