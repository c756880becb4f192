"""Names of files as tools write them."""

import pytest

from keras_pose.data.importers.written_names import (
    clean_name,
    count_shared_parts,
    data_set_folder,
    fold_name,
    name_forms,
    split_names,
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a/b.png", "a/b.png"),
        ("./a/../b.png", "b.png"),
        ("a\\b c.png", "a/b c.png"),
        ("C:\\x\\a.png", "/x/a.png"),
        ("\\\\server\\share\\a.png", "/server/share/a.png"),
        ("//server/a.png", "/server/a.png"),
        ("my%20a.png", "my a.png"),
        ("100%.png", "100%.png"),
        ("http://x.org/val2017/1.jpg?size=1#top", "/val2017/1.jpg"),
        ("s3://bucket/a/1.jpg", "/a/1.jpg"),
        ("file:///home/x/1.jpg", "/home/x/1.jpg"),
        ("/data/local-files/?d=a/1%202.jpg", "/a/1 2.jpg"),
        ("/data/upload/1.jpg?x=2", "/data/upload/1.jpg"),
        ("what?.jpg", "what?.jpg"),
        ("a[1]*.png", "a[1]*.png"),
        ("", "."),
        ("http://", "/"),
    ],
)
def test_names_become_paths(name, expected):
    assert clean_name(name) == expected


def test_the_name_as_it_is_comes_first():
    assert list(name_forms("a\\b%20.png")) == ["a\\b%20.png", "a/b%20.png", "a/b .png"]


def test_the_data_set_is_above_the_folder_of_annotations():
    assert data_set_folder("x/annotations") == "x"
    assert data_set_folder("x/Annotations/val") == "x"
    assert data_set_folder("annotations") == "."
    assert data_set_folder("x/labels") == "x"
    assert data_set_folder("x/y") == "x/y"


def test_splits_are_the_ends_of_the_file_name():
    assert split_names("a/person_keypoints_val2017.json") == [
        "person_keypoints_val2017",
        "keypoints_val2017",
        "val2017",
    ]
    assert split_names("val.json") == ["val"]


def test_file_names_are_compared_without_case_and_composition():
    assert fold_name("x/\u00dc.PNG") == fold_name("y/U\u0308.png")
    assert count_shared_parts("/q/a/B.png", "x/a/b.png") == 2
    assert count_shared_parts("/q/a/b.png", "c.png") == 0
