"""Poses in the Wild as clips: small folders of its structure, and the real names where they are there."""

import collections
import re
import shutil

import numpy as np
import pytest
import scipy.io

from keras_pose.data import selection
from keras_pose.data.config import DataConfig
from keras_pose.data.importers import matlab_files, poses_in_the_wild
from keras_pose.data.open_source import open_source
from tests.helpers import research_folders


def test_sequences_films_and_labels(tmp_path):
    source = open_source(research_folders.write_poses_in_the_wild(tmp_path))
    assert source.skeleton.joints[0] == "neck"
    assert len(source.skeleton.flip_pairs) == 3
    assert [(clip.name, clip.session, clip.group, clip.part) for clip in source.clips] == [
        ("seq4", "seq4", "Cast-Away", "test"),
        ("seq20", "seq20", "The-Terminal", "test"),
        ("seq20 (2)", "seq20", "The-Terminal", "test"),
    ]
    first, second, third = source.clips
    assert [clip.labelled.tolist() for clip in source.clips] == [[0, 1], [0, 2], [0, 1]]
    assert [clip.frames.num_frames for clip in source.clips] == [2, 3, 2]
    assert second.frames.read([1])[0, 0, 0, 0] == 99  # a frame without a label
    expected = research_folders.spread(6, 8) - 1
    np.testing.assert_allclose(third.joints, expected[4:6])
    assert np.argwhere(first.visibility == 0).tolist() == [[0, 3]]
    assert np.isnan(first.joints[0, 3]).all()


def test_the_file_itself_can_be_named(tmp_path):
    research_folders.write_poses_in_the_wild(tmp_path)
    assert len(open_source(tmp_path / "poses_in_the_wild_data.mat").clips) == 3


def test_missing_frames_are_named_with_their_place(tmp_path):
    research_folders.write_poses_in_the_wild(tmp_path)
    place = tmp_path / "dataset" / "selected_seqs"
    (place / "seq4" / "Cast-Away-10-20-00003.png").unlink()
    with pytest.raises(ValueError, match="seq4: 1 labelled pictures are missing, the first is Cast-Away-10-20-00003"):
        selection.open_data(str(tmp_path), DataConfig())
    shutil.rmtree(place / "seq4")
    with pytest.raises(ValueError, match="frames of seq4 are missing; they belong in dataset/selected_seqs/seq4/"):
        selection.open_data(str(tmp_path), DataConfig())
    (tmp_path / "poses_in_the_wild_data.mat").unlink()
    with pytest.raises(ValueError, match=r"poses_in_the_wild_data.mat: expected a MATLAB file, .*No such file"):
        open_source(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"im": "frame.png"}, r"piw_data\(1\).im: expected …/seq<n>/<film>-<frame>.png, found 'frame.png'"),
        ({"point": np.ones((7, 2))}, r"piw_data\(1\).point: expected numbers \[8 x 2\], found numbers \[7 x 2\]"),
        ({"visible": np.ones((7, 1))}, r"piw_data\(1\).visible: expected 8 numbers, found 7"),
    ],
)
def test_another_structure_is_refused(tmp_path, change, message):
    row = {"im": "dataset/selected_seqs/seq4/Film-1.png", "point": np.ones((8, 2)), "visible": np.ones((8, 1))}
    rows = research_folders.struct_array([{**row, **change}])
    scipy.io.savemat(tmp_path / "poses_in_the_wild_data.mat", {"piw_data": rows})
    with pytest.raises(ValueError, match=message):
        open_source(tmp_path)


def test_real_names_give_the_sequences_of_the_published_predictions(shared_data):
    file = matlab_files.read(shared_data / "flowing_convnets_predictions" / "flow-convnets-piw.mat", ["test_seqs"])
    data = file.structs(file.field(file.variable("test_seqs"), "data", "test_seqs"), "data")
    numbers = collections.defaultdict(list)
    films = set()
    for row in data:
        match = re.fullmatch(poses_in_the_wild._NAME, row["image_path"])
        numbers[match[1]].append(int(match[4]))
        films.add(match[3])
    assert films == {"Cast-Away", "Forrest-Gump", "The-Terminal"}
    runs = [run for found in numbers.values() for run in poses_in_the_wild.cut_at_jumps(sorted(found))]
    assert (len(data), len(numbers), len(runs)) == (830, 30, 32)
