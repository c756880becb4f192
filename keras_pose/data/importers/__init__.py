"""The kinds of data that can be opened, in the order in which they are tried.

To add a kind, write a module in this package with a function `read(spec, **options) -> Source`, and add one entry to
`IMPORTERS`. Error messages, the help text of `--data` and `open_source` follow from the entry. The module is imported
when it first reads something, so the table itself loads neither NumPy nor TensorFlow.
"""

from __future__ import annotations

import dataclasses
import importlib
import os
from typing import TYPE_CHECKING, Any, Callable

from keras_pose.data.importers import kinds_of_files, research_sets
from keras_pose.data.importers.coco import annotation_file
from keras_pose.data.importers.flic import layout as flic_layout
from keras_pose.data.importers.mpii import layout as mpii_layout
from keras_pose.data.importers.posetrack import layout as posetrack_layout
from keras_pose.data.synthetic import versions

if TYPE_CHECKING:
    from keras_pose.data.source import Source


@dataclasses.dataclass(frozen=True)
class Importer:
    """How to recognise, describe and read one kind of data.

    Args:
      name: name of the module in this package that has `read`, with dots if it is in a folder.
      expects: what to name as the source, for messages and help texts.
      matches: cheap test whether this importer reads a source, given as a string: a name or a path.
      options: names of the keyword arguments of `read` that a caller of `open_source` may set.
    """

    name: str
    expects: str
    matches: Callable[[str], bool]
    options: tuple[str, ...] = ()

    def read(self, spec: str, **options: Any) -> Source:
        """Reads a source with the module of this importer, which is imported now."""
        return importlib.import_module(f"{__name__}.{self.name}").read(spec, **options)


def is_folder_with(spec: str, file_name: str) -> bool:
    """Whether `spec` is a folder that holds this file, or the file itself."""
    return os.path.isfile(os.path.join(spec, file_name)) or (
        os.path.isfile(spec) and os.path.basename(spec) == file_name
    )


def is_file_ending(spec: str, ending: str) -> bool:
    """Whether `spec` is a file whose name ends like this, in upper or lower case."""
    return os.path.isfile(spec) and spec.lower().endswith(ending)


def is_deeplabcut_project(spec: str) -> bool:
    """Whether `spec` is a folder that holds config.yaml or config.yml, in any case, or a file with such an ending."""
    if os.path.isdir(spec):
        return any(name.lower() in ("config.yaml", "config.yml") for name in os.listdir(spec))
    return is_file_ending(spec, ".yaml") or is_file_ending(spec, ".yml")


def tells_places(spec: str) -> bool:
    """Whether a source is a set whose labels tell where each person is (`--person_crop`)."""
    importer = next((importer for importer in IMPORTERS if importer.matches(spec)), None)
    return importer is not None and importer.name in ("flic.dataset", "mpii.dataset")


def describe_sources() -> str:
    """Returns what `--data` accepts, as part of a sentence: "… , … or …"."""
    *first, last = (importer.expects for importer in IMPORTERS)
    return f"{', '.join(first)}, or {last}" if first else last


IMPORTERS: list[Importer] = [
    Importer(
        "signers",
        "signers:<train|validation|test>[:<number of clips>] (synthetic signers; signers2:… are the second version)",
        lambda spec: spec.split(":")[0] in versions.NAMES,
        ("num_clips", "num_frames", "size_hw", "label_every"),
    ),
    Importer(
        "jhmdb.dataset",
        "the folder of JHMDB (with joint_positions/)",
        research_sets.is_jhmdb,
        ("split", "outside"),
    ),
    Importer(
        "penn_action",
        "of Penn Action (with labels/0001.mat)",
        research_sets.is_penn_action,
        ("split", "outside"),
    ),
    Importer(
        "bbc_pose",
        "of BBC Pose (with bbcpose.mat)",
        research_sets.is_bbc_pose,
        ("split", "outside"),
    ),
    Importer(
        "poses_in_the_wild",
        "of Poses in the Wild (with poses_in_the_wild_data.mat)",
        research_sets.is_poses_in_the_wild,
        ("split",),
    ),
    Importer(
        "chalearn",
        "of ChaLearn 2013 (with Sample00001/Sample00001_data.mat)",
        research_sets.is_chalearn,
        ("split", "outside"),
    ),
    Importer(
        "annotated_videos",
        "the folder of keras-pose annotate (with annotations_source.json)",
        lambda spec: is_folder_with(spec, "annotations_source.json"),
        ("image_dir",),
    ),
    Importer(
        "shards",
        "shards (a folder with shards.json, of keras-pose prepare)",
        kinds_of_files.is_shards,
        ("split", "person_crop"),
    ),
    Importer(
        "yolo",
        "a YOLO-pose data set (a .yaml file with kpt_shape, or its folder)",
        kinds_of_files.is_yolo,
    ),
    Importer(
        "deeplabcut.project",
        "the folder of a DeepLabCut project (with config.yaml)",
        is_deeplabcut_project,
        ("scorer", "individual"),
    ),
    Importer(
        "label_studio",
        "tasks of Label Studio (a .json file)",
        kinds_of_files.is_label_studio,
        ("image_dir", "exif_orientation"),
    ),
    Importer(
        "sleap_io.slp",
        "labels of SLEAP (a .slp file)",
        lambda spec: is_file_ending(spec, ".slp"),
        ("image_dir", "exif_orientation"),
    ),
    Importer(
        "sleap_io.nwb",
        "NWB (a .nwb file with ndx-pose)",
        lambda spec: is_file_ending(spec, ".nwb"),
        ("image_dir", "exif_orientation"),
    ),
    Importer(
        "sleap_io.jabs",
        "JABS poses (a file …_pose_est_v<n>.h5)",
        kinds_of_files.is_jabs,
        ("image_dir", "exif_orientation"),
    ),
    Importer(
        "flic.dataset",
        "the folder of FLIC (with examples.mat or annot/train.h5; also that of TensorFlow Datasets)",
        flic_layout.is_flic,
        ("split", "image_dir", "exif_orientation", "person_crop"),
    ),
    Importer(
        "mpii.dataset",
        "of MPII Human Pose (with mpii_human_pose_v1_u12_1.mat, annot/train.h5 or annot/train.json)",
        mpii_layout.is_mpii,
        ("split", "image_dir", "exif_orientation", "person_crop"),
    ),
    Importer(
        "posetrack.dataset",
        "of PoseTrack18 (with annotations/val/)",
        posetrack_layout.is_posetrack,
        ("split", "image_dir", "exif_orientation"),
    ),
    Importer(
        "coco.dataset",
        "COCO keypoints (a .json file, or a folder with annotations.json or one other COCO keypoint file)",
        lambda spec: annotation_file.is_annotations(spec),
        ("image_dir", "category", "exif_orientation"),
    ),
    Importer(
        "caffe_list",
        "a caffe-heatmap list (a .txt file)",
        lambda spec: is_file_ending(spec, ".txt"),
        ("label_scale",),
    ),
]
