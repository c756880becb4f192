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


def test_a_deep_net_is_thinned_out_and_keeps_its_heads():
    x = frames = keras.Input((8, 8, 3))
    for number in range(60):
        x = keras.layers.Conv2D(2, 1, activation="relu", name=f"layer{number}")(x)
        if number == 1:
            early = keras.layers.Conv2D(2, 1, name="trunk_heatmaps")(x)
    outputs = {"heatmaps": keras.layers.Conv2D(2, 1, name="heatmaps")(x), "trunk_heatmaps": early}
    names = [layer.name for layer in activations.choose_layers(keras.Model(frames, outputs))]
    assert len(names) in (24, 25, 26)
    assert {"layer0", "heatmaps", "trunk_heatmaps"} <= set(names)


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
