"""COCO keypoints in the forms that tools write; `dataset.read` reads them."""
