"""Tasks of Label Studio: its exports, sleap-io's files, groups of keypoints, damage."""

import json

import cv2
import numpy as np
import pytest

from keras_pose.data.clip import UNLABELLED, VISIBLE
from keras_pose.data.open_source import open_source


def keypoint(name, x, y, **more):
    value = {"x": x, "y": y, "width": 0.5, "keypointlabels": [name]}
    return {"type": "keypointlabels", "original_width": 64, "original_height": 48, "value": value, **more}


def task(number, regions, image=None, **more):
    image = image or f"/data/upload/1/0123abcd-{number}.png"
    return {"id": number, "data": {"image": image}, "annotations": [{"id": 1, "result": regions}], **more}


@pytest.fixture
def write(tmp_path):
    for name in ("7.png", "8.png"):
        cv2.imwrite(str(tmp_path / name), np.full((48, 64, 3), 90, np.uint8))

    def write_tasks(tasks, encoding="utf-8"):
        path = tmp_path / "tasks.json"
        path.write_bytes(json.dumps(tasks).encode(encoding))
        return str(path)

    return write_tasks


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_percentages_become_px_and_uploaded_names_are_found(write, encoding):
    path = write(
        [task(7, [keypoint("nose", 50, 25)]), task(8, [keypoint("ear_l", 10, 50), keypoint("nose", 25, 75)])], encoding
    )
    source = open_source(path)
    assert source.skeleton.joints == ("ear_l", "nose")  # as in the annotation with the most joints
    assert [clip.name for clip in source.clips] == ["0123abcd-7.png", "0123abcd-8.png"]
    np.testing.assert_allclose(source.clips[0].joints[0, 1], [32, 12])
    np.testing.assert_allclose(source.clips[1].joints[0], [[6.4, 24], [16, 36]])
    np.testing.assert_array_equal(source.clips[0].visibility, [[UNLABELLED, VISIBLE]])
    assert source.problems == ()


def test_keypoints_of_one_region_are_a_person(write):
    regions = [
        keypoint("nose", 10, 10, id="a"),
        keypoint("tail", 90, 90, id="b"),
        {"type": "rectanglelabels", "id": "box", "value": {"x": 0}},
        {"type": "relation", "from_id": "a", "to_id": "box"},
        {"type": "relation", "from_id": "box", "to_id": "b"},
        keypoint("nose", 30, 30, id="c", parentID="box2"),
        keypoint("tail", 31, 31, id="d", parentID="box2"),
        {"type": "rectanglelabels", "id": "box2", "value": {"x": 0}},
    ]
    source = open_source(write([task(7, regions)]))
    np.testing.assert_allclose(source.clips[0].joints[0], [[6.4, 4.8], [57.6, 43.2]])
    assert "1 of smaller people" in source.summary


def test_json_min_is_read(write):
    point = {"x": 50, "y": 50, "keypointlabels": ["nose"], "original_width": 64, "original_height": 48}
    source = open_source(write([{"id": 3, "img": "7.png", "kp": [point], "annotator": 1}]))
    np.testing.assert_allclose(source.clips[0].joints, [[[32, 24]]])


def test_the_annotation_that_counts(write):
    entry = task(7, [keypoint("nose", 1, 1)])
    entry["annotations"][0]["was_cancelled"] = True
    entry["annotations"] += [{"result": [keypoint("nose", 20, 20)]}]
    entry["annotations"] += [{"result": [keypoint("nose", 50, 50)], "ground_truth": True}]
    entry["predictions"] = [{"result": [keypoint("tail", 5, 5)]}]
    source = open_source(write([entry]))
    assert source.skeleton.joints == ("nose",)
    np.testing.assert_allclose(source.clips[0].joints, [[[32, 24]]])
    assert "beside another annotation of the same task" in source.summary


def test_bad_tasks_are_problems_and_the_others_are_read(write):
    tasks = [
        5,
        task(1, [keypoint("nose", "x", 1)], image="7.png"),
        {**task(2, [keypoint("nose", 1, 1)]), "data": {}},
        task(3, [{**keypoint("nose", 1, 1), "original_width": None}], image="7.png"),
        task(4, [keypoint("nose", 1, 1)], image="gone.png"),
        task(5, [keypoint("nose", 1, 1), keypoint("nose", 2, 2), keypoint("tail", 2, 2)], image="8.png"),
        {"id": 6, "annotations": "none"},
        task(7, []),
    ]
    source = open_source(write(tasks))
    messages = "\n".join(problem.message for problem in source.problems)
    for expected in (
        "tasks[0]: expected an object, received 5",
        "task 1: joint 'nose': expected x and y as percentages, received 'x', 1",
        "task 2: expected data with the name of an image",
        "task 3: joint 'nose': expected the sides of the image",
        "task 4: expected 'gone.png' in ",
        "task 5: expected one position of joint 'nose' in a person, received several",
        "task 6: annotations: expected a list",
    ):
        assert expected in messages
    (clip,) = source.clips
    np.testing.assert_array_equal(clip.visibility, [[UNLABELLED, VISIBLE]])
    assert "1 without a labelled joint" in source.summary


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[{"annotations": [', "expected JSON, but"),
        ('[{"annotations": []}]', "expected tasks with at least one keypoint"),
        ("[" * 100_000 + '"annotations"', "expected"),
    ],
)
def test_other_content_is_refused(tmp_path, text, message):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(ValueError, match=f"a.json: {message}"):
        open_source(tmp_path / "a.json")


def test_what_sleap_io_writes_is_read_as_sleap_io_reads_it(tmp_path):
    sleap_labels = pytest.importorskip("tests.helpers.sleap_labels", reason="sleap-io is not installed")
    sio = sleap_labels.sio
    labels = sleap_labels.make_labels(sleap_labels.write_clip(tmp_path))
    labels.labeled_frames.pop()
    path = str(tmp_path / "tasks.json")
    sio.save_labelstudio(labels, path)
    source = open_source(path)
    (clip,) = source.clips
    assert clip.name == "clip"
    np.testing.assert_array_equal(clip.labelled, sleap_labels.FRAMES[:2])
    assert source.skeleton.joints == ("tail", "nose", "left_ear")  # nobody labelled the other ear
    theirs = sio.load_labelstudio(path, skeleton=list(source.skeleton.joints))
    for row, frame in enumerate(theirs.labeled_frames):
        np.testing.assert_allclose(clip.joints[row], frame.instances[0].numpy(), atol=1e-4)
