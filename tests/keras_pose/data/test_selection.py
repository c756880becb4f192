"""From flags to clips: test clips stay out of training and validation."""

import json

import cv2
import numpy as np
import pytest

from keras_pose.data import selection
from keras_pose.runs.config import TrainConfig

CONFIG = TrainConfig.from_flags(run_dir="x", data="signers:train:12", signer_frames=2, signer_size=64)


def split(**changes):
    config = CONFIG.replace(**changes)
    return selection.split_data(selection.open_data(config.data.source, config.data), config.data)


def names(clips):
    return {clip.name for clip in clips}


def test_validation_is_cut_from_the_training_clips():
    parts = split(validation_fraction=0.25)
    assert (len(parts.train), len(parts.validation), len(parts.test)) == (9, 3, 0)
    assert not names(parts.train) & names(parts.validation)


def test_test_clips_are_in_no_other_part(tmp_path):
    (tmp_path / "clips.txt").write_text("signers-train-00003\nsigners-train-00005\n")
    parts = split(test_clips=str(tmp_path / "clips.txt"))
    assert names(parts.test) == {"signers-train-00003", "signers-train-00005"}
    assert not names(parts.test) & (names(parts.train) | names(parts.validation))


def test_another_source_can_be_the_test_set():
    parts = split(test_data="signers:test:3")
    assert all(name.startswith("signers-test") for name in names(parts.test))
    assert len(parts.train) + len(parts.validation) == 12


def test_a_fraction_of_frames_can_be_the_test_set():
    parts = split(test_fraction=0.25)
    assert sum(clip.num_labelled for clip in parts.test) == 6
    described = parts.to_dict()
    for name, frames in described["test"].items():
        assert not set(frames) & set(described["train"].get(name, []))
        assert not set(frames) & set(described["validation"].get(name, []))


def test_all_clips_held_out_leaves_nothing_to_train_on(tmp_path):
    (tmp_path / "clips.txt").write_text("\n".join(f"signers-train-{i:05d}" for i in range(12)))
    with pytest.raises(ValueError, match="no clip is left to train on"):
        split(test_clips=str(tmp_path / "clips.txt"))


def test_labels_of_a_list_can_be_scaled(tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((300, 300, 3), np.uint8))
    (tmp_path / "list.txt").write_text("a.png 0.5,0.25 0,0,0,0,0 0\n")
    source = selection.open_data(str(tmp_path / "list.txt"), CONFIG.replace(label_scale=282.0).data)
    np.testing.assert_allclose(source.clips[0].joints, [[[141, 70.5]]])


def test_the_images_and_the_category_of_annotations_can_be_chosen(tmp_path):
    (tmp_path / "pictures").mkdir()
    cv2.imwrite(str(tmp_path / "pictures" / "a.png"), np.zeros((20, 30, 3), np.uint8))
    content = {
        "images": [{"id": 1, "file_name": "a.png"}],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 1, "keypoints": [1, 2, 2, 3, 4, 2]},
            {"id": 2, "image_id": 1, "category_id": 2, "keypoints": [5, 6, 2]},
        ],
        "categories": [
            {"id": 1, "name": "hand", "keypoints": ["thumb", "palm"]},
            {"id": 2, "name": "face", "keypoints": ["nose"]},
        ],
    }
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "a.json").write_text(json.dumps(content))
    flags = {"image_dir": str(tmp_path / "pictures"), "category": "face"}
    source = selection.open_data(str(tmp_path / "labels" / "a.json"), CONFIG.replace(**flags).data)
    np.testing.assert_array_equal(source.clips[0].joints, [[[5, 6]]])
    assert source.skeleton.joints == ("nose",)
