"""A real detector as a SavedModel, without weights: boxes around what is red (class 1) and green (class 2)."""

from __future__ import annotations

import numpy as np
import tensorflow as tf


class BlobDetector(tf.Module):
    """Finds one box for each colour in each half of the image; the score is 0.9, or 0 if there is none.

    Args:
      convention: "api" (TensorFlow Object Detection API), "plain" (boxes in px with scores), or "bare" (boxes alone).
    """

    def __init__(self, convention):
        super().__init__()
        self._convention = convention

    def find(self, images):
        image = tf.cast(images[0], tf.float32)
        height = tf.cast(tf.shape(image)[0], tf.float32)
        width = tf.cast(tf.shape(image)[1], tf.float32)
        boxes = []
        scores = []
        for channel in (0, 1):
            mask = image[..., channel] > 128
            # The left and the right half apart: two people of one colour can be found.
            middle = tf.shape(mask)[1] // 2
            for first, part in ((0, mask[:, :middle]), (middle, mask[:, middle:])):
                rows = tf.cast(tf.where(tf.reduce_any(part, 1))[:, 0], tf.float32)
                columns = tf.cast(tf.where(tf.reduce_any(part, 0))[:, 0], tf.float32) + tf.cast(first, tf.float32)
                found = tf.reduce_any(part)
                corners = [
                    tf.reduce_min(columns),
                    tf.reduce_min(rows),
                    tf.reduce_max(columns) + 1,
                    tf.reduce_max(rows) + 1,
                ]
                boxes.append(tf.where(found, tf.stack(corners), 0.0))
                scores.append(tf.where(found, 0.9, 0.0))
        boxes = tf.stack(boxes)
        scores = tf.stack(scores)
        if self._convention == "api":
            fractions = tf.gather(boxes, [1, 0, 3, 2], axis=1) / tf.stack([height, width, height, width])
            classes = tf.constant([[1.0, 1.0, 2.0, 2.0]])
            count = tf.constant([4.0])
            outputs = {
                "detection_boxes": fractions[None],
                "detection_scores": scores[None],
                "detection_classes": classes,
            }
            return {**outputs, "num_detections": count}
        if self._convention == "plain":
            return {"boxes": boxes, "scores": scores}
        return {"boxes": boxes[None]}


def save_detector(folder, convention="api", dtype=tf.uint8, shape=(1, None, None, 3)):
    """Saves a detector; returns the folder as a string."""
    module = BlobDetector(convention)
    module.serve = tf.function(module.find, input_signature=[tf.TensorSpec(shape, dtype, name="input_tensor")])
    tf.saved_model.save(module, str(folder), signatures=module.serve)
    return str(folder)


def draw_blobs(size_hw, red=(), green=()):
    """uint8 [H, W, 3] with red and green boxes (left, top, width, height) on dark noise."""
    frame = np.random.default_rng(0).integers(0, 60, (*size_hw, 3)).astype(np.uint8)
    for channel, boxes in ((0, red), (1, green)):
        for left, top, width, height in np.round(np.array(boxes).reshape(-1, 4)).astype(int):
            frame[max(top, 0) : top + height, max(left, 0) : left + width, channel] = 220
    return frame
