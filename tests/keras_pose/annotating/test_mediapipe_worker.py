"""The process that runs MediaPipe speaks the protocol that its reader expects (`test_mediapipe_pose` runs it)."""

import ast

from keras_pose.annotating import mediapipe_worker, person_joints


def test_it_returns_a_row_for_each_landmark():
    assert person_joints.BLAZEPOSE.num_joints == mediapipe_worker._LANDMARKS
    assert mediapipe_worker._SIZES.size == 8


def test_it_imports_nothing_of_this_project():
    with open(mediapipe_worker.__file__, encoding="utf-8") as file:
        tree = ast.parse(file.read())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not {name for name in names if name.startswith("keras_pose")}
    assert "mediapipe" in names
