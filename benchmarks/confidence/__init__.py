"""What `benchmarks.calibration` is made of: what a heatmap says beside its height."""
