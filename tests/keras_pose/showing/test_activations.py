"""Activations: which layers, which channels."""

import keras
import numpy as np

from keras_pose.models import factory
from keras_pose.showing import activations


def test_layers_after_an_activation_and_heads_are_drawn():
    model = factory.build_model("heatmap", "paper", 2, (64, 64), width=0.05)
    names = [layer.name for layer in activations.choose_layers(model)]
    convolutions = [f"conv{n}" for n in range(1, 8)]
    assert [name for name in names if name in convolutions] == convolutions
    assert {"conv1_pool", "fusion1", "heatmaps", "trunk_heatmaps"} <= set(names)
    assert not {"frames", "rescaled_frames", "fusion_concat"} & set(names)


def test_a_backbone_is_thinned_out_and_keeps_its_heads():
    model = factory.build_model("heatmap", "mobilenet_v3_small", 2, (64, 64))
    layers = activations.choose_layers(model)
    assert len(layers) <= 26
    assert {"heatmaps", "trunk_heatmaps"} <= {layer.name for layer in layers}
    assert all(isinstance(layer, keras.layers.Layer) for layer in layers)


def test_the_seed_chooses_the_channels(heatmap_net, flowing_net, coordinate_net):
    shown = heatmap_net.read((0,))
    pictures = [activations.activations(heatmap_net, shown, seed).picture for seed in (0, 0, 1)]
    np.testing.assert_array_equal(pictures[0], pictures[1])
    assert pictures[0].shape == pictures[2].shape
    assert (pictures[0] != pictures[2]).any()
    for net in (flowing_net, coordinate_net):
        section = activations.activations(net, net.read((0,)), 0)
        assert section.picture.shape[1] > 800
        assert section.alt.startswith("3 channels of each of ")
