"""Any source opens by its name or path; for an unknown one the message lists what was expected."""

import json
import pathlib

import cv2
import numpy as np
import pytest

from keras_pose.data import importers
from keras_pose.data.open_source import check_exists, open_source

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


def test_signers_open_by_name_with_their_options():
    source = open_source("signers:train", num_clips=2, num_frames=3, size_hw=(32, 48))
    assert len(source.clips) == 2
    assert (source.clips[0].frames.num_frames, source.clips[0].frames.size_hw) == (3, (32, 48))
    assert source.name == "signers:train"


def test_a_deeplabcut_project_opens_by_folder_and_by_config(tmp_path, monkeypatch):
    make_deeplabcut(tmp_path)
    for spec in (tmp_path, str(tmp_path), str(tmp_path / "config.yaml")):
        assert only_point(open_source(spec)) == [3, 4]
    assert open_source(tmp_path).name == str(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert only_point(open_source("config.yaml")) == [3, 4]


def test_coco_keypoints_open_by_folder_and_by_file(tmp_path):
    make_coco(tmp_path / "annotations.json")
    (tmp_path / "other.JSON").write_text((tmp_path / "annotations.json").read_text())
    for spec in (tmp_path, tmp_path / "annotations.json", tmp_path / "other.JSON"):
        assert only_point(open_source(spec)) == [3, 4]


def test_a_folder_with_both_is_a_deeplabcut_project(tmp_path):
    make_coco(tmp_path / "annotations.json")
    make_deeplabcut(tmp_path)
    assert open_source(tmp_path).skeleton.name == "toy"


def test_a_caffe_list_opens_with_its_scale_and_ignores_options_of_others(tmp_path):
    write_image(tmp_path / "a" / "1.png")
    (tmp_path / "list.txt").write_text("a/1.png 0.5,0.25 0 0\n")
    assert only_point(open_source(tmp_path / "list.txt", label_scale=4, num_clips=2)) == [2, 1]


def test_an_option_that_no_importer_has_is_refused():
    with pytest.raises(TypeError, match="expected options among num_clips, .*label_scale; received multfact, scale"):
        open_source("signers:train", scale=2, multfact=3, num_clips=1)


def test_unknown_sources_are_named_with_what_was_expected(tmp_path, monkeypatch):
    expected = "; expected signers:.*config.yaml.*annotations.json.*, or a caffe-heatmap list"
    with pytest.raises(ValueError, match=f"nowhere: no such file or folder{expected}"):
        open_source(tmp_path / "nowhere")
    with pytest.raises(ValueError, match=f": the folder is empty{expected}"):
        open_source(tmp_path)
    (tmp_path / "film.mp4").write_bytes(b"x")
    with pytest.raises(ValueError, match=f": the folder holds film.mp4{expected}"):
        open_source(tmp_path)
    with pytest.raises(ValueError, match=f"film.mp4: no source of data has this ending{expected}"):
        open_source(tmp_path / "film.mp4")
    make_deeplabcut(tmp_path)
    monkeypatch.chdir(tmp_path)  # an empty name is not the current folder
    with pytest.raises(ValueError, match=f"data source: received nothing{expected}"):
        open_source(" ")


def test_a_long_folder_is_shortened_in_the_message(tmp_path):
    for number in range(9):
        (tmp_path / f"{number}.mp4").write_bytes(b"x")
    with pytest.raises(ValueError, match=r"holds 0.mp4, 1.mp4, .*, 7.mp4, …; expected"):
        open_source(tmp_path)


def test_a_new_importer_is_a_module_and_an_entry_in_the_table(tmp_path, monkeypatch):
    (tmp_path / "points.py").write_text(
        "import numpy as np\n"
        "from keras_pose.data.clip import VISIBLE, ArrayFrames, Clip\n"
        "from keras_pose.data.source import Source\n"
        "from keras_pose.skeleton import Skeleton\n"
        "def read(spec, shift=0):\n"
        "    point = np.loadtxt(spec).reshape(1, 1, 2) + shift\n"
        "    frames = ArrayFrames(np.zeros((1, 9, 9, 3), np.uint8))\n"
        "    return Source([Clip('a', frames, [0], point, [[VISIBLE]])], Skeleton('one', ('tip',)))\n"
    )
    (tmp_path / "a.pts").write_text("3 4\n")
    monkeypatch.setattr(importers, "__path__", [*importers.__path__, str(tmp_path)])
    points = importers.Importer("points", "points (.pts)", lambda s: importers.is_file_ending(s, ".pts"), ("shift",))
    monkeypatch.setattr(importers, "IMPORTERS", [*importers.IMPORTERS, points])
    source = open_source(tmp_path / "a.pts", shift=1)
    assert (only_point(source), source.name) == ([4, 5], str(tmp_path / "a.pts"))
    with pytest.raises(ValueError, match=r"no such file or folder; expected signers:.*, or points \(.pts\)$"):
        open_source(tmp_path / "b.pts")


@needs_data
def test_the_labelled_projects_open():
    source = open_source(DATA / "openfield")
    assert sum(clip.num_labelled for clip in source.clips) == 116


def test_the_name_of_signers_says_their_version():
    source = open_source("signers2:test:2", num_frames=3, size_hw=(32, 32))
    assert [clip.name for clip in source.clips] == ["signers2-test-00000", "signers2-test-00001"]
    check_exists("signers2:train", "--data")
    with pytest.raises(ValueError, match=r"signers2:dev: expected signers2:<train\|validation\|test>"):
        open_source("signers2:dev")
