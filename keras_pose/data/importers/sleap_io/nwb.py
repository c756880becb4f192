"""Reads labels in NWB files: `PoseTraining` of the extension ndx-pose, as sleap-io and SLEAP write it.

Files with `PoseEstimation` alone hold predictions, which are no labels. A joint that is marked as not visible but has
a position is hidden, as ndx-pose says of its `node_visibility`. Format: Rübel et al. 2022 (NWB), Rodgers et al.
(ndx-pose).
"""

from __future__ import annotations

import os

import numpy as np

from keras_pose.data.importers.coco.findings import Findings
from keras_pose.data.importers.sleap_io import library, slp
from keras_pose.data.source import Source

_WHAT = "an NWB file with poses (ndx-pose)"


def read(path: str | os.PathLike[str], image_dir: str = "", exif_orientation: str = "auto") -> Source:
    """Reads an `.nwb` file. Args, result and errors as for `slp.read`."""
    path = os.fspath(path)
    findings = Findings(path)
    library.check_hdf5(path, _WHAT)
    sleap = library.import_library("sleap_io.io.nwb", path, _WHAT)
    with library.reading(path, _WHAT, findings):
        labels = sleap.load_nwb(path)
        for frame in labels.labeled_frames:
            for instance in frame.instances:
                points = instance.points
                points["complete"] |= ~np.isnan(points["xy"]).any(-1)
    return slp.convert(labels, findings, image_dir, exif_orientation)
