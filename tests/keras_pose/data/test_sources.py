"""Any source opens by its name or path, and an unknown one says what was looked for."""

import json
import pathlib

import cv2
import numpy as np
import pytest

from keras_pose.data import sources

DATA = pathlib.Path(__file__).resolve().parents[4] / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"the labelled projects are not at {DATA}")


def write_image(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.zeros((20, 30, 3), np.uint8))


def make_deeplabcut(root):
    write_image(root / "labeled-data" / "a" / "img1.png")
    (root / "config.yaml").write_text("Task: toy\nscorer: S\nbodyparts: [tip]\n")
    table = "scorer,S,S\nbodyparts,tip,tip\ncoords,x,y\nimg1.png,3,4\n"
    (root / "labeled-data" / "a" / "CollectedData_S.csv").write_text(table)


def make_coco(path):
    write_image(path.parent / "1.png")
    content = {
        "images": [{"id": 1, "file_name": "1.png", "height": 20, "width": 30}],
        "categories": [{"id": 1, "name": "hand", "keypoints": ["tip"], "skeleton": []}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "keypoints": [3, 4, 2], "bbox": [0, 0, 9, 9]}],
    }
    path.write_text(json.dumps(content))


def only_point(source):
    (clip,) = source.clips
    return clip.joints.reshape(-1).tolist()


def test_signers_open_with_a_number_of_clips():
    source = sources.open_source("signers:train", num_clips=2, num_frames=3, size_hw=(32, 48))
    assert len(source.clips) == 2
    assert (source.clips[0].frames.num_frames, source.clips[0].frames.size_hw) == (3, (32, 48))
    assert source.name == "signers:train"
    counted = sources.open_source("signers:test:3", num_clips=2, num_frames=3, size_hw=(32, 32))
    assert len(counted.clips) == 3
    assert not {c.name for c in counted.clips} & {c.name for c in source.clips}


@pytest.mark.parametrize(
    "spec", ["signers", "signers:", "signers:dev", "signers:train:0", "signers:train:x", "signers:a:1:2"]
)
def test_a_wrong_name_of_signers_is_refused(spec):
    with pytest.raises(ValueError, match=f"^{spec}: expected"):
        sources.open_source(spec)


def test_a_deeplabcut_project_opens_by_folder_and_by_config(tmp_path):
    make_deeplabcut(tmp_path)
    for spec in (tmp_path, str(tmp_path), str(tmp_path / "config.yaml")):
        assert only_point(sources.open_source(spec)) == [3, 4]
    assert sources.open_source(tmp_path).name == str(tmp_path)


def test_coco_keypoints_open_by_folder_and_by_file(tmp_path):
    make_coco(tmp_path / "annotations.json")
    for spec in (tmp_path, tmp_path / "annotations.json"):
        assert only_point(sources.open_source(spec)) == [3, 4]


def test_a_caffe_list_opens_with_its_factor(tmp_path):
    write_image(tmp_path / "a" / "1.png")
    (tmp_path / "list.txt").write_text("a/1.png 0.5,0.25 0 0\n")
    assert only_point(sources.open_source(tmp_path / "list.txt", multfact=4)) == [2, 1]


def test_unknown_sources_say_what_was_looked_for(tmp_path):
    with pytest.raises(ValueError, match="no such file or folder; expected signers:<train|validation|test>"):
        sources.open_source(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="expected signers:.*received nothing"):
        sources.open_source(" ")
    with pytest.raises(ValueError, match=r"neither config.yaml \(DeepLabCut\) nor annotations.json.*it is empty"):
        sources.open_source(tmp_path)
    (tmp_path / "film.mp4").write_bytes(b"x")
    with pytest.raises(ValueError, match="it holds film.mp4"):
        sources.open_source(tmp_path)
    with pytest.raises(ValueError, match="film.mp4: no source of data ends like this; expected .*caffe-heatmap .txt"):
        sources.open_source(tmp_path / "film.mp4")


@needs_data
def test_the_labelled_projects_open():
    source = sources.open_source(DATA / "openfield")
    assert sum(clip.num_labelled for clip in source.clips) == 116
