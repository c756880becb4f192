"""The pictures of the method: maps come to the middle frame where the flow leads, and both pictures are drawn."""

import numpy as np
import pytest
from PIL import Image

from examples import method_pictures
from keras_pose.data.synthetic import signers
from tests.helpers import exported_runs


def test_maps_of_neighbours_come_to_where_the_joint_is_in_the_middle_frame():
    clip = signers.generate("train", 3, 9, (128, 128))
    joint = signers.SKELETON.joints.index("head")
    y, x = np.mgrid[:32, :32]
    centres = (clip.joints[:, joint] + 0.5) / 4 - 0.5
    maps = np.exp(-((x - centres[:, 0, None, None]) ** 2 + (y - centres[:, 1, None, None]) ** 2) / 4.5)
    flows, warped = method_pictures.warp_window(clip.frames, maps[..., None].astype(np.float32), 4)
    assert not flows[4].any()
    np.testing.assert_allclose(np.squeeze(warped[4]), maps[4], atol=1e-6)
    before = [np.linalg.norm(centres[t] - centres[4]) for t in range(9)]
    after = [np.linalg.norm(method_pictures._peak(np.squeeze(each)) - centres[4]) for each in warped]
    assert max(before) > 1.5
    assert max(after) < 1.5


def test_both_pictures_are_drawn(tmp_path, monkeypatch):
    reach = method_pictures.FRAME_STRIDE * method_pictures.NUM_NEIGHBOURS
    monkeypatch.setattr(method_pictures, "_NUM_FRAMES", 2 * reach + 1)
    _, _, run = exported_runs.write_run(tmp_path / "run")
    paths = method_pictures.write_pictures(run, str(tmp_path / "out"), num_clips=1)
    assert [path.rsplit("/", 1)[1] for path in paths] == ["method_heatmaps.jpg", "method_window.jpg"]
    for path in paths:
        assert np.asarray(Image.open(path)).std() > 20


def test_a_net_of_positions_is_refused(tmp_path):
    _, _, run = exported_runs.write_run(tmp_path / "run", model="coordinate")
    with pytest.raises(SystemExit, match="with heatmaps"):
        method_pictures.main([f"--run_dir={run}", f"--out={tmp_path}"])
