"""What the net is: the flags of its kind, trunk and input. Loads no TensorFlow."""

from __future__ import annotations

import dataclasses

from keras_pose import options
from keras_pose.models import kinds, presets
from keras_pose.options import option


@dataclasses.dataclass(frozen=True)
class ModelConfig:
    """The net of a run."""

    kind_name: str = option(
        kinds.HEATMAP.name,
        "Kind of net. " + " ".join(f"{kind.name}: {kind.summary}." for kind in kinds.KINDS.values()),
        flag="model",
        choices=tuple(kinds.KINDS),
    )
    preset: str = option(
        "lite",
        "Trunk of the net. lite: made for CPUs. paper: the published net of 17.6 M weights, which needs a GPU. "
        "paper_caffe: the same for weights of `keras-pose import-caffe`, with black around the frame. "
        "movenet: the trunk of MoveNet Lightning and of upper_body. The others: backbones of keras.applications.",
        choices=presets.PRESETS,
    )
    width: float = option(1.0, "Factor on the numbers of channels: smaller is faster and less accurate.", at_least=0.05)
    fusion: bool = option(True, "Fusion layers: an implicit spatial model on top of the first heatmaps.")
    backbone_weights: str = option(
        "none",
        "Weights of a backbone: imagenet (downloaded), none, a file, or the folder of MoveNet's SavedModel (for "
        "--preset=movenet and mobilenet_v2: Lightning; for mobilenet_v2_175: Thunder).",
        resume=options.START,
    )
    init_from: str = option(
        "",
        "Run directory whose weights to start from, or upper_body, the net that comes with this package (with "
        "--preset=movenet --nofusion); for --model=flowing also a run of --model=heatmap. If the joints differ, all "
        "but the heads is kept.",
        resume=options.START,
    )
    input_size: str = option(
        "128", "Network input in px: a side, or height,width; multiples of 32. Larger is finer and slower."
    )

    def __post_init__(self) -> None:
        options.check(self)
        _ = self.input_size_hw  # raises for an invalid flag

    @property
    def kind(self) -> kinds.NetKind:
        """What the kind of net is and needs."""
        return kinds.KINDS[self.kind_name]

    @property
    def input_size_hw(self) -> tuple[int, int]:
        """(height, width) of the network's input in px."""
        sides = self.input_size.split(",")
        if len(sides) not in (1, 2) or not all(
            s.strip().isdecimal() and int(s) > 0 and int(s) % 32 == 0 for s in sides
        ):
            raise ValueError(
                f"--input_size: expected a side or height,width in multiples of 32 px, received {self.input_size!r}"
            )
        return int(sides[0]), int(sides[-1])
