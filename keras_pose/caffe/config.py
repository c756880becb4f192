"""The flags of `keras-pose import-caffe`. Loads no TensorFlow."""

from __future__ import annotations

import dataclasses

from keras_pose import options
from keras_pose.options import option

AUTO = "auto"


@dataclasses.dataclass(frozen=True)
class ImportCaffeConfig:
    """Weights of the published Caffe net, and the run to make of them."""

    weights: str = option(None, "File of weights (.caffemodel); also the first argument without a flag.")
    run_dir: str = option(None, "Folder to write the run to: a new or empty one.")
    description: str = option(
        "", "Description of the net (.prototxt), to check the weights against; also the second argument. Empty: none."
    )
    joints: str = option(
        "",
        "Names of the joints in the order of the net's maps, separated by commas. Empty: the 7 of the published nets "
        "(head, right_wrist, left_wrist, right_elbow, left_elbow, right_shoulder, left_shoulder).",
    )
    offset: str = option(
        AUTO,
        "Height of the net's maps far from every joint, which is taken from them so that heights are as in other runs: "
        "0, or 1 for nets that learnt 1 + target. auto: measure it on drawn frames, and stop if it is neither.",
    )
    input_size: str = option(
        AUTO,
        "Network input in px: a side, or height,width; multiples of 32. auto: as the description says, or 256 as the "
        "published nets were trained with.",
    )

    def __post_init__(self) -> None:
        options.check(self)
        if self.offset != AUTO:
            try:
                float(self.offset)
            except ValueError:
                raise ValueError(f"--offset: expected a number or auto, received {self.offset!r}") from None
