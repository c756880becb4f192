"""PoseTrack18: one file of labels for each video; `dataset.read` reads them."""
