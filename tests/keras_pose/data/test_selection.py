"""From flags to clips: test clips stay out of training and validation."""

import json

import cv2
import numpy as np
import pytest

from keras_pose.data import selection
from keras_pose.runs.config import TrainConfig
from tests.helpers.pictures import truncate, write_deep, write_png, write_tagged

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


def write_list(folder, images, point="5,4"):
    """A caffe-heatmap list with one joint in each image."""
    (folder / "list.txt").write_text("".join(f"{image} {point} 0,0,0,0,1 0\n" for image in images))
    return str(folder / "list.txt")


def write_coco(folder, sizes):
    """COCO annotations with one joint at (5, 4) of each image: {name: (height, width) as stated}."""
    images = [{"id": i, "file_name": n, "height": h, "width": w} for i, (n, (h, w)) in enumerate(sizes.items())]
    labels = [{"id": i, "image_id": i, "category_id": 1, "keypoints": [5, 4, 2]} for i in range(len(images))]
    categories = [{"id": 1, "name": "one", "keypoints": ["hand"]}]
    content = {"images": images, "annotations": labels, "categories": categories}
    (folder / "annotations.json").write_text(json.dumps(content))
    return str(folder / "annotations.json")


def opened(spec, **changes):
    return selection.open_data(spec, CONFIG.replace(data=spec, **changes).data)


def test_a_folder_of_several_sizes_is_used_whole_and_stays_together(tmp_path):
    for name in ("a", "b", "c"):
        for i in range(4):
            write_png(tmp_path / name / f"{i}.png", (20 + 4 * (i % 2), 30), 10 * i)
    spec = write_list(tmp_path, [f"{name}/{i}.png" for name in ("a", "b", "c") for i in range(4)])
    source = opened(spec)
    assert len(source.clips) == 6
    assert sum(clip.num_labelled for clip in source.clips) == 12
    assert len(source.notes) == 3
    (tmp_path / "test.txt").write_text("b\n")
    config = CONFIG.replace(data=spec, test_clips=str(tmp_path / "test.txt"), validation_fraction=0.5)
    parts = selection.split_data(source, config.data)
    assert {clip.session for clip in parts.test} == {"b"}
    assert {clip.session for clip in parts.train} | {clip.session for clip in parts.validation} == {"a", "c"}
    assert not {clip.session for clip in parts.train} & {clip.session for clip in parts.validation}
    assert parts.to_dict()["test"] == {"b": [0, 1, 2, 3]}
    assert [len(positions) for part in parts.to_dict().values() for positions in part.values()] == [4, 4, 4]


def test_damaged_pictures_are_invalid_labels_of_the_test_source_too(tmp_path):
    for folder in ("train", "test"):
        for i in range(3):
            write_png(tmp_path / folder / f"{i}.png")
        truncate(tmp_path / folder / "1.png")
    train = write_list(tmp_path / "train", ["0.png", "2.png"])
    test = write_list(tmp_path / "test", ["0.png", "1.png", "2.png"])
    config = CONFIG.replace(data=train, test_data=test)
    with pytest.raises(
        ValueError, match=r"(?s)test/list.txt: 1 bad label.*list.txt:2: .*1.png: expected a whole image"
    ):
        selection.split_data(opened(train), config.data)
    parts = selection.split_data(opened(train), config.replace(on_bad_label="skip").data)
    assert [clip.labelled.tolist() for clip in parts.test] == [[0, 2]]


def test_the_orientation_of_coco_pictures_follows_the_stated_size(tmp_path):
    for i, tag in enumerate((6, 8, 1, 3)):
        write_tagged(tmp_path / f"{i}.jpg", tag)
    source = opened(write_coco(tmp_path, {f"{i}.jpg": (20, 30) for i in range(4)}))
    for clip in source.clips:
        assert clip.frames.read([0])[0, 4, 5, 0] > 200
    with pytest.raises(ValueError, match=r"--exif_orientation=upright or --exif_orientation=stored"):
        opened(write_coco(tmp_path, {"3.jpg": (20, 30), "2.jpg": (20, 30)}))
    with pytest.raises(
        ValueError, match=r"0.jpg: expected 21×30 .* found 30×20 .EXIF orientation 6: upright it has 20×30"
    ):
        opened(write_coco(tmp_path, {"0.jpg": (21, 30)}))


def test_lists_without_sizes_ask_for_the_orientation_and_then_are_split_by_upright_size(tmp_path):
    write_tagged(tmp_path / "a.jpg", 6, (20, 30))
    write_tagged(tmp_path / "b.jpg", 1, (20, 30))
    spec = write_list(tmp_path, ["a.jpg", "b.jpg"])
    with pytest.raises(ValueError, match=r"1 picture with an EXIF orientation is labelled, the first .*a.jpg"):
        opened(spec)
    (clip,) = opened(spec, exif_orientation="upright").clips
    assert (clip.frames.read([0, 1])[:, 4, 5, 0] > 200).all()
    assert len(opened(spec, exif_orientation="stored").clips) == 2


def test_the_range_of_deep_pictures_is_noted_and_used(tmp_path):
    write_deep(tmp_path / "a.png", 4095)
    write_deep(tmp_path / "b.png", 400)
    source = opened(write_list(tmp_path, ["a.png", "b.png"]))
    assert source.notes == ("12-bit values in 16-bit files of clip list: 4095 becomes 255",)
    assert [int(frame.max()) for frame in source.clips[0].frames.read([0, 1])] == [255, 25]


def test_joints_outside_are_used_as_the_flag_says(tmp_path):
    write_png(tmp_path / "a.png")
    (tmp_path / "list.txt").write_text("a.png 5,4,50,4 0,0,0,0,1 0\n")
    spec = str(tmp_path / "list.txt")
    with pytest.raises(ValueError, match="--outside=unlabel"):
        opened(spec)
    for flags, visibility in (
        ({"on_bad_label": "skip"}, [2, 0]),
        ({"outside": "unlabel"}, [2, 0]),
        ({"outside": "hidden"}, [2, 1]),
    ):
        assert opened(spec, **flags).clips[0].visibility.tolist() == [visibility]
