"""The nets: kinds, presets, backbones, and `PoseNet`, which answers what a net is."""
