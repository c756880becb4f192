"""The pictures of the method: maps come to the middle frame where the flow leads, and both pictures are drawn."""

import cv2
import numpy as np
import pytest
from PIL import Image

from examples import method_pictures
from tests.helpers import exported_runs


def test_maps_of_neighbours_come_to_where_they_are_in_the_middle_frame():
    """Everything moves by 4 px of the frame, which is 1 px of a map, from frame to frame."""
    texture = cv2.GaussianBlur(np.random.default_rng(0).uniform(0, 255, (128, 160, 3)), (0, 0), 3)
    texture = np.interp(texture, (texture.min(), texture.max()), (0, 255)).astype(np.uint8)
    frames = np.stack([texture[:, 16 - 4 * t : 144 - 4 * t] for t in range(5)])
    y, x = np.mgrid[:32, :32]
    maps = np.stack([np.exp(-((x - 14 - t) ** 2 + (y - 16) ** 2) / 4.5) for t in range(5)])
    flows, warped = method_pictures.warp_window(frames, maps[..., None].astype(np.float32), 2)
    assert not flows[2].any()
    assert np.abs(maps - maps[2]).max() > 0.5
    for flow, one_map in zip(flows, warped):
        np.testing.assert_allclose(np.squeeze(one_map), maps[2], atol=0.1)
        assert np.abs(flow[8:24, 8:24, 1]).max() < 0.2


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
