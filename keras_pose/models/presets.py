"""The names of the presets, as `--preset` takes them. Loads no TensorFlow; `factory` holds what they build."""

BACKBONES = ("mobilenet_v3_small", "mobilenet_v3_large", "efficientnet_v2_b0", "resnet50")
PRESETS = ("lite", "paper", *BACKBONES)
