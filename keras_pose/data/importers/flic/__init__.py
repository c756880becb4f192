"""FLIC (Frames Labeled In Cinema) in the forms in which it is published; `dataset.read` reads them."""
