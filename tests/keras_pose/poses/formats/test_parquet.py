import numpy as np
import pandas as pd
import pytest

from tests.helpers import pose_files

pa = pytest.importorskip("pyarrow")
import pyarrow.parquet as pq  # noqa: E402

from keras_pose.poses.formats import parquet, tidy_table  # noqa: E402


def test_arrow_reads_it(tmp_path):
    poses = pose_files.case("names")
    parquet.write(tmp_path / "a.parquet", poses)
    table = pq.read_table(tmp_path / "a.parquet")
    assert tuple(table.column_names) == tidy_table.COLUMNS
    assert table.schema.field("x").type == pa.float32()
    joints = table["joint"].to_pylist()
    assert tuple(joints[: poses.skeleton.num_joints]) == poses.skeleton.joints
    x = table["x"].to_numpy()
    np.testing.assert_array_equal(x.reshape(poses.scores.shape), poses.joints[..., 0])
    assert table["x"].null_count == np.isnan(poses.joints[..., 0]).sum()


def test_pandas_reads_it(tmp_path):
    poses = pose_files.case("people")
    parquet.write(tmp_path / "a.parquet", poses)
    table = pd.read_parquet(tmp_path / "a.parquet")
    assert list(table.person.unique()) == ["ann", "bob"]
    assert table.groupby("joint", observed=True).size().tolist() == [24, 24, 24]


def test_other_tables_are_refused(tmp_path):
    pq.write_table(pa.table({"a": [1]}), tmp_path / "a.parquet")
    with pytest.raises(ValueError, match="a.parquet: expected the columns frame"):
        parquet.read(tmp_path / "a.parquet")
