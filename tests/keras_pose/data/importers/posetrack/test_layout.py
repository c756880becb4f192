"""PoseTrack18 is recognised by its files of labels."""

import json

from keras_pose.data.importers.posetrack import layout
from tests.helpers import picture_sets


def test_folders_and_files_are_recognised(tmp_path):
    picture_sets.write_posetrack(tmp_path, [picture_sets.posetrack_video()], pictures=False)
    path = tmp_path / "annotations" / "val" / "000342_mpii_test.json"
    for spec in (tmp_path, tmp_path / "annotations", tmp_path / "annotations" / "val", path):
        assert layout.is_posetrack(str(spec))
        assert layout.find_files(str(spec)) == [str(path)]


def test_files_of_videos_come_before_files_of_several_videos(tmp_path):
    picture_sets.write_posetrack(tmp_path, [picture_sets.posetrack_video(part="train")], pictures=False)
    (tmp_path / "annotations" / "posetrack18_train.json").write_text(json.dumps(picture_sets.posetrack_video()))
    assert layout.find_files(str(tmp_path)) == [str(tmp_path / "annotations" / "train" / "000342_mpii_test.json")]


def test_the_last_folder_tells_the_part():
    assert layout.part_of("images/val/000342_mpii_test") == "test"
    assert layout.part_of("C:\\val\\annotations\\train\\a.json") == "train"
    assert layout.part_of("a.json") == ""


def test_other_folders_and_files_are_not_posetrack(tmp_path):
    (tmp_path / "annotations.json").write_text('{"images": [], "keypoints": ["head_top"]}')
    for spec in (tmp_path, tmp_path / "annotations.json", tmp_path / "gone"):
        assert not layout.is_posetrack(str(spec))
