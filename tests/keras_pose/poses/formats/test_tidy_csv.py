import numpy as np
import pandas as pd
import pytest

from keras_pose.poses.formats import tidy_csv
from tests.helpers import pose_files


def test_lines(tmp_path):
    poses = pose_files.case("usual")
    tidy_csv.write(tmp_path / "a.tidy.csv", poses)
    lines = (tmp_path / "a.tidy.csv").read_bytes().decode().split("\n")
    assert lines[0] == "frame,time_s,person,joint,x,y,score,confidence,expected_error_px,ambiguous,decoded"
    numbers = [poses.joints[0, 0, 0, 0], poses.joints[0, 0, 0, 1]]
    scores = [poses.scores[0, 0, 0], poses.confidences[0, 0, 0]]
    expected = f"0,{poses.times_s[0]:.6f},person,shoulder,{numbers[0]:.3f},{numbers[1]:.3f},"
    expected += f"{scores[0]:.6f},{scores[1]:.6f},{poses.expected_errors_px[0, 0, 0]:.3f},false,true"
    assert lines[1] == expected
    assert lines[1 + 3 * 3] == f"3,{poses.times_s[3]:.6f},person,shoulder,,,0.000000,,,false,false"
    assert len(lines) == 1 + 12 * 3 + 1


@pytest.mark.parametrize("name", ["people", "names", "gaps", "no times"])
def test_pandas_reads_it(tmp_path, name):
    poses = pose_files.case(name)
    tidy_csv.write(tmp_path / "a.tidy.csv", poses)
    options = {"dtype": {"joint": str}, "keep_default_na": False, "na_values": {"x": "", "y": ""}}
    table = pd.read_csv(tmp_path / "a.tidy.csv", **options)
    assert tuple(table.joint[: poses.skeleton.num_joints]) == poses.skeleton.joints
    assert tuple(table.person.unique()) == poses.people
    np.testing.assert_allclose(table[["x", "y"]].to_numpy().ravel(), poses.joints.ravel(), atol=0.00051)
    assert table.decoded.dtype == bool
    assert table.ambiguous.dtype == bool


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", 'frame,joint,x,y\n0,"a,1,2\n'])
def test_other_tables_are_refused(tmp_path, text):
    (tmp_path / "a.tidy.csv").write_text(text)
    with pytest.raises(ValueError, match="a.tidy.csv: expected"):
        tidy_csv.read(tmp_path / "a.tidy.csv")
