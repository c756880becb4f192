"""Nets that differ from the published one are refused with the layer, what was expected and what was received."""

import dataclasses

import numpy as np
import pytest

from keras_pose.caffe import net_files, published_net
from tests.helpers import caffe_files


@pytest.fixture(scope="module")
def weights():
    return caffe_files.draw_weights(divisor=32)


@pytest.fixture(scope="module")
def text(weights):
    return caffe_files.describe(weights)


def check(tmp_path, text):
    path = tmp_path / "net.prototxt"
    path.write_text(text)
    published_net.check_order(net_files.read_description(path), True)


def test_the_published_order_is_accepted(tmp_path, text, weights):
    check(tmp_path, text)
    check(tmp_path, caffe_files.describe(weights, old=True, relu_on_head=False))


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("kernel_size: 9 pad: 4", "kernel_size: 9 pad: 3", "layer conv4: expected kernel 9, padding 4, stride 1, rece"),
        ("kernel_size: 9 pad: 4", "kernel_size: 9 pad: 4 group: 2", "layer conv4: expected kernel 9, .*groups"),
        ("pool: MAX", "pool: AVE", r"layer conv1_pool: expected kernel 2, .*another kind of pooling"),
        ('name: "conv6" type', 'name: "conv6_x" type', r"conv6 is missing; received conv1, .*conv6_x"),
        ('bottom: "conv3" bottom: "conv7"', 'bottom: "conv7" bottom: "conv3"', "expected conv3 and conv7, received c"),
        (
            'layer { name: "relu_conv4" type: "ReLU"',
            'layer { name: "norm" type: "LRN"',
            "layer conv5: expected its input from conv4, relu, received conv4, lrn",
        ),
        (
            'type: "Convolution" bottom: "conv2_pool"',
            'type: "Convolution" bottom: "conv2"',
            "layer conv3: expected its input from conv2, relu, pooling, received conv2, relu",
        ),
    ],
)
def test_another_net_is_refused(tmp_path, text, before, after, message):
    assert before in text
    with pytest.raises(ValueError, match=message) as error:
        check(tmp_path, text.replace(before, after))
    assert "net.prototxt" in str(error.value)


def test_copies_that_caffe_adds_for_several_readers_are_looked_through(tmp_path, text):
    split = 'layer { name: "s" type: "Split" bottom: "conv3" top: "conv3_s_0" top: "conv3_s_1" }\n'
    head, tail = text.split('layer { name: "conv4"')
    tail = tail.replace('bottom: "conv3" bottom: "conv7"', 'bottom: "conv3_s_1" bottom: "conv7"')
    check(tmp_path, f'{head}{split}layer {{ name: "conv4"{tail.replace(chr(34) + "conv3" + chr(34), "", 0)}')


def test_kernels_are_transposed_and_the_first_one_takes_scaled_frames(tmp_path, weights):
    net = net_files.read_weights(caffe_files.write_net(tmp_path, weights)[0])
    shapes = {
        here: tuple(np.transpose(weights[name][0], (2, 3, 1, 0)).shape)
        for name, here in published_net.layers_here(True).items()
    }
    converted = published_net.convert(net, shapes, True)
    np.testing.assert_array_equal(converted["conv4"][0][1, 2, 3], weights["conv4"][0][:, 3, 1, 2])
    frame = np.random.default_rng(0).uniform(0, 255, (5, 5, 3))
    kernel, bias = weights["conv1"]
    expected = np.tensordot(kernel, frame.transpose(2, 0, 1), 3) + bias
    kernel, bias = converted["conv1"]
    np.testing.assert_allclose(np.tensordot(frame / 127.5 - 1, kernel, 3) + bias, expected, atol=1e-4)


def test_other_shapes_are_named(tmp_path, weights):
    net = net_files.read_weights(caffe_files.write_net(tmp_path, weights)[0])
    shapes = dict.fromkeys(published_net.layers_here(True).values(), (9, 9, 1, 1))
    with pytest.raises(ValueError, match="layer conv1: expected weights of 1×1×9×9 and 1 biases, received 4×3×5×5 and"):
        published_net.convert(net, shapes, True)
    bare = tuple(dataclasses.replace(layer, arrays=layer.arrays[:1]) for layer in net.layers)
    with pytest.raises(ValueError, match="layer conv1: expected weights of 4 axes and biases, received 4×3×5×5"):
        published_net.convert(dataclasses.replace(net, layers=bare), shapes, True)


def test_a_net_without_fusion_layers_needs_a_description_without(tmp_path, text):
    path = tmp_path / "net.prototxt"
    path.write_text(text)
    with pytest.raises(ValueError, match="expected a net without layers conv1_fusion to conv5_fusion"):
        published_net.check_order(net_files.read_description(path), False)
