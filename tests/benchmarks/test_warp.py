"""The warps that the benchmark compares do the same."""

import numpy as np

from benchmarks import warp


def test_all_warps_move_maps_alike():
    maps, flow, upstream = warp.make_inputs()
    assert maps.shape == upstream.shape == warp.SHAPE
    assert np.abs(flow).max() <= warp.MAX_FLOW_PX
    warps = warp.list_warps(flow[:2])
    moved = {name: move(maps[:2], own).numpy() for name, (move, own, _) in warps.items()}
    inside = (slice(None), slice(4, -4), slice(4, -4))  # at the border Addons clips positions otherwise
    for name, warped in moved.items():
        np.testing.assert_allclose(warped[inside], moved["gather"][inside], atol=1e-4, err_msg=name)
