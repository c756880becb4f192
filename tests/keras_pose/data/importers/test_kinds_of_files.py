"""Kinds of label files by their names and first bytes."""

import json

import pytest

from keras_pose.data.importers import IMPORTERS, kinds_of_files


def first_match(path):
    return next(importer.name for importer in IMPORTERS if importer.matches(str(path)))


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.json", json.dumps([{"annotations": [], "data": {}}]), "label_studio"),
        ("a.JSON", ' \n[{"kp": [{"keypointlabels": ["nose"]}]}]', "label_studio"),
        ("a.json", '{"images": [], "annotations": []}', "coco.dataset"),
        ("a.json", "[1, 2]", "coco.dataset"),
        ("a.slp", "", "sleap_io.slp"),
        ("b.NWB", "", "sleap_io.nwb"),
        ("m_pose_est_v5.h5", "", "sleap_io.jabs"),
        ("data.yaml", "train: a\nkpt_shape: [3, 3]\n", "yolo"),
        ("config.yaml", "bodyparts: [a]\n# kpt_shape: [3]\n", "deeplabcut.project"),
        ("pose.yml", "{train: a, kpt_shape: [3, 3]}", "yolo"),
    ],
)
def test_the_importer_of_a_file(tmp_path, name, text, expected):
    (tmp_path / name).write_text(text)
    assert first_match(tmp_path / name) == expected


def test_a_folder_is_known_by_its_yaml(tmp_path):
    (tmp_path / "config.yaml").write_text("bodyparts: [a]\n")
    assert first_match(tmp_path) == "deeplabcut.project"
    (tmp_path / "data.yaml").write_text("kpt_shape: [3, 3]\n")
    assert first_match(tmp_path) == "yolo"
    assert kinds_of_files.find_yolo(str(tmp_path)) == str(tmp_path / "data.yaml")
    assert kinds_of_files.find_yolo(str(tmp_path / "none")) == ""
