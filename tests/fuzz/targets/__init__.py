"""The targets: each makes an input in a folder, has it read, and checks what came of it."""

from __future__ import annotations

import importlib.util

from tests.fuzz.rounds import Target
from tests.fuzz.targets import (
    caffe_list,
    coco,
    deeplabcut_config,
    deeplabcut_csv,
    deeplabcut_h5,
    label_files,
    pictures,
    requests,
    research_sets,
    settings,
    video,
)

TARGETS: dict[str, Target] = {
    "deeplabcut_csv": deeplabcut_csv.run,
    "deeplabcut_config": deeplabcut_config.run,
    "deeplabcut_h5": deeplabcut_h5.run,
    "coco": coco.run,
    "caffe_list": caffe_list.run,
    "label_studio": label_files.run_label_studio,
    "yolo": label_files.run_yolo,
    "flagfile": settings.run_flagfile,
    "clip_names": settings.run_clip_names,
    "skeleton": settings.run_skeleton,
    "pictures": pictures.run,
    "video": video.run,
    "requests": requests.run_request,
    "answers": requests.run_answer,
    **research_sets.TARGETS,
}
if importlib.util.find_spec("sleap_io") is not None:
    TARGETS["slp"] = label_files.run_slp
