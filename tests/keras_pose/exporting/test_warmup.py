"""Warm-up requests: the examples of the signatures, in the form that TensorFlow Serving reads."""

import os
import sys

import numpy as np
import pytest
import tensorflow as tf

from keras_pose.exporting import warmup
from keras_pose.exporting.pose_module import PoseModule
from keras_pose.exporting.signatures import Signature, find_signatures


def read_requests(folder):
    """Returns the requests in a SavedModel's folder."""
    prediction_log = pytest.importorskip("tensorflow_serving.apis.prediction_log_pb2")
    records = tf.data.TFRecordDataset(os.path.join(folder, "assets.extra", "tf_serving_warmup_requests"))
    return [prediction_log.PredictionLog.FromString(record.numpy()).predict_log.request for record in records]


def test_each_example_becomes_a_request(tmp_path):
    pytest.importorskip("tensorflow_serving")
    signatures = [
        Signature("first", "method", lambda: {"values": tf.constant([[1, 2]])}),
        Signature("second", "method", lambda: {"text": tf.constant(["a"]), "factor": tf.constant(2.0)}),
    ]
    assert warmup.write_requests(str(tmp_path), "arms", signatures)
    first, second = read_requests(str(tmp_path))
    assert [(each.model_spec.name, each.model_spec.signature_name) for each in (first, second)] == [
        ("arms", "first"),
        ("arms", "second"),
    ]
    assert set(first.inputs) == {"values"}
    assert set(second.inputs) == {"text", "factor"}
    np.testing.assert_array_equal(tf.make_ndarray(first.inputs["values"]), [[1, 2]])
    assert tf.make_ndarray(second.inputs["text"]).tolist() == [b"a"]
    assert tf.make_ndarray(second.inputs["factor"]) == 2.0


def test_requests_of_an_export_are_the_same_each_time(tmp_path):
    pytest.importorskip("tensorflow_serving")
    signatures = find_signatures(PoseModule, has_heatmaps=True)
    assert warmup.write_requests(str(tmp_path), "pose", signatures)
    received = {request.model_spec.signature_name: request for request in read_requests(str(tmp_path))}
    assert list(received) == [entry.name for entry in signatures]
    for entry in signatures:
        expected = entry.example()
        assert set(received[entry.name].inputs) == set(expected)
        for name, value in expected.items():
            np.testing.assert_array_equal(tf.make_ndarray(received[entry.name].inputs[name]), value.numpy())


def test_nothing_is_written_without_tensorflow_serving_api(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow_serving.apis", None)  # importing it now raises ImportError
    assert not warmup.write_requests(str(tmp_path), "pose", find_signatures(PoseModule, has_heatmaps=True))
    assert os.listdir(tmp_path) == []
