"""MPII Human Pose in the forms in which it is published; `dataset.read` reads them."""
