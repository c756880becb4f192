"""Declaring a signature beside its method is all that an export needs."""

import numpy as np
import pytest
import tensorflow as tf

from keras_pose.exporting.signatures import find_signatures, signature

VALUES = tf.TensorSpec([None], tf.float32, name="values")
FACTOR = tf.TensorSpec([], tf.float32, name="factor")


class Scaling(tf.Module):
    """Two signatures, one of them for nets with heatmaps, and a method without one."""

    @signature("times", VALUES, FACTOR, example=lambda: {"values": tf.constant([1.0]), "factor": tf.constant(3.0)})
    def multiply(self, values, factor):
        return {"scaled": self.scale(values, factor)}

    @signature("negative", VALUES, example=lambda: {"values": tf.constant([2.0])}, needs_heatmaps=True)
    def negate(self, values):
        return {"scaled": self.scale(values, -1.0)}

    def scale(self, values, factor):
        return values * factor


def test_signatures_are_found_in_the_order_of_their_methods():
    found = find_signatures(Scaling, has_heatmaps=True)
    assert [(entry.name, entry.method) for entry in found] == [("times", "multiply"), ("negative", "negate")]
    assert found[0].example()["factor"] == 3.0


def test_a_net_without_heatmaps_lacks_those_that_need_them():
    assert [entry.name for entry in find_signatures(Scaling, has_heatmaps=False)] == ["times"]


def test_a_class_without_signatures_has_none():
    assert find_signatures(tf.Module, has_heatmaps=True) == []


def test_methods_can_be_called_and_saved_with_their_input_names(tmp_path):
    module = Scaling()
    functions = {entry.name: getattr(module, entry.method) for entry in find_signatures(Scaling, has_heatmaps=True)}
    np.testing.assert_array_equal(module.multiply(tf.constant([1.0, 2.0]), tf.constant(3.0))["scaled"], [3, 6])
    tf.saved_model.save(module, str(tmp_path), signatures=functions)
    loaded = tf.saved_model.load(str(tmp_path)).signatures
    assert set(loaded) == {"times", "negative"}
    np.testing.assert_array_equal(
        loaded["times"](values=tf.constant([1.0, 2.0]), factor=tf.constant(3.0))["scaled"], [3, 6]
    )
    np.testing.assert_array_equal(loaded["negative"](values=tf.constant([4.0]))["scaled"], [-4])


def test_requests_that_do_not_fit_the_declared_inputs_are_refused():
    with pytest.raises((TypeError, ValueError)):
        Scaling().multiply(tf.constant(["text"]), tf.constant(3.0))


def test_a_name_declared_twice_is_an_error():
    class Twice(tf.Module):
        @signature("same", VALUES, example=dict)
        def first(self, values):
            return {"values": values}

        @signature("same", VALUES, example=dict)
        def second(self, values):
            return {"values": values}

    with pytest.raises(ValueError, match="Twice: expected one method for signature 'same', received first and second"):
        find_signatures(Twice, has_heatmaps=True)
