from keras_pose.poses.formats import archive, description
from tests.helpers import pose_files


def test_everything_comes_back(tmp_path):
    for name in pose_files.CASES:
        poses = pose_files.case(name)
        archive.write(tmp_path / "a.npz", poses)
        pose_files.equal_arrays(archive.read(tmp_path / "a.npz"), poses)
        assert archive.read_description(tmp_path / "a.npz") == description.describe(poses)
