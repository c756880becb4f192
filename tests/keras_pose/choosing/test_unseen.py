"""Which clips a net has not seen."""

import dataclasses

from keras_pose import files
from keras_pose.choosing import unseen
from keras_pose.choosing.unseen import Part
from keras_pose.data.selection import DataSplit
from tests.helpers import blob_clips

CLIPS = blob_clips.still_clips(6)


def grouped(clips, groups):
    return [dataclasses.replace(clip, group=group) for clip, group in zip(clips, groups)]


def test_validation_clips_of_a_group_that_is_trained_on_are_seen():
    clips = grouped(CLIPS, "ababcc")
    [part] = unseen.unseen_of_frame_net("net", DataSplit(clips[:2], clips[2:], []))
    assert [clip.group for clip in part.clips] == ["c", "c"]
    assert unseen.unseen_of_frame_net("net", DataSplit(clips, clips[:1], [])) == []  # frames of one clip


def test_what_a_start_trained_on_is_seen_with_its_whole_group(tmp_path):
    clips = grouped(CLIPS, "aabbcd")
    files.write_json(
        tmp_path / "split.json", {"train": {clips[0].session: [2], "elsewhere": [0]}, "validation": {}, "test": {}}
    )
    parts = unseen.unseen_of_start(str(tmp_path), DataSplit(clips[:4], clips[4:], []))
    assert [[clip.group for clip in part.clips] for part in parts] == [["c", "d"], ["b", "b"]]
    assert [part.net for part in parts] == [str(tmp_path)] * 2


def test_folds_divide_groups_evenly_and_always_alike():
    groups = [f"film{i}" for i in range(10)]
    folds = unseen.fold_groups(groups, 3)
    assert sorted(map(len, folds)) == [3, 3, 4]
    assert set().union(*folds) == set(groups)
    assert unseen.fold_groups(reversed(groups), 3) == folds
    assert len(unseen.fold_groups(groups[:2], 3)) == 2


def test_frames_are_thinned_out_over_all_groups():
    parts = [Part("a", tuple(CLIPS[:3]), "validation"), Part("b", tuple(CLIPS[3:]), "training")]
    assert unseen.thin_out(parts, 18) == parts
    fewer = unseen.thin_out(parts, 13)
    assert [[clip.labelled.tolist() for clip in part.clips] for part in fewer] == [[[2, 4]] * 3] * 2
    assert [part.net for part in fewer] == ["a", "b"]
