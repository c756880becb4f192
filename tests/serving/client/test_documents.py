"""The client's JSON documents."""

import json

import numpy as np
import pytest

from serving.client import documents, pose_client
from tests.helpers import full_disk


def test_rows_hold_the_values_of_each_image():
    keypoints = np.array([[[1.5, 2.0]], [[3.0, 4.0]]], np.float32)
    scores = np.array([[0.5], [1.0]], np.float32)
    poses = pose_client.Poses(keypoints, scores, np.array([[True], [False]]))
    assert documents.describe_rows(poses) == [
        {"keypoints": [[1.5, 2.0]], "scores": [0.5], "valid": [True]},
        {"keypoints": [[3.0, 4.0]], "scores": [1.0], "valid": [False]},
    ]


def test_frames_that_were_not_decoded_hold_nothing_of_what_was_predicted():
    poses = pose_client.Poses(np.ones((2, 1, 2), np.float32), np.ones((2, 1), np.float32), np.ones((2, 1), bool))
    assert documents.describe_frames(poses, [True, False]) == [
        {"keypoints": [[1, 1]], "scores": [1], "valid": [True], "decoded": True},
        {"keypoints": [[0, 0]], "scores": [0], "valid": [False], "decoded": False},
    ]


def test_a_document_replaces_the_old_file(tmp_path):
    path = tmp_path / "poses.json"
    path.write_text("old")
    documents.write_document(path, {"x": [1, 2.5, True, None]})
    assert json.loads(path.read_text()) == {"x": [1, 2.5, True, None]}
    assert [p.name for p in tmp_path.iterdir()] == ["poses.json"]


def test_a_missing_folder_is_an_error(tmp_path):
    with pytest.raises(OSError, match=r"poses\.json: cannot be written: No such file or directory$"):
        documents.write_document(tmp_path / "missing" / "poses.json", {})


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "poses.json"
    path.write_text("old")
    with pytest.raises(ValueError, match="not JSON compliant"):
        documents.write_document(path, {"x": float("nan")})
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["poses.json"]


def test_a_full_disk_names_the_file_and_leaves_the_old_one(tmp_path):
    path = tmp_path / "poses.json"
    path.write_text("old")
    with (
        full_disk.limit_file_size(500),
        pytest.raises(OSError, match=r"poses\.json: cannot be written: File too large$"),
    ):
        documents.write_document(path, list(range(5000)))
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["poses.json"]
