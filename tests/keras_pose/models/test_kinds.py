"""What is known of each kind of net agrees with the nets themselves."""

import pathlib
import subprocess
import sys

import pytest

from keras_pose.models import factory, flowing_net, heatmap_net, kinds, lite
from keras_pose.models.pose_net import PoseNet

ROOT = pathlib.Path(__file__).resolve().parents[3]
SIZE_HW = (32, 32)


def build(name):
    """The smallest net of a kind."""
    if name == "flowing":
        net = factory.build_model("heatmap", "lite", 2, SIZE_HW, width=0.25)
        return flowing_net.build_flowing_net(net, 3, SIZE_HW)
    if name == "flow_input":
        return heatmap_net.build_flow_input_net(lite.build_trunk, None, 2, 3, SIZE_HW, 0.25)
    return factory.build_model(name, "lite", 2, SIZE_HW, width=0.25)


@pytest.mark.parametrize("name", kinds.KINDS)
def test_a_kind_is_what_its_net_says_it_is(name):
    kind = kinds.KINDS[name]
    net = PoseNet(build(name))
    assert kind.name == name
    assert kind.predicts_heatmaps == net.predicts_heatmaps()
    assert kind.sees_window == net.sees_window()
    assert kind.pools == (net.pooling() is not None)


@pytest.mark.parametrize("name", kinds.KINDS)
def test_a_net_that_needs_flow_at_its_input_cannot_be_exported(name):
    inputs = {tensor.name.split(":")[0] for tensor in build(name).inputs}
    assert kinds.KINDS[name].exportable == ("flows" not in inputs or kinds.KINDS[name].pools)


@pytest.mark.parametrize("kind", kinds.KINDS.values(), ids=lambda kind: kind.name)
def test_the_flags_that_decide_the_weights_fit_the_kind(kind):
    assert {"model", "preset", "width"} <= set(kind.weight_flags)
    assert ("window" in kind.weight_flags) == kind.sees_window
    assert ("pooling" in kind.weight_flags) == kind.pools
    assert ("input_size" in kind.weight_flags) != kind.predicts_heatmaps  # dense layers depend on it


def test_every_kind_explains_itself_for_the_help():
    for kind in kinds.KINDS.values():
        assert kind.summary
        assert not kind.summary.endswith(".")


def test_they_load_no_tensorflow():
    code = "import sys; from keras_pose.models import kinds; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
