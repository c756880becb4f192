"""Writes suggested frames as a DeepLabCut project.

Starting labels are `machinelabels-iter0.h5` and `machinelabels.csv`, as DeepLabCut writes them after `analyze_videos`
and `extract_outlier_frames`: its labelling window (napari) shows them beside the pictures, and saving the corrected
layer makes `CollectedData_<scorer>.h5` and `.csv`, the labels.
"""

from __future__ import annotations

import os

from keras_pose.labelling import deeplabcut_config, label_tables
from keras_pose.labelling.suggestions import Suggestions
from keras_pose.viz import pictures


def check() -> None:
    """Checks that what is needed is installed.

    Raises:
      ValueError: says what is not, and how to install it.
    """
    label_tables.check_tables()


def write(folder: str, suggestions: Suggestions, scorer: str, as_labels: bool = False) -> str:
    """Writes a project.

    Args:
      folder: folder of the project.
      suggestions: the frames.
      scorer: who will label.
      as_labels: whether to write the starting labels as labels (CollectedData), as if somebody had made them.

    Returns:
      The path of config.yaml.

    Raises:
      ValueError: if a frame cannot be read, or PyTables is not installed.
    """
    for frame, picture in suggestions.pictures():
        place = os.path.join(folder, label_tables.FOLDER, frame.clip, suggestions.picture_name(frame))
        pictures.save_png(place, picture)
    joints = suggestions.skeleton.joints
    for clip in suggestions.videos:
        frames = {suggestions.picture_name(frame): frame for frame in suggestions.of_clip(clip)}
        rows = {name: frame.joints for name, frame in frames.items()}
        place = os.path.join(folder, label_tables.FOLDER, clip)
        if as_labels:
            table = label_tables.make_table(clip, rows, joints, scorer)
            names = (f"CollectedData_{scorer}.h5", f"CollectedData_{scorer}.csv")
        else:
            likelihoods = {name: frame.confidences for name, frame in frames.items()}
            table = label_tables.make_table(clip, rows, joints, suggestions.model.name or "net", likelihoods)
            names = ("machinelabels-iter0.h5", "machinelabels.csv")
        label_tables.write_h5(os.path.join(place, names[0]), table)
        label_tables.write_csv(os.path.join(place, names[1]), table)
    return deeplabcut_config.write_config(folder, suggestions.skeleton, scorer, suggestions.videos)
