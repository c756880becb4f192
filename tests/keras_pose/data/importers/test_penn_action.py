"""Penn Action as clips: small folders of its structure, and all real label files where they are there."""

import os
import shutil
import tarfile

import numpy as np
import pytest
import scipy.io

from keras_pose.data import selection
from keras_pose.data.clip import HIDDEN, UNLABELLED, VISIBLE
from keras_pose.data.config import DataConfig
from keras_pose.data.importers import penn_action
from keras_pose.data.open_source import open_source
from tests.helpers import research_folders


@pytest.fixture
def folder(tmp_path):
    return research_folders.write_penn_action(tmp_path / "Penn_Action")


def test_labels_frames_and_parts(folder):
    source = open_source(folder)
    assert source.skeleton.joints[:3] == ("head", "right_shoulder", "left_shoulder")
    assert source.skeleton.flip_pairs[0] == ("left_shoulder", "right_shoulder")
    first, second = source.clips
    assert (first.name, first.part, second.part) == ("0001", "train", "test")
    expected = research_folders.spread(3, 13) - 1
    np.testing.assert_allclose(first.joints[0], expected[0])
    np.testing.assert_allclose(first.joints[1, 2], expected[1, 2])
    assert first.visibility[1, :5].tolist() == [VISIBLE, VISIBLE, HIDDEN, UNLABELLED, VISIBLE]
    assert first.frames.read([2])[0, 0, 0, 0] == 120
    assert first.has_neighbours(2)
    split = selection.split_data(source, DataConfig(split="authors", validation_fraction=0.5))
    assert [clip.name for clip in split.test] == ["0002"]


def test_joints_outside_the_frame_are_left_out(folder):
    path = folder / "labels" / "0001.mat"
    variables = scipy.io.loadmat(path)
    variables["x"][0, 5] = 200
    scipy.io.savemat(path, {name: value for name, value in variables.items() if name[0] != "_"})
    source = selection.open_data(str(folder), DataConfig())
    assert source.clips[0].visibility[0, 5] == UNLABELLED
    assert source.summary.startswith("1 of 76 labelled joints lie outside their frame")
    kept = selection.open_data(str(folder), DataConfig(outside="hidden"))
    assert kept.clips[0].visibility[0, 5] == HIDDEN


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("visibility", None, "expected the variable visibility, found dimensions, nframes, train, x, y"),
        ("x", np.ones((2, 13)), r"x: expected numbers \[3 x 13\], found numbers \[2 x 13\]"),
        ("train", 2.0, "train: expected 1 or -1, found 2"),
        ("dimensions", np.ones((1, 2)), r"dimensions: expected \[height width frames\], found \[1.0, 1.0\]"),
        ("dimensions", np.array([[270.0, 480.0, 3.0]]), r"expected pictures of 270×480 px .*0001.mat, found 48×64"),
    ],
)
def test_files_of_another_structure_are_problems(folder, field, value, message):
    path = folder / "labels" / "0001.mat"
    variables = {name: value for name, value in scipy.io.loadmat(path).items() if name[0] != "_"}
    variables.pop(field)
    if value is not None:
        variables[field] = value
    scipy.io.savemat(path, variables)
    with pytest.raises(ValueError, match=message):
        selection.open_data(str(folder), DataConfig())
    assert len(selection.open_data(str(folder), DataConfig(on_bad_label="skip")).clips) == 1


def test_missing_files_are_named_with_their_place(folder):
    os.remove(folder / "frames" / "0002" / "000003.jpg")
    with pytest.raises(ValueError, match=r"labels/0002.mat: frame 3: frame 2 has no picture; the first of 2 pictures"):
        selection.open_data(str(folder), DataConfig())
    shutil.rmtree(folder / "frames" / "0001")
    with pytest.raises(ValueError, match=r"frames of 0001 are missing; they belong in frames/0001/000001.jpg"):
        selection.open_data(str(folder), DataConfig())


def test_frames_without_labels(folder):
    shutil.rmtree(folder / "labels")
    with pytest.raises(ValueError, match=r"expected the labels of Penn Action in labels/0001.mat, …, found none"):
        open_source(folder)


@pytest.fixture(scope="module")
def real_labels(shared_data, tmp_path_factory):
    """{number: what `read_labels` returns} of all real files, and their folder."""
    folder = tmp_path_factory.mktemp("penn")
    with tarfile.open(shared_data / "annotation_files" / "penn_action" / "labels_2326.tar.gz") as archive:
        for member in archive.getmembers():
            if member.name.endswith(".mat"):
                (folder / os.path.basename(member.name)).write_bytes(archive.extractfile(member).read())
    return {name[:4]: penn_action.read_labels(folder / name) for name in sorted(os.listdir(folder))}, folder


def test_all_real_files_are_read(real_labels):
    labels, _ = real_labels
    assert len(labels) == 2326
    assert sum(len(points) for points, *_ in labels.values()) == 163841
    assert sum(part == "train" for *_, part, _ in labels.values()) == 1258
    visibility = np.concatenate([seen for _, seen, *_ in labels.values()])
    assert [(visibility == value).sum() for value in (UNLABELLED, HIDDEN, VISIBLE)] == [187352, 282149, 1660432]


def test_real_people_stand_upright_and_have_their_sides(real_labels):
    """From behind, the right shoulder is on the right of the picture; and most bowlers throw with the right hand."""
    labels, folder = real_labels
    names = list(penn_action.JOINTS)
    heads = []
    views = {"front": [], "back": []}
    throws = []
    for number, (points, seen, *_) in labels.items():
        points = np.where((seen == VISIBLE)[..., None], points, np.nan)
        head, right, left, right_wrist, left_wrist, hip = (
            points[:, names.index(name)]
            for name in ("head", "right_shoulder", "left_shoulder", "right_wrist", "left_wrist", "right_hip")
        )
        known = ~np.isnan(head + right + hip).any(-1)
        heads += ((head[:, 1] < right[:, 1]) & (right[:, 1] < hip[:, 1]))[known].tolist()
        facts = scipy.io.loadmat(folder / f"{number}.mat", variable_names=["pose", "action"])
        known = ~np.isnan(right + left).any(-1)
        if str(facts["pose"][0]) in views and str(facts["action"][0]) in ("bowl", "pullup", "jumping_jacks"):
            views[str(facts["pose"][0])] += (right[:, 0] < left[:, 0])[known].tolist()
        if str(facts["action"][0]) == "bowl" and np.isfinite(right_wrist + left_wrist).all(-1).sum() > 5:
            spans = [np.nanmax(wrist, 0) - np.nanmin(wrist, 0) for wrist in (right_wrist, left_wrist)]
            throws.append(spans[0].sum() > spans[1].sum())
    assert np.mean(heads) > 0.85
    assert np.mean(views["front"]) > 0.99
    assert np.mean(views["back"]) < 0.01
    assert np.mean(throws) > 0.7


def test_videos_without_labels_are_told(tmp_path):
    root = research_folders.write_penn_action(tmp_path, trains=(1, -1, 1))
    assert not open_source(root).notes
    (root / "labels" / "0002.mat").unlink()
    assert open_source(root).notes == ("1 video has frames but no labels: not used; expected labels/0002.mat",)
