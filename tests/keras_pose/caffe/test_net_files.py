"""Reading .caffemodel and .prototxt, and files that are neither."""

import numpy as np
import pytest

from keras_pose.caffe import net_files
from tests.helpers import caffe_files


@pytest.fixture(scope="module")
def weights():
    return caffe_files.draw_weights(divisor=32)


@pytest.mark.parametrize("old", [False, True])
def test_weights_have_names_kinds_and_arrays(tmp_path, weights, old):
    path, text = caffe_files.write_net(tmp_path, weights, old)
    net = net_files.read_weights(path)
    assert net.name == "TestNet"
    assert [layer.name for layer in net.layers] == list(weights)
    assert {layer.kind for layer in net.layers} == {"convolution"}
    for layer in net.layers:
        kernel, bias = weights[layer.name]
        np.testing.assert_array_equal(layer.arrays[0], kernel)
        np.testing.assert_array_equal(layer.arrays[1].ravel(), bias)
        assert layer.window == net_files.Window(kernel.shape[2], kernel.shape[2] // 2, 1, len(bias))
    described = net_files.read_description(text)
    assert described.input_size_hw == (64, 64)
    assert {layer.kind for layer in described.layers} == {"convolution", "relu", "pooling", "concat"}
    pools = [layer.window for layer in described.layers if layer.kind == "pooling"]
    assert pools == [net_files.Window(2, 0, 2)] * 2


def test_comments_and_unknown_fields_of_a_description_are_skipped(tmp_path):
    path = tmp_path / "net.prototxt"
    path.write_text(
        '# a net\nlayer { name: "data" type: "DataHeatmap" top: "data" include: { phase: TRAIN } '
        'heatmap_data_param { source: "a b.txt" multfact: 282 } }\n'
        'layers { name: "c" type: CONVOLUTION bottom: "data" top: "c" blobs_lr: 1 convolution_param { num_output: 2 '
        'kernel_h: 3 kernel_w: 5 weight_filler { type: "gaussian" std: 0.01 } } }'
    )
    convolution, data = net_files.read_description(path).layers
    assert (data.kind, data.outputs) == ("dataheatmap", ("data",))
    assert not convolution.window.plain  # 3 by 5


@pytest.mark.parametrize("part", [0.3, 0.999])
def test_a_truncated_file_is_named(tmp_path, weights, part):
    data = caffe_files.encode_weights(weights)
    path = tmp_path / "cut.caffemodel"
    path.write_bytes(data[: int(part * len(data))])
    with pytest.raises(ValueError, match=r"cut.caffemodel: expected the weights of a Caffe net .* truncated or other"):
        net_files.read_weights(path)


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), b"\x89HDF\r\n\x1a\n" * 40, b"text"])
def test_another_file_is_refused(tmp_path, content):
    path = tmp_path / "other.caffemodel"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"other.caffemodel: expected the weights of a Caffe net"):
        net_files.read_weights(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ValueError, match="none.caffemodel: expected the weights .*, found no such file"):
        net_files.read_weights(tmp_path / "none.caffemodel")
    with pytest.raises(ValueError, match="none.prototxt: expected the description .*, found no such file"):
        net_files.read_description(tmp_path / "none.prototxt")


def test_an_error_in_a_description_names_the_line(tmp_path):
    path = tmp_path / "bad.prototxt"
    path.write_text('name: "x"\nlayer { name: 3 }\n')
    with pytest.raises(ValueError, match=r"bad.prototxt: expected the description .*, line:column 2:"):
        net_files.read_description(path)


def test_arrays_of_another_size_than_their_shape_are_refused(tmp_path, weights):
    net = caffe_files.messages.message_class("NetParameter").FromString(caffe_files.encode_weights(weights))
    net.layer[2].blobs[1].shape.dim[0] += 1
    path = tmp_path / "odd.caffemodel"
    path.write_bytes(net.SerializeToString())
    with pytest.raises(ValueError, match=r"odd.caffemodel: layer conv3: expected 5 numbers, received 4"):
        net_files.read_weights(path)
