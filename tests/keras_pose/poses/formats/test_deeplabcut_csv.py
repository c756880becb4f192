import numpy as np
import pandas as pd
import pytest

from keras_pose.poses.formats import deeplabcut_csv
from tests.helpers import pose_files


@pytest.mark.parametrize("name", ["usual", "gaps", "people", "names", "one frame"])
def test_pandas_reads_it_as_deeplabcuts(tmp_path, name):
    """As keypoint-moseq and DeepLabCut read it: three or four rows of names, the first column is the frame."""
    poses = pose_files.case(name)
    deeplabcut_csv.write(tmp_path / "a.csv", poses)
    several = len(poses.people) > 1
    table = pd.read_csv(tmp_path / "a.csv", header=[0, 1, 2, 3] if several else [0, 1, 2], index_col=0)
    levels = ["scorer", *(["individuals"] if several else []), "bodyparts", "coords"]
    assert list(table.columns.names) == levels
    assert list(table.index) == list(range(poses.frames[-1] + 1))
    assert tuple(table.columns.get_level_values("bodyparts").unique()) == poses.skeleton.joints
    if several:
        assert tuple(table.columns.get_level_values("individuals").unique()) == poses.people
    cells = table.to_numpy().reshape(len(table), len(poses.people), -1, 3)[poses.frames]
    np.testing.assert_allclose(cells[..., :2], poses.joints, atol=0.00051, rtol=0)
    np.testing.assert_allclose(cells[..., 2], np.nan_to_num(pose_files.likelihoods(poses)), atol=1e-6, rtol=0)


def test_cells_have_three_decimals_and_none_for_nobody(tmp_path):
    deeplabcut_csv.write(tmp_path / "a.csv", pose_files.case("usual"))
    lines = (tmp_path / "a.csv").read_bytes().decode().split("\n")
    assert lines[0] == "scorer" + ",keras_pose_mine" * 9
    assert lines[2] == "coords" + ",x,y,likelihood" * 3
    assert lines[6] == "3" + ",,,0.000000" * 3
    assert [len(cell.partition(".")[2]) for cell in lines[3].split(",")] == [0, *(3, 3, 6) * 3]


def test_deeplabcuts_own_file(tmp_path):
    """As its version 2.3 writes it: more digits, Windows' ends of lines, nobody as empty cells."""
    path = tmp_path / "rat.csv"
    text = "scorer,DLC,DLC,DLC\r\nbodyparts,a,a,a\r\ncoords,x,y,likelihood\r\n0,,,\r\n1,2.25,3.0000001,0.5\r\n"
    path.write_bytes(text.encode())
    poses = deeplabcut_csv.read(path)
    assert poses.frames.tolist() == [0, 1]
    assert np.isnan(poses.joints[0]).all()
    np.testing.assert_allclose(poses.joints[1, 0, 0], [2.25, 3])
    assert poses.scores[:, 0, 0].tolist() == [0, 0.5]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "frame,x,y\n0,1,2\n",
        "scorer,s,s,s\nbodyparts,a,a,a\ncoords,x,y,likelihood\nimg0.png,1,2,3\n",
        "scorer,s,s\nbodyparts,a,a,a\ncoords,x,y,likelihood\n0,1,2,3\n",
    ],
)
def test_other_tables_are_refused(tmp_path, text):
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(ValueError, match="a.csv: expected a table of DeepLabCut's predictions"):
        deeplabcut_csv.read(tmp_path / "a.csv")
