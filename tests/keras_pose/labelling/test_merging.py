"""Corrected labels merged into a project: what is new, what is the same, who wins, and what is refused."""

import os
import shutil

import cv2
import numpy as np
import pandas as pd
import pytest
import yaml

from keras_pose.data import selection
from keras_pose.data.config import DataConfig
from keras_pose.data.open_source import open_source
from keras_pose.labelling import merging
from keras_pose.labelling.config import MergeConfig
from keras_pose.labelling.merge_plan import CHANGED, KEPT, NEW, SAME
from tests.helpers import deeplabcut_projects as projects

pytest.importorskip("tables")

PARTS = ("nose", "tail")


def add(root, name, numbers, values, scorer="AB", parts=PARTS, age_s=0):
    """Adds a session with CSV and HDF5 that were changed `age_s` seconds ago."""
    columns = projects.header(parts, scorer)
    projects.add_session(root, name, columns, numbers, values, scorer, kinds=("csv", "h5"))
    make_old(root, name, scorer, age_s)


def make_old(root, name, scorer="AB", age_s=0):
    now = 1_700_000_000
    for ending in ("csv", "h5"):
        os.utime(root / "labeled-data" / name / f"CollectedData_{scorer}.{ending}", (now - age_s, now - age_s))


@pytest.fixture
def into(tmp_path):
    root = tmp_path / "main"
    projects.write_config(root, PARTS)
    add(root, "a", (2, 5), [[1, 2, 3, 4], [5, 6, 7, 8]], age_s=100)
    return root


@pytest.fixture
def corrected(tmp_path):
    """Frame 5 is corrected, frame 7 and session b are new; another scorer and another order of the parts."""
    root = tmp_path / "corrected"
    projects.write_config(root, PARTS[::-1], scorer="Eve")
    add(root, "a", (5, 7), [[17, 18, 5, 6], [3, 3, 4, 4]], "Eve", PARTS[::-1])
    add(root, "b", (3,), [[np.nan, np.nan, 9, 9]], "Eve", PARTS[::-1])
    return root


def merge(labels, into, **flags):
    said = []
    done = merging.merge(MergeConfig(labels=str(labels), into=str(into), **flags), said.append)
    return done, "\n".join(said)


def labels_of(root):
    """{(clip, frame): joints} as train.py reads them."""
    source = open_source(str(root))
    assert source.problems == ()
    return {(c.name, int(n)): j.tolist() for c in source.clips for n, j in zip(c.labelled, c.joints)}


def snapshot(root):
    """{path: (content, time of change)} of all files."""
    paths = [os.path.join(top, name) for top, _, names in os.walk(root) for name in names]
    return {p: (open(p, "rb").read(), os.stat(p).st_mtime_ns) for p in paths}


def test_new_labels_are_added_and_corrected_ones_replace_older_ones(into, corrected):
    done, said = merge(corrected, into)
    assert labels_of(into) == {
        ("a", 2): [[1, 2], [3, 4]],
        ("a", 5): [[5, 6], [17, 18]],
        ("a", 7): [[4, 4], [3, 3]],
        ("b", 3): [[9, 9], pytest.approx([np.nan, np.nan], nan_ok=True)],
    }
    assert (done.counts[NEW], done.counts[CHANGED], done.counts[SAME]) == (2, 1, 0)
    assert "2 new, 1 changed" in said
    assert "a/img05.png" in said
    assert os.path.isfile(into / "labeled-data" / "b" / "img03.png")


def test_training_takes_the_merged_labels(into, corrected):
    merge(corrected, into)
    config = DataConfig(source=str(into))
    source = selection.open_data(str(into), config)  # as train.py does: labels and pictures are checked
    split = selection.split_data(source, config)
    assert sum(clip.num_labelled for clip in split.train + split.validation) == 4


def test_merging_again_changes_nothing(into, corrected):
    merge(corrected, into)
    before = snapshot(into)
    done, said = merge(corrected, into)
    assert snapshot(into) == before
    assert done.counts == {SAME: 3}
    assert "3 the same" in said


def test_csv_and_h5_agree_after_a_merge(into, corrected):
    merge(corrected, into)
    folder = into / "labeled-data" / "a"
    from_h5 = pd.read_hdf(folder / "CollectedData_AB.h5")
    from_csv = pd.read_csv(folder / "CollectedData_AB.csv", header=[0, 1, 2], index_col=[0, 1, 2])
    np.testing.assert_array_equal(from_h5.to_numpy(), from_csv.to_numpy())
    assert [name for _, _, name in from_h5.index] == ["img02.png", "img05.png", "img07.png"]


def test_what_is_overwritten_is_backed_up(into, corrected):
    before = snapshot(into)
    done, said = merge(corrected, into)
    assert done.backup in said
    saved = snapshot(done.backup)
    for path, (content, _) in saved.items():
        assert before[os.path.join(into, os.path.relpath(path, done.backup))][0] == content
    assert {os.path.relpath(p, done.backup) for p in saved} >= {
        os.path.join("labeled-data", "a", "CollectedData_AB.csv"),
        os.path.join("labeled-data", "a", "CollectedData_AB.h5"),
    }
    untouched = [p for p in before if p.endswith(".png")]
    assert all(snapshot(into)[p] == before[p] for p in untouched)


def test_an_older_label_does_not_replace_a_newer_one(into, corrected):
    make_old(corrected, "a", "Eve", age_s=500)
    done, said = merge(corrected, into)
    assert labels_of(into)["a", 5] == [[5, 6], [7, 8]]
    assert (done.counts[NEW], done.counts[KEPT]) == (2, 1)
    assert "newer: a/img05.png" in said


def test_a_merge_does_not_make_old_labels_new(into, corrected, tmp_path):
    """Labels of two people, merged one after the other: the age of each counts, not that of the merge."""
    merge(corrected, into)
    third = tmp_path / "third"
    projects.write_config(third, PARTS)
    add(third, "a", (5,), [[1, 1, 1, 1]], age_s=-50)  # newer than `corrected`, older than the merge
    done, _ = merge(third, into)
    assert done.counts == {CHANGED: 1}
    assert labels_of(into)["a", 5] == [[1, 1], [1, 1]]


def test_a_label_that_was_changed_in_the_project_since_is_not_undone(into, corrected):
    merge(corrected, into)
    folder = into / "labeled-data" / "a"
    for ending in ("csv", "h5"):
        os.remove(folder / f"CollectedData_AB.{ending}")
    add(into, "a", (2, 5, 7), [[1, 2, 3, 4], [0, 0, 0, 0], [4, 4, 3, 3]], age_s=90)
    done, _ = merge(corrected, into)
    assert labels_of(into)["a", 5] == [[0, 0], [0, 0]]
    assert (done.counts[KEPT], done.counts[SAME]) == (1, 2)


def test_the_same_picture_under_another_name_is_the_same_frame(into, tmp_path):
    other = tmp_path / "other"
    projects.write_config(other, PARTS)
    add(other, "copy", (30,), [[5, 6, 7, 9]])
    shutil.copy(into / "labeled-data" / "a" / "img05.png", other / "labeled-data" / "copy" / "img30.png")
    done, said = merge(other, into)
    assert set(labels_of(into)) == {("a", 2), ("a", 5)}
    assert labels_of(into)["a", 5] == [[5, 6], [7, 9]]
    assert done.under_other_names == [("copy/img30.png", "a/img05.png")]
    assert "copy/img30.png is a/img05.png" in said
    assert not os.path.exists(into / "labeled-data" / "copy")


def test_joints_that_the_labels_do_not_know_keep_theirs(into, tmp_path):
    other = tmp_path / "other"
    projects.write_config(other, ("tail",))
    add(other, "a", (5,), [[11, 12]], parts=("tail",))
    merge(other, into)
    assert labels_of(into)["a", 5] == [[5, 6], [11, 12]]


def test_a_label_that_was_removed_is_removed(into, tmp_path):
    other = tmp_path / "other"
    projects.write_config(other, PARTS)
    add(other, "a", (5,), [[5, 6, np.nan, np.nan]])
    merge(other, into)
    assert np.isnan(labels_of(into)["a", 5][1]).all()


def test_unknown_joints_are_refused_and_nothing_is_written(into, tmp_path):
    other = tmp_path / "other"
    projects.write_config(other, ("nose", "paw"))
    add(other, "a", (5,), [[1, 1, 2, 2]], parts=("nose", "paw"))
    before = snapshot(into)
    with pytest.raises(ValueError, match=r"--labels: expected the joints of .*nose, tail.*received paw"):
        merge(other, into)
    assert snapshot(into) == before


def test_two_videos_of_one_name_are_refused(into, corrected):
    cv2.imwrite(str(corrected / "labeled-data" / "a" / "img05.png"), 255 - projects.frame(5))
    before = snapshot(into)
    with pytest.raises(ValueError, match="img05.png: expected the picture of frame 5 of a .*two videos of one name"):
        merge(corrected, into)
    assert snapshot(into) == before


def test_bad_labels_are_refused(into, corrected):
    path = corrected / "labeled-data" / "b" / "CollectedData_Eve.csv"
    os.remove(corrected / "labeled-data" / "b" / "CollectedData_Eve.h5")
    path.write_text(path.read_text().replace("9,9", "9,x"))
    with pytest.raises(ValueError, match="--labels: 1 labels cannot be read.*expected a number, found 'x'"):
        merge(corrected, into)


def test_machine_labels_are_no_labels_until_somebody_has_saved_them(into, corrected):
    waiting = corrected / "labeled-data" / "c"
    waiting.mkdir()
    (waiting / "machinelabels-iter0.h5").write_bytes(b"")
    done, said = merge(corrected, into)
    assert done.counts[NEW] == 2
    assert "nobody has saved yet were not merged: c" in said
    for name in ("a", "b"):
        shutil.rmtree(corrected / "labeled-data" / name)
    with pytest.raises(ValueError, match=r"--labels: .* holds only machine labels \(c\): correct them"):
        merge(corrected, into)


def test_the_same_folder_is_refused(into):
    with pytest.raises(ValueError, match="expected another project"):
        merge(into, f"{into}/")


def test_something_else_is_no_target(tmp_path, corrected):
    (tmp_path / "else").mkdir()
    (tmp_path / "else" / "a.txt").write_text("x")
    with pytest.raises(ValueError, match="expected the config of a DeepLabCut project"):
        merge(corrected, tmp_path / "else")
    with pytest.raises(ValueError, match="--into: expected"):
        merge(corrected, tmp_path / "else" / "a.txt")


def test_a_dry_run_only_says_what_would_change(into, corrected):
    before = snapshot(into)
    done, said = merge(corrected, into, dry_run=True)
    assert snapshot(into) == before
    assert (done.counts[NEW], done.counts[CHANGED]) == (2, 1)
    assert said.startswith("would merge 3 labelled frames")


def test_a_new_folder_becomes_a_project(tmp_path, corrected):
    into = tmp_path / "new" / "project"
    merge(corrected, into)
    expected = labels_of(corrected)
    merged = labels_of(into)
    assert set(merged) == set(expected)
    for place, joints in expected.items():
        np.testing.assert_array_equal(merged[place], joints)
    config = yaml.safe_load((into / "config.yaml").read_text())
    assert (config["bodyparts"], config["scorer"]) == (["tail", "nose"], "Eve")
    again, _ = merge(corrected, into)
    assert again.counts == {SAME: 3}


def test_videos_come_along_in_the_config(into, corrected):
    projects.write_frames(corrected / "videos" / "b.avi")
    merge(corrected, into)
    listed = yaml.safe_load((into / "config.yaml").read_text())["video_sets"]
    assert str(corrected / "videos" / "b.avi") in listed
    clips = {clip.name: clip for clip in open_source(str(into)).clips}
    assert clips["b"].frames.num_frames == 8


def test_labels_of_other_formats_are_merged(tmp_path, into):
    """COCO keypoints of separate pictures: names without a frame number count as they are."""
    import json

    folder = tmp_path / "coco"
    folder.mkdir()
    cv2.imwrite(str(folder / "portrait.png"), projects.frame(11))
    content = {
        "images": [{"id": 1, "file_name": "portrait.png", "width": 32, "height": 24}],
        "categories": [{"id": 1, "name": "rat", "keypoints": ["tail", "nose"]}],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 1, "keypoints": [3, 4, 2, 5, 6, 1], "num_keypoints": 2,
             "bbox": [1, 1, 20, 20], "area": 400, "iscrowd": 0}
        ],
    }  # fmt: skip
    (folder / "annotations.json").write_text(json.dumps(content))
    done, said = merge(folder / "annotations.json", into)
    assert done.counts == {NEW: 1}
    assert "1 joints are marked as hidden" in said
    source = open_source(str(into))
    (clip,) = [clip for clip in source.clips if clip.name != "a"]
    np.testing.assert_array_equal(clip.joints, [[[5, 6], [3, 4]]])
    assert merge(folder / "annotations.json", into)[0].counts == {SAME: 1}
