"""Reading COCO keypoints: images, frames of video, layouts and content of other tools, each thing that can be wrong."""

import copy
import json
import re

import cv2
import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from keras_pose import files
from keras_pose.data import validation
from keras_pose.data.clip import HIDDEN, UNLABELLED, VISIBLE
from keras_pose.data.importers.coco import dataset

CONTENT = {
    "images": [
        {"id": 7, "file_name": "a.png", "width": 20, "height": 10},
        {"id": 9, "file_name": "b.png", "width": 16, "height": 12},
        {"id": 11, "file_name": "c.png", "width": 16, "height": 12},
    ],
    "annotations": [
        {"id": 1, "image_id": 7, "category_id": 5, "keypoints": [1, 2, 2, 3.5, 4, 1, 0, 0, 0], "bbox": [0, 0, 5, 5]},
        {"id": 2, "image_id": 9, "category_id": 5, "keypoints": [5, 6, 2, 7, 8, 2, 9, 10, 2], "bbox": [0, 0, 2, 2]},
        {"id": 3, "image_id": 9, "category_id": 5, "keypoints": [6, 6, 2, 7, 8, 2, 9, 10, 2], "bbox": [0, 0, 9, 9]},
        {"id": 4, "image_id": 11, "category_id": 5, "keypoints": [0] * 9},
    ],
    "categories": [
        {"id": 2, "name": "car"},
        {"id": 5, "name": "person", "keypoints": ["nose", "left_hand", "right_hand"], "skeleton": [[1, 2], [1, 3]]},
    ],
}


@pytest.fixture
def content():
    return copy.deepcopy(CONTENT)


def write(folder, content, image_folder="images"):
    (folder / image_folder).mkdir(exist_ok=True)
    for image in content["images"]:
        pixels = np.full((image["height"], image["width"], 3), (10, 20, image["id"] * 10), np.uint8)
        cv2.imwrite(str(folder / image_folder / image["file_name"]), pixels)
    files.write_json(folder / "annotations.json", content)
    return folder


def test_images_become_clips_of_one_frame(tmp_path, content):
    source = dataset.read(write(tmp_path, content))
    assert [clip.name for clip in source.clips] == ["a.png", "b.png"]
    first = source.clips[0]
    np.testing.assert_array_equal(first.visibility, [[VISIBLE, HIDDEN, UNLABELLED]])
    np.testing.assert_array_equal(first.joints, [[[1, 2], [3.5, 4], [np.nan, np.nan]]])
    assert first.frames.num_frames is None
    assert first.frames.size_hw == (10, 20)
    np.testing.assert_array_equal(first.read_window(0)[0, 3, 3], (70, 20, 10))


def test_the_largest_person_is_kept_and_the_others_are_counted(tmp_path, content):
    source = dataset.read(write(tmp_path, content))
    assert source.clips[1].joints[0, 0, 0] == 6
    assert len(source.skipped) == 2
    assert any("annotation 2: of smaller people than another" in message for message in source.skipped)
    assert any("annotation 4: without a labelled joint" in message for message in source.skipped)
    assert source.summary.startswith(
        f"{tmp_path}/annotations.json: read 2 of 4 annotations in 2 images; left out: 1 without a labelled joint"
    )
    assert "1 of smaller people than another in the same image" in source.summary


def test_the_summary_is_empty_if_everything_was_read(tmp_path, content):
    del content["annotations"][1], content["annotations"][-1]
    source = dataset.read(write(tmp_path, content))
    assert (source.summary, source.skipped, source.problems, source.notes) == ("", (), (), ())


def test_the_skeleton_counts_edges_from_one_and_infers_pairs(tmp_path, content):
    skeleton = dataset.read(write(tmp_path, content)).skeleton
    assert skeleton.edges == (("nose", "left_hand"), ("nose", "right_hand"))
    assert skeleton.flip_pairs == (("left_hand", "right_hand"),)


def test_written_flip_pairs_are_kept_even_when_empty(tmp_path, content):
    content["categories"][1]["flip_pairs"] = []
    assert dataset.read(write(tmp_path, content)).skeleton.flip_pairs == ()


def test_images_may_lie_beside_the_file_and_the_file_may_be_named(tmp_path, content):
    folder = write(tmp_path, content, ".")
    assert len(dataset.read(folder / "annotations.json").clips) == 2


BAD_ENTRIES = [
    ("annotations", 0, {"keypoints": [1, 2, 2]}, r"annotation 1: expected 3 × \(x, y, v\) numbers, received 3"),
    ("annotations", 0, {"keypoints": [1, 2, 2] * 4}, r"annotation 1: expected 3 × \(x, y, v\) numbers, received 12"),
    ("annotations", 0, {"keypoints": "1 2 2"}, "annotation 1: expected 3 × .*, received '1 2 2'"),
    ("annotations", 0, {"keypoints": {"nose": [1, 2]}}, "annotation 1: expected 3 × .*, received {'nose'"),
    ("annotations", 0, {"keypoints": [1, 2, 7] + [0] * 6}, "annotation 1: expected v of 0"),
    ("annotations", 0, {"keypoints": ["a", 2, 2] + [0] * 6}, r"annotation 1: expected a position at joint 'nose'.*'a'"),
    ("annotations", 0, {"image_id": 99}, "annotation 1: expected the id of an image, received 99"),
    ("annotations", 0, {"image_id": None}, "annotation 1: expected the id of an image, received None"),
    ("annotations", 0, {"category_id": 99}, "annotation 1: expected the id of a category, received 99"),
    ("images", 0, {"file_name": "lost.png"}, "image 7 .annotation 1.: expected 'lost.png' in .* found neither"),
    ("images", 0, {"file_name": None}, "image 7 .*: expected the field 'file_name'"),
    ("images", 0, {"file_name": 12}, "image 7 .*: expected the field 'file_name' .*received 12"),
    ("images", 0, {"id": 9}, r"annotation 3: image id 9 belongs to 'a.png' and 'b.png'"),
    ("images", 0, {"id": None}, r"images\[0\]: expected an object with the field 'id'"),
    ("images", 0, {"video_id": 1, "frame_index": 0}, r"expected video_id of an entry in 'videos', received \[1\]"),
]


@pytest.mark.parametrize(("field", "number", "values", "message"), BAD_ENTRIES)
def test_bad_entries_stop_or_are_left_out(tmp_path, content, field, number, values, message):
    write(tmp_path, content)
    content["images"].append({"id": 12, "file_name": "c.png"})
    content["annotations"].append({"id": 5, "image_id": 12, "category_id": 5, "keypoints": [1, 1, 2] * 3})
    content[field][number].update(values)
    files.write_json(tmp_path / "annotations.json", content)
    source = dataset.read(tmp_path)
    with pytest.raises(ValueError, match=message) as error:
        validation.validate(source)
    assert "annotations.json" in str(error.value)
    kept = validation.validate(source, "skip")
    assert "c.png" in [clip.name for clip in kept.clips]
    assert "a.png" not in [clip.name for clip in kept.clips]
    assert re.search(message, "\n".join(kept.skipped))
    assert_every_annotation_is_counted(source, content)


@pytest.mark.parametrize("field", ["images", "annotations", "categories"])
@pytest.mark.parametrize("entry", [None, 3, "text", [1], True, {}])
def test_entries_that_are_no_objects_are_problems(tmp_path, content, field, entry):
    write(tmp_path, content)
    content[field].append(entry)
    files.write_json(tmp_path / "annotations.json", content)
    source = dataset.read(tmp_path)
    assert len(source.clips) == 2
    if field == "annotations" and entry == {}:
        assert "annotations[4]: without a labelled joint" in source.skipped[0] + source.skipped[1]
    else:
        assert re.search(rf"{field}\[\d\]: expected an object", source.problems[0].message)
    assert_every_annotation_is_counted(source, content)


def assert_every_annotation_is_counted(source, content):
    count = sum(clip.num_labelled for clip in source.clips)
    if not source.summary:
        assert count == len(content["annotations"])
        return
    pattern = (
        r"read (\d+) of (\d+) annotations? in \d+ images?(?: \(without \d+ invalid joints?\))?(?:; left out: (.*))?"
    )
    assert source.summary.startswith(f"{source.name}: read ")
    read, total, rest = re.fullmatch(pattern, source.summary[len(source.name) + 2 :]).groups("")
    left_out = re.sub(r"\([^()]*\)|'[^']*'|\"[^\"]*\"", "", rest)
    numbers = [int(number) for number in re.findall(r"(?:^|, )(\d+) ", left_out)]
    assert (int(read), int(total)) == (count, len(content["annotations"]))
    assert count + sum(numbers) == len(content["annotations"]), source.summary


def test_one_bad_joint_is_a_problem_of_this_joint(tmp_path, content):
    content["annotations"][0]["keypoints"] = [1, 2, 2, None, 4, 2, 5, 6, 0.9]
    source = dataset.read(write(tmp_path, content))
    np.testing.assert_array_equal(source.clips[0].visibility, [[VISIBLE, UNLABELLED, UNLABELLED]])
    assert [(p.clip, p.row, p.joint) for p in source.problems] == [("a.png", 0, 1), ("a.png", 0, 2)]
    assert "expected a position at joint 'left_hand', received (None, 4, 2)" in source.problems[0].message
    assert source.problems[1].message.endswith("at joint 'right_hand', received 0.9")
    assert source.summary.startswith(
        f"{tmp_path}/annotations.json: read 2 of 4 annotations in 2 images (without 2 invalid joints); left out: 1 "
    )


def test_a_bad_entry_does_not_take_the_place_of_a_good_one(tmp_path, content):
    content["annotations"][2]["keypoints"] = [6, 6, 2]
    source = dataset.read(write(tmp_path, content))
    assert source.clips[1].joints[0, 0, 0] == 5
    assert len(source.problems) == 1


def test_missing_parts_are_named(tmp_path, content):
    with pytest.raises(ValueError, match="found no such file"):
        dataset.read(tmp_path)
    files.write_json(tmp_path / "annotations.json", {"images": []})
    with pytest.raises(ValueError, match="with a list 'annotations', found none"):
        dataset.read(tmp_path)
    del content["images"][1]["file_name"]
    files.write_json(tmp_path / "annotations.json", content)
    with pytest.raises(
        ValueError, match=r"none of its 1 images and videos was found: expected 'a.png' in .*--image_dir"
    ):
        dataset.read(tmp_path)
    content["categories"] = [{"id": 1, "name": "car"}]
    files.write_json(tmp_path / "annotations.json", {**content, "images": [], "annotations": []})
    with pytest.raises(ValueError, match=r"expected a category with 'keypoints', received \['car'\]"):
        dataset.read(tmp_path)


ONE_IMAGE = {"id": 1, "file_name": "a.png", "width": 20, "height": 10}


def write_layout(folder, label_file, image_file, image=None, **content):
    """Writes one annotated image; returns the path of the annotation file."""
    for name in (label_file, image_file):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(folder / image_file), np.full((10, 20, 3), 90, np.uint8))
    annotation = {"id": 1, "image_id": 1, "category_id": 5, "keypoints": [1, 2, 2] * 3}
    full = {"images": [image or ONE_IMAGE], "annotations": [annotation], "categories": [CONTENT["categories"][1]]}
    (folder / label_file).write_text(json.dumps({**full, **content}))
    return folder / label_file


@pytest.mark.parametrize(
    ("label_file", "image_file", "file_name"),
    [
        ("annotations.json", "a.png", "a.png"),
        ("annotations.json", "images/a.png", "a.png"),
        ("annotations/person_keypoints_train2017.json", "train2017/a.png", "a.png"),  # cocodataset.org
        ("annotations/person_keypoints_train2017.json", "images/train2017/a.png", "a.png"),
        ("annotations/person_keypoints_default.json", "images/a.png", "a.png"),  # CVAT
        ("annotations/person_keypoints_default.json", "images/default/a.png", "a.png"),
        ("annotations/person_keypoints_default.json", "images/sub/a.png", "sub/a.png"),
        ("labels.json", "data/a.png", "a.png"),  # FiftyOne
        ("train/_annotations.coco.json", "train/a.png", "a.png"),  # Roboflow
        ("result.json", "images/1f-a.png", "images\\1f-a.png"),  # Label Studio on Windows
        ("result.json", "images/1f-a.png", "/data/upload/1/1f-a.png"),
        ("result.json", "photos/my a.png", "/data/local-files/?d=photos/my%20a.png"),
        ("result.json", "images/my a.png", "my%20a.png"),
        ("result.json", "images/my%20a.png", "my%20a.png"),
        ("result.json", "images/a.png", "./a.png"),
        ("result.json", "images/a.png", ".\\images\\a.png"),
        ("result.json", "images/a.png", "C:\\Users\\me\\a.png"),
        ("result.json", "images/a.png", "/home/other/project/images/a.png"),
        ("result.json", "images/a.PNG", "a.png"),
        ("annotations/val/seq.json", "images/val/seq/0.png", "images/val/seq/0.png"),  # PoseTrack18
        ("result.json", "frames [x]/a{1}*.png", "frames [x]/a{1}*.png"),
        ("result.json", "images/b\u00fc\u4eba.png", "bu\u0308\u4eba.png"),
        ("result.json", "raw/day 2/a.png", "a.png"),
    ],
)
def test_images_are_found_where_tools_put_them(tmp_path, label_file, image_file, file_name):
    path = write_layout(tmp_path, label_file, image_file, {**ONE_IMAGE, "file_name": file_name})
    source = dataset.read(path)
    assert [clip.name for clip in source.clips] == [file_name]
    assert source.clips[0].read_window(0)[0, 0, 0, 0] == 90
    assert validation.validate(source).clips
    if label_file.count("/") < 2:
        folder = path.parent.parent if path.parent.name == "annotations" else path.parent
        assert len(dataset.read(folder).clips) == 1


def test_an_address_alone_names_the_image(tmp_path):
    image = {"id": 1, "coco_url": "http://images.cocodataset.org/val2017/000000000785.jpg?x=1"}
    path = write_layout(tmp_path, "annotations/a.json", "val2017/000000000785.jpg", image)
    assert dataset.read(path).clips[0].frames.size_hw == (10, 20)


def test_images_elsewhere_are_found_with_a_flag(tmp_path):
    path = write_layout(tmp_path, "labels/here.json", "elsewhere/deep/a.png")
    (tmp_path / "labels").rename(tmp_path / "json")
    path = tmp_path / "json" / "here.json"
    with pytest.raises(ValueError, match="here.json: none of its 1 images .*expected 'a.png' in .*set --image_dir"):
        dataset.read(path)
    assert len(dataset.read(path, image_dir=str(tmp_path / "elsewhere" / "deep")).clips) == 1
    assert len(dataset.read(path, image_dir=str(tmp_path / "elsewhere")).clips) == 1
    with pytest.raises(ValueError, match="--image_dir=.*nowhere: expected a folder"):
        dataset.read(path, image_dir=str(tmp_path / "nowhere"))


def test_the_flag_wins_over_images_beside_the_file(tmp_path):
    path = write_layout(tmp_path / "data", "a.json", "a.png")
    (tmp_path / "small").mkdir()
    cv2.imwrite(str(tmp_path / "small" / "a.png"), np.full((10, 20, 3), 30, np.uint8))
    source = dataset.read(path, image_dir=str(tmp_path / "small"))
    assert source.clips[0].read_window(0)[0, 0, 0, 0] == 30
    (tmp_path / "small" / "a.png").unlink()
    source = dataset.read(path, image_dir=str(tmp_path / "small"))
    assert source.clips[0].read_window(0)[0, 0, 0, 0] == 90
    assert "1 file was not in --image_dir, but found elsewhere" in source.notes[0]


def test_a_name_that_two_files_have_is_refused_with_both(tmp_path, content):
    write(tmp_path, content)
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / "images" / "a.png").rename(tmp_path / folder / "a.png") if folder == "one" else cv2.imwrite(
            str(tmp_path / folder / "a.png"), np.zeros((10, 20, 3), np.uint8)
        )
    source = dataset.read(tmp_path)
    (problem,) = source.problems
    assert re.search("'a.png' can be .*one/a.png or .*two/a.png; choose its folder with --image_dir", problem.message)
    assert len(validation.validate(source, "skip").clips) == 1


def test_images_of_one_name_in_several_folders_are_told_apart(tmp_path, content):
    for number, folder in enumerate(("x", "y")):
        (tmp_path / folder).mkdir()
        cv2.imwrite(str(tmp_path / folder / "img.png"), np.full((10, 20, 3), 50 * number, np.uint8))
        content["images"][number] = {
            "id": (7, 9)[number],
            "file_name": "img.png",
            "path": f"/datasets/{folder}/img.png",
        }
    files.write_json(tmp_path / "annotations.json", content)
    source = dataset.read(tmp_path)
    assert [clip.name for clip in source.clips] == ["x/img.png", "y/img.png"]
    assert [clip.read_window(0)[0, 0, 0, 0] for clip in source.clips] == [0, 50]


def test_two_entries_of_one_file_are_one_image(tmp_path, content):
    content["images"][0]["file_name"] = "./b.png"
    content["images"][0].update(width=16, height=12)
    source = dataset.read(write(tmp_path, content))
    assert [clip.num_labelled for clip in source.clips] == [1]
    assert_every_annotation_is_counted(source, content)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_byte_order_marks_and_wide_characters_are_read(tmp_path, content, encoding):
    write(tmp_path, content)
    (tmp_path / "annotations.json").write_bytes(json.dumps(content).encode(encoding))
    assert len(dataset.read(tmp_path).clips) == 2


@pytest.mark.parametrize(
    ("field", "number", "values"),
    [
        ("annotations", 0, {"bbox": None}),
        ("annotations", 1, {"bbox": None}),
        ("annotations", 1, {"bbox": "none"}),
        ("annotations", 1, {"bbox": [None] * 4}),
        ("annotations", 1, {"bbox": [10**400] * 4}),
        ("annotations", 3, {"keypoints": None}),
        ("annotations", 3, {"keypoints": []}),
        ("annotations", 0, {"keypoints": [1.0, 2.0, 2.0, 3.5, 4, 1.0, None, None, 0.0]}),
        ("annotations", 0, {"keypoints": ["1", "2", "2", "3.5", "4", "1", "0", "0", "0"]}),
        ("annotations", 0, {"keypoints": [[1, 2, 2], [3.5, 4, 1], [0, 0, 0]]}),
        ("annotations", 0, {"keypoints": [1, 2, 2, 3.5, 4, 1, None, None, None]}),
        ("annotations", 0, {"keypoints": [1, 2, 2, 3.5, 4, 1, 17, 5, 0]}),
        ("annotations", 0, {"id": "one", "image_id": "7", "category_id": 5.0}),
        ("annotations", 0, {"id": 2, "image_id": "007"}),
        ("annotations", 0, {"id": None, "iscrowd": False, "num_keypoints": 0, "ignore": 0}),
        ("images", 0, {"width": None, "height": None}),
        ("images", 0, {"width": "20", "height": 10.0}),
        ("images", 0, {"video_id": 4, "frame_id": 3}),
        ("categories", 1, {"skeleton": None}),
        ("categories", 1, {"skeleton": "none"}),
        ("categories", 1, {"colors": [[1, 2]]}),
        ("categories", 1, {"id": "5", "name": None}),
        ("categories", 0, {"keypoints": ["wheel"]}),
        ("categories", 0, {"keypoints": None}),
    ],
)
def test_unusual_values_are_read_as_the_plain_ones(tmp_path, content, field, number, values):
    write(tmp_path, content)
    content[field][number].update(values)
    files.write_json(tmp_path / "annotations.json", content)
    source = dataset.read(tmp_path)
    assert source.problems == ()
    np.testing.assert_array_equal(source.clips[0].joints, [[[1, 2], [3.5, 4], [np.nan, np.nan]]])
    np.testing.assert_array_equal(source.clips[0].visibility, [[VISIBLE, HIDDEN, UNLABELLED]])
    assert source.clips[0].frames.size_hw == (10, 20)
    assert source.clips[1].joints[0, 0, 0] == 6
    assert_every_annotation_is_counted(source, content)


@pytest.mark.parametrize("mark", [{"iscrowd": 1}, {"iscrowd": True}, {"iscrowd": "1"}, {"ignore": 1}])
def test_crowds_and_ignored_annotations_are_left_out(tmp_path, content, mark):
    content["annotations"][2].update(mark)
    source = dataset.read(write(tmp_path, content))
    assert source.clips[1].joints[0, 0, 0] == 5
    assert "1 of crowds (iscrowd) or marked with ignore" in source.summary


def test_the_public_samples_are_read(shared_data):
    samples = shared_data / "annotation_files" / "mmpose_samples" / "tests" / "data"
    counts = {
        "aic/test_aic.json": (14, 3),
        "coco/test_coco.json": (17, 4),
        "coco/test_coco_wholebody.json": (17, 4),
        "crowdpose/test_crowdpose.json": (14, 2),
        "h36m/h36m_coco.json": (17, 4),
        "jhmdb/test_jhmdb_sub1.json": (15, 3),
        "mpii/test_mpii_trb.json": (40, 5),
        "posetrack18/annotations/test_posetrack18_val.json": (17, 3),
        "posetrack18/annotations/val/003418_mpii_test.json": (17, 1),
    }
    for name, (num_joints, num_images) in counts.items():
        source = dataset.read(samples / name)
        assert (source.skeleton.num_joints, len(source.clips)) == (num_joints, num_images), name
        assert source.problems == (), name
        assert_every_annotation_is_counted(source, files.read_json(samples / name))
        assert source.clips[0].read_window(0).shape[1:3] == source.clips[0].frames.size_hw
    with pytest.raises(ValueError, match="test_mpii.json: expected COCO keypoint annotations with a list 'images'"):
        dataset.read(samples / "mpii" / "test_mpii.json")
    with pytest.raises(ValueError, match="AP_40.json: expected COCO .* found none: the file holds 6 detections"):
        dataset.read(samples / "crowdpose" / "test_crowdpose_det_AP_40.json")
    assert any("--hidden_weight=1" in note for note in dataset.read(samples / "h36m" / "h36m_coco.json").notes)


def test_images_of_one_video_are_one_group(tmp_path, content):
    content["images"][0]["vid_id"] = "00228"
    content["images"][1]["video_id"] = 3
    source = dataset.read(write(tmp_path, content))
    assert [clip.group for clip in source.clips] == ["video 00228", "video 3"]
    assert [clip.session for clip in source.clips] == ["a.png", "b.png"]


def test_labels_that_are_all_hidden_are_noted(tmp_path, content):
    for annotation in content["annotations"][:3]:
        annotation["keypoints"][2::3] = [1, 1, 1]
    assert not dataset.read(write(tmp_path, content)).notes
    content["annotations"] += [{**content["annotations"][0], "id": 5}]
    assert "every labelled joint has v = 1" in dataset.read(write(tmp_path, content)).notes[0]
    content["annotations"][0]["keypoints"][2] = 2
    assert not dataset.read(write(tmp_path, content)).notes


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from([10**400, -1, 0, 1, 2]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


def nodes(value):
    """All places of a JSON value: (container, key)."""
    found = []
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        found += [(value, key), *nodes(value[key])]
    return found


@hypothesis.settings(max_examples=300)
@hypothesis.given(st.data())
def test_any_value_anywhere_gives_a_source_or_an_error_with_the_file(tmp_path_factory, data):
    folder = tmp_path_factory.getbasetemp() / "fuzzed"
    content = copy.deepcopy(CONTENT)
    if not folder.is_dir():
        folder.mkdir()
        write(folder, content)
    content["videos"] = [{"id": 1, "file_name": "v.avi", "name": "v"}]
    content["images"][2].update(video_id=1, frame_index=2)
    content["categories"][1].update(flip_pairs=[["left_hand", "right_hand"]], colors=[[1, 2, 3]] * 3)
    content["annotations"][3]["keypoints"] = [1, 1, 2] * 3
    for _ in range(data.draw(st.integers(1, 3))):
        container, key = data.draw(st.sampled_from(nodes(content)))
        container[key] = data.draw(JSON)
    path = folder / "annotations.json"
    path.write_text(json.dumps(content))
    try:
        source = dataset.read(path)
    except ValueError as error:
        assert str(path) in str(error)  # noqa: PT017
        return
    assert_every_annotation_is_counted(source, content)
    for mode in ("error", "skip"):
        try:
            validation.validate(source, mode)
        except ValueError as error:
            assert "annotations.json" in str(error) or "image" in str(error)  # noqa: PT017
