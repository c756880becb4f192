"""Helpers of `pooling_ablation`: warped maps of windows, and poolings that are fitted on them around a frozen net."""
