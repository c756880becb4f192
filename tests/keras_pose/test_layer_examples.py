"""Every Keras layer of the package has an example in its docstring, and the example runs."""

import doctest
import importlib
import pkgutil

import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_pose


def find_layers():
    """All layers that the package defines, by their full names."""
    layers = {}
    for module in pkgutil.walk_packages(keras_pose.__path__, "keras_pose."):
        if module.name.split(".")[-1] == "__main__":
            continue
        for value in vars(importlib.import_module(module.name)).values():
            # A metric of Keras 2 is a layer too.
            is_layer = isinstance(value, type) and issubclass(value, keras.layers.Layer)
            if is_layer and not issubclass(value, keras.metrics.Metric) and value.__module__ == module.name:
                layers[f"{module.name}.{value.__name__}"] = value
    return layers


LAYERS = find_layers()


def test_the_layers_are_found():
    names = {name.split(".")[-1] for name in LAYERS}
    assert {"FlowWarp", "TemporalPooling", "WindowFlow", "StackedChannels", "ToPixels"} <= names


@pytest.mark.parametrize("name", LAYERS)
def test_the_example_of_a_layer_runs(name):
    layer = LAYERS[name]
    assert "    Example:\n" in layer.__doc__
    names = {**vars(importlib.import_module(layer.__module__)), "keras": keras, "np": np, "tf": tf}
    example = doctest.DocTestParser().get_doctest(layer.__doc__, names, name, None, 0)
    assert any(part.want for part in example.examples)
    report = []
    results = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(example, out=report.append)
    assert results.failed == 0, "".join(report)
    assert results.attempted == len(example.examples)


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_can_be_loaded_from_a_saved_model(name):
    layer = LAYERS[name]
    assert keras.saving.get_registered_object(f"keras_pose>{layer.__name__}") is layer
