"""MPII is recognised in each of its forms."""

import json

from keras_pose.data.importers.mpii import layout
from tests.helpers import picture_sets


def test_the_official_file_is_found_where_its_archive_puts_it(tmp_path):
    path = picture_sets.write_mpii_release(tmp_path / "mpii_human_pose_v1_u12_2", [("a.jpg", 1.0, [])])
    for spec in (tmp_path, path):
        found = layout.find_files(str(spec))
        assert (found.kind, found.root, found.paths) == ("matlab", str(tmp_path), {"": str(path)})


def test_files_of_pose_hg_train_and_hrnet_are_found_in_annot(tmp_path):
    annot = tmp_path / "annot"
    annot.mkdir()
    for name in ("train", "valid"):
        (annot / f"{name}.json").write_text(json.dumps([picture_sets.mpii_entry()]))
    (annot / "test.json").write_text(json.dumps([{"image": "b.jpg", "scale": 1.0, "center": [1, 1]}]))
    found = layout.find_files(str(tmp_path))
    expected = {"train": str(annot / "train.json"), "test": str(annot / "valid.json")}
    assert (found.kind, found.root, found.paths) == ("json", str(tmp_path), expected)
    # The files of pose-hg-train also tell which joints are hidden, so they come first.
    path = picture_sets.write_hourglass(annot / "valid.h5", [picture_sets.MPII_JOINTS], ["a.jpg"])
    found = layout.find_files(str(tmp_path))
    assert (found.kind, found.root, found.paths) == ("hourglass", str(tmp_path), {"test": str(path)})


def test_a_json_file_is_recognised_by_its_beginning(tmp_path):
    path = tmp_path / "people.json"
    path.write_text("\n" + json.dumps([picture_sets.mpii_entry()]))
    assert layout.find_files(str(path)).paths == {"": str(path)}
    path.write_text(json.dumps([{"image_id": 1, "score": 0.5}]))
    assert not layout.is_mpii(str(path))


def test_other_folders_and_files_are_not_mpii(tmp_path):
    (tmp_path / "train.json").write_text("{}")
    for spec in (tmp_path, tmp_path / "train.json", tmp_path / "gone"):
        assert not layout.is_mpii(str(spec))
