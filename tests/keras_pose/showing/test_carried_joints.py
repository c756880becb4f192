"""The flow at a joint against the labels of neighbouring frames."""

import dataclasses

import numpy as np

from keras_pose.showing import carried_joints


def test_a_flow_is_read_between_its_pixels():
    y, x = np.mgrid[:4, :5].astype(np.float32)
    flow = np.stack([2 * x + y, 3 * y], axis=-1)
    points = np.array([[1.25, 2.5], [0, 0], [4, 3], [np.nan, 1], [9, 1], [-0.4, 0]])
    found = carried_joints.sample(flow, points)
    np.testing.assert_allclose(found[:3], [[5.0, 7.5], [0, 0], [11, 9]])
    assert np.isnan(found[3:5]).all()
    np.testing.assert_allclose(found[5], [0, 0])


def test_flow_that_follows_the_labels_carries_joints_to_them(flowing_net):
    position = 1  # its neighbours are labelled
    shown = flowing_net.read((position,))
    clip, row = flowing_net.place_of(position)
    crop = flowing_net.samples.crop(clip)
    flows = np.zeros_like(np.asarray(shown.window["flows"]))
    moved = crop.to_heatmap(clip.joints, 4)
    for t, neighbour in ((0, row - 1), (2, row + 1)):  # the motion of the first joint everywhere
        flows[0, t] = moved[neighbour, 0] - moved[row, 0]
    exact = dataclasses.replace(shown, window={**shown.window, "flows": flows})
    assert carried_joints.measure(flowing_net, exact, 0)[0] < 1e-3
    flows[0, :, :, :, 0] += 2  # heatmap px
    wrong = dataclasses.replace(shown, window={**shown.window, "flows": flows})
    np.testing.assert_allclose(carried_joints.measure(flowing_net, wrong, 0)[0], 8 / crop.scale, rtol=1e-4)


def test_nothing_is_known_without_flow(flowing_net):
    shown = flowing_net.read((1,))
    window = {name: value for name, value in shown.window.items() if name != "flows"}
    assert carried_joints.measure(flowing_net, dataclasses.replace(shown, window=window), 0) is None
