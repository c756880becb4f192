"""Writes suggested frames as tasks of Label Studio: pictures, predictions to start from, and the labelling setup.

Label Studio serves the pictures itself (local files, https://labelstud.io/guide/storage): they lie in `images/` beside
`tasks.json`, and LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT must be this folder. Positions are percent of the picture's
size. `meta` names video and frame as sleap-io reads them; Label Studio hands it back in its export.
"""

from __future__ import annotations

import os
import urllib.parse
from xml.sax import saxutils

import numpy as np

from keras_pose import files
from keras_pose.labelling.suggestions import Suggestions
from keras_pose.viz import pictures

FILE_NAME = "tasks.json"
SETUP_NAME = "labelling_setup.xml"
_CONTROL = "keypoint-label"
_OBJECT = "image"
_POINT_PERCENT = 0.75  # size of a drawn point


def check() -> None:
    """Needs nothing that may be missing."""


def write(folder: str, suggestions: Suggestions, scorer: str, as_labels: bool = False) -> str:
    """Writes tasks.json, images/ and labelling_setup.xml (to be pasted into the project's labelling interface).

    Args:
      folder: folder to write to.
      suggestions: the frames.
      scorer: not used; Label Studio knows who labels.
      as_labels: whether to write the starting labels as annotations, as if somebody had made them.

    Returns:
      The path of tasks.json.

    Raises:
      ValueError: if a frame cannot be read.
    """
    del scorer
    tasks = []
    for frame, picture in suggestions.pictures():
        relative = f"images/{frame.clip}/{suggestions.picture_name(frame)}"
        pictures.save_png(os.path.join(folder, relative), picture)
        tasks.append(_make_task(frame, relative, suggestions, as_labels))
    path = os.path.join(folder, FILE_NAME)
    files.write_json(path, tasks)
    files.write_text(os.path.join(folder, SETUP_NAME), _make_setup(suggestions.skeleton))
    return path


def _make_task(frame, relative, suggestions, as_labels):
    video = suggestions.videos[frame.clip]
    height, width = video.size_hw
    results = []
    for joint, point, confidence in zip(suggestions.skeleton.joints, frame.joints, frame.confidences):
        if not np.isfinite(point).all():
            continue
        results.append(
            {
                "id": f"{frame.clip}-{frame.number}-{joint}",
                "type": "keypointlabels",
                "from_name": _CONTROL,
                "to_name": _OBJECT,
                "original_width": width,
                "original_height": height,
                "image_rotation": 0,
                "score": float(confidence),
                "value": {
                    "x": 100 * float(point[0]) / width,
                    "y": 100 * float(point[1]) / height,
                    "width": _POINT_PERCENT,
                    "keypointlabels": [joint],
                },
            }
        )
    task = {
        "data": {
            "image": f"/data/local-files/?d={urllib.parse.quote(relative)}",
            "clip": frame.clip,
            "frame": frame.number,
            "reasons": frame.describe(),
        },
        "meta": {
            "video": {
                "filename": os.path.abspath(video.path),
                "frame_idx": frame.number,
                "shape": [video.num_frames, height, width, 3],
            }
        },
    }
    if as_labels:
        return {**task, "annotations": [{"result": results}]}
    score = float(np.nanmean(frame.confidences)) if np.isfinite(frame.confidences).any() else 0.0
    model = suggestions.model.name or "net"
    return {**task, "predictions": [{"model_version": model, "score": score, "result": results}]}


def _make_setup(skeleton):
    lines = [
        f'    <Label value={saxutils.quoteattr(joint)} background="#{color[0]:02x}{color[1]:02x}{color[2]:02x}"/>'
        for joint, color in zip(skeleton.joints, skeleton.colors)
    ]
    return "\n".join(
        [
            "<View>",
            '  <Header value="$reasons"/>',
            f'  <Image name="{_OBJECT}" value="$image" zoom="true"/>',
            f'  <KeyPointLabels name="{_CONTROL}" toName="{_OBJECT}" strokeWidth="2">',
            *lines,
            "  </KeyPointLabels>",
            "</View>",
            "",
        ]
    )
