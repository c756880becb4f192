"""NWB files with the extension ndx-pose: a `PoseEstimation` for each person, with a series for each joint.

Everything is in the processing module "behavior". One person's `PoseEstimation` has this name, as `movement` expects
it; several are called as the people. NWB has no "/" and ":" in names: there, "_" stands for them; the nodes of the
skeleton have the true names in their order. The series `frames` has the numbers of the frames. The description is in
`notes`. NWB gives each object a random id and each file its date: here ids follow from the poses, and dates are
1970-01-01, since the date of the recording is unknown. Source: ndx-pose (github.com/rly/ndx-pose).
"""

from __future__ import annotations

import datetime
import hashlib
import os
import uuid
import warnings
from typing import Any

import h5py
import ndx_pose
import numpy as np
import pynwb
from hdmf.backends.hdf5 import H5SpecWriter
from hdmf.backends.utils import NamespaceToBuilderHelper

from keras_pose.poses.formats import description, hdf5, values
from keras_pose.poses.video_poses import VideoPoses

_UNKNOWN_DATE = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
_SCHEMAS = ("hdmf-common", "hdmf-experimental", "core", "ndx-pose")
_ORIGIN = "(0, 0) is the middle of the top left pixel; x to the right, y down"
_NAMESPACE = uuid.UUID("5f2b6d1e-8d0b-5c53-9f0d-6b1a6f0a5a11")


def write(path: str | os.PathLike[str], poses: VideoPoses) -> None:
    """Writes poses as NWB. `confidence` of a series is the likelihood of the joint, 0 if it is not there."""
    digest = _digest(poses)
    times = _times(poses)
    video = hdf5.valid_text(poses.video.path)
    file = _make(
        digest,
        pynwb.NWBFile,
        session_description=f"Poses of {video}; 1970-01-01 stands for the unknown date of the recording",
        identifier=f"{hdf5.valid_text(poses.video.name)} {uuid.uuid5(_NAMESPACE, digest)}",
        session_start_time=_UNKNOWN_DATE,
        file_create_date=_UNKNOWN_DATE,
        notes=description.to_text(poses),
    )
    _add_poses(file, digest, poses, times)
    size = 2 * (poses.joints.nbytes + poses.scores.nbytes + 2 * times.nbytes)
    with hdf5.new_file(path, size) as temporary, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # hints for names and for short series
        with pynwb.NWBHDF5IO(temporary, "w") as out:
            out.write(file, cache_spec=False)
        with h5py.File(temporary, "r+") as written:
            _write_schemas(written)


def read_description(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Reads the description of poses from an NWB file."""
    return description.parse(path, hdf5.read_text(path, "general/notes"))


def _write_schemas(file):
    """Writes the schemas that the file needs into it, as pynwb does with all that this process has ever loaded."""
    catalog = pynwb.get_manager().namespace_catalog
    group = file.create_group("specifications")
    file.attrs[".specloc"] = group.ref
    for name in _SCHEMAS:
        place = group.create_group(f"{name}/{catalog.get_namespace(name).version}")
        NamespaceToBuilderHelper.convert_namespace(catalog, name).export("namespace", writer=H5SpecWriter(place))


def _make(digest, kind, **fields):
    """Makes an object of NWB, with an id that follows from the poses and its name."""
    name = f"{digest}/{kind.__name__}/{fields.get('name', '')}/{fields.get('description', '')}"
    made = kind.__new__(kind, object_id=str(uuid.uuid5(_NAMESPACE, name)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made.__init__(**fields)
    return made


def _add_poses(file, digest, poses, times):
    module = _make(digest, pynwb.ProcessingModule, name="behavior", description="Predicted poses")
    file.add_processing_module(module)
    skeleton = _make(
        digest,
        ndx_pose.Skeleton,
        name=values.unique_names([poses.skeleton.name], "/:")[0],
        nodes=list(poses.skeleton.joints),
        edges=np.array(poses.skeleton.edge_indices(), _index_type(poses)).reshape(-1, 2),
    )
    module.add(_make(digest, ndx_pose.Skeletons, skeletons=[skeleton]))
    frames = _make(
        digest,
        pynwb.TimeSeries,
        name="frames",
        description="Number of each frame in the video, from 0.",
        data=poses.frames,
        unit="frame",
        timestamps=times,
    )
    module.add(frames)
    several = len(poses.people) > 1
    taken = {"frames", "Skeletons"}
    names = values.unique_names([f"{n}_person" if n in taken else n for n in poses.people], "/:")
    for p, person in enumerate(poses.people):
        series = _series(digest, poses, p, frames)
        module.add(
            _make(
                digest,
                ndx_pose.PoseEstimation,
                name=names[p] if several else "PoseEstimation",
                pose_estimation_series=series,
                description=f"Poses of {person} in {hdf5.valid_text(poses.video.path)}",
                scorer=poses.model.name or "keras_pose",
                source_software="keras_pose",
                source_software_version=poses.model.keras_pose or "unknown",
                skeleton=skeleton,
            )
        )


def _series(digest, poses, p, frames):
    """Returns the series of a person's joints; their times are those of the series `frames`."""
    scores = values.likelihoods(poses, 0)
    meaning = description.explain_likelihood(poses)
    return [
        _make(
            digest,
            ndx_pose.PoseEstimationSeries,
            name=name,
            description=f"Position of {joint} of {poses.people[p]}",
            data=np.ascontiguousarray(poses.joints[:, p, j]),
            confidence=np.ascontiguousarray(scores[:, p, j]),
            confidence_definition=meaning,
            unit="pixels",
            reference_frame=_ORIGIN,
            timestamps=frames,
        )
        for j, (joint, name) in enumerate(zip(poses.skeleton.joints, values.unique_names(poses.skeleton.joints, "/:")))
    ]


def _index_type(poses):
    """ndx-pose has edges of uint8; more joints need more."""
    return np.uint8 if poses.skeleton.num_joints <= 256 else np.uint16


def _times(poses):
    """Returns float64 [N], s: unknown times follow from the frame rate, if that is known."""
    if poses.video.fps > 0:
        return np.where(np.isnan(poses.times_s), poses.frames / poses.video.fps, poses.times_s)
    return poses.times_s


def _digest(poses):
    """Returns the SHA-256 of everything that the file holds, hexadecimal."""
    digest = hashlib.sha256(description.to_text(poses).encode())
    for array in (poses.frames, poses.times_s, poses.joints, values.likelihoods(poses, 0)):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
