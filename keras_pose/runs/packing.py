"""Makes a small copy of a run that can be handed on: flags, skeleton and weights in half precision.

`python -m keras_pose.runs.packing <run> <folder>`. The copy is read like any run. Its weights take half the space;
each is off by at most 1 part in 2000. A calibration belongs to the weights it was fitted to, so it is not copied:
`evaluate.py --run_dir=<folder>` fits one to the copy.
"""

from __future__ import annotations

import os
import shutil
import sys

import h5py
import numpy as np

from keras_pose import hdf5_file, options
from keras_pose.runs import run_directory
from keras_pose.runs.run_directory import RunDirectory


def pack(run_dir: str, folder: str) -> int:
    """Copies what prediction and fine-tuning need of a run.

    Args:
      run_dir: folder of the run.
      folder: folder to write; files in it are replaced.

    Returns:
      Bytes of the weights file.

    Raises:
      ValueError: if the first folder is no trained run, or a weight is too large for half precision.
      OSError: if the folder cannot be written.
    """
    run, config, _ = run_directory.open_run(run_dir)
    os.makedirs(folder, exist_ok=True)
    to = RunDirectory(folder)
    shutil.copyfile(run.skeleton, to.skeleton)
    shutil.copyfile(run.split, to.split)
    temporary = f"{to.weights}.part"
    with hdf5_file.open_whole(run.weights) as source, h5py.File(temporary, "w") as target:
        _copy(source, target)
    os.replace(temporary, to.weights)
    # The copy stands alone: what the run started from is not needed to read it.
    options.write(
        config.replace(run_dir=os.path.basename(os.path.abspath(folder)), init_from="", backbone_weights="none"),
        to.flags,
    )
    return os.path.getsize(to.weights)


def _copy(source, target):
    for name, value in source.attrs.items():
        target.attrs[name] = value
    for name, item in source.items():
        if isinstance(item, h5py.Group):
            if name != "optimizer":
                _copy(item, target.create_group(name))
            continue
        array = item[()]
        if array.dtype == np.float32:
            with np.errstate(over="ignore"):
                array = array.astype(np.float16)
            if not np.isfinite(array).all():
                raise ValueError(f"{source.file.filename}: expected weights below 65504, {item.name} has larger ones")
        target.create_dataset(name, data=array)


if __name__ == "__main__":
    print(f"{pack(*sys.argv[1:3]) / 1e6:.2f} MB")
