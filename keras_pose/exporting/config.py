"""The flags of `export.py`. Loads no TensorFlow."""

from __future__ import annotations

import dataclasses
import os
import re

from keras_pose import options
from keras_pose.options import option


@dataclasses.dataclass(frozen=True)
class ExportConfig:
    """An export of one run for a server."""

    run_dir: str = option(None, "Run to export: its best weights.")
    export_dir: str = option("", "Folder of models to write to; by default export/ in the run.")
    model_name: str = option("pose", "Folder of the model in --export_dir, and its name for a server.")
    version: int = option(
        0, "Version to write; an existing one is never overwritten. 0: one more than the highest there.", at_least=0
    )
    precision: str = option(
        "float32",
        "Numbers the net computes in; its weights, heatmaps and positions stay float32. 16 bits are meant for "
        "GPUs, and slower on CPUs.",
        choices=("float32", "float16", "bfloat16"),
    )

    tflite: str = option(
        "none",
        "Also write model.tflite for TensorFlow Lite, one image of the input's size at a time: float32; float16, half "
        "as large; int8, a quarter, and slightly off.",
        choices=("none", "float32", "float16", "int8"),
    )

    def __post_init__(self) -> None:
        options.check(self)
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
        return os.path.join(self.export_dir or os.path.join(self.run_dir, "export"), self.model_name)
