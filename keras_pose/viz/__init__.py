"""Pictures: skeletons, heatmaps, curves and learned weights, drawn without a display."""
