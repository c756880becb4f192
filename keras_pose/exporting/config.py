"""The flags of `export.py`. Does not import TensorFlow."""

from __future__ import annotations

import dataclasses
import os
import re

from keras_pose import options, shipped
from keras_pose.options import option


@dataclasses.dataclass(frozen=True)
class ExportConfig:
    """The export of a run."""

    run_dir: str = option(
        None,
        "Folder of the run to export, or upper_body, the net that comes with this package.",
    )
    export_dir: str = option(
        "",
        "Folder of models to write to. If empty: export/ in the run; of upper_body, runs/shipped/upper_body/export/.",
    )
    model_name: str = option("pose", "Name of the model: its folder in --export_dir, and its name for a server.")
    version: int = option(
        0, "Version to write; an existing version is never overwritten. 0: one more than the highest.", at_least=0
    )
    precision: str = option(
        "float32",
        "Number format of the net's computation; its weights, heatmaps and positions stay float32. 16 bits are meant "
        "for GPUs; on CPUs they are slower.",
        choices=("float32", "float16", "bfloat16"),
    )

    tflite: str = option(
        "none",
        "Kind of model.tflite to write as well, for TensorFlow Lite and one image of the input's size at a time. "
        "float16 halves the size of float32; int8 quarters it, and changes the results slightly.",
        choices=("none", "float32", "float16", "int8"),
    )

    onnx: bool = option(
        False,
        "Also write model.onnx, for ONNX Runtime and for browsers: frames of any size to joints. Needs "
        "requirements/onnx.txt.",
    )

    def __post_init__(self) -> None:
        options.check(self)
        if self.onnx and self.precision != "float32":
            raise ValueError(f"--onnx: expected --precision=float32, received {self.precision}")
        if self.tflite != "none" and self.precision != "float32":
            raise ValueError(
                f"--tflite: expected none with --precision={self.precision}, received {self.tflite}: TensorFlow Lite "
                "rounds the weights of a net that computes in float32"
            )
        if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", self.model_name):
            raise ValueError(
                f"--model_name: expected letters, digits, _, - and ., not starting with - or ., received "
                f"{self.model_name!r}"
            )

    @property
    def model_dir(self) -> str:
        """The folder that holds the versions of the model."""
        folder = self.export_dir or os.path.join(shipped.results_folder(self.run_dir), "export")
        return os.path.join(folder, self.model_name)
