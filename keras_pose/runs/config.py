"""All that decides what a training run learns; every field is a flag of `train.py` (see `flags`)."""

from __future__ import annotations

import dataclasses
import os
import re

from keras_pose import options
from keras_pose.models import kinds
from keras_pose.options import option


@dataclasses.dataclass(frozen=True)
class TrainConfig:
    """A training run. Two runs of the same configuration on one CPU stack end with the same weights."""

    run_dir: str = option(None, "Folder to write the run to. One that holds the same configuration is resumed.")

    # Data
    data: str = option(
        "signers:train",
        "What to learn from: signers:train (made here), the folder of a DeepLabCut project, a folder or .json of COCO "
        "keypoints, or a caffe-heatmap .txt list.",
    )
    signer_clips: int = option(400, "Number of synthetic clips where --data is signers:…; more is better.", at_least=1)
    signer_frames: int = option(16, "Frames a synthetic clip.", at_least=1)
    signer_size: int = option(128, "Side of synthetic frames in px.", at_least=32)
    signer_label_every: int = option(
        1, "Label one in so many synthetic frames; windows (--window) want long clips with few labels.", at_least=1
    )
    test_clips: str = option(
        "", "File of clip names, one a line, kept out of training and validation and scored at the end."
    )
    test_fraction: float = option(
        0.0,
        "Fraction of the labelled frames, drawn with --split_seed, kept out as a test set. For projects of separate "
        "images; neighbouring frames of a video are too alike for it, use --test_clips there.",
        at_least=0.0,
        at_most=0.9,
    )
    test_data: str = option("", "A source (as --data) that is scored at the end, in place of a part of --data.")
    validation_fraction: float = option(
        0.1,
        "Fraction of the training clips (of the frames, for separate images) to choose the best weights on.",
        at_least=0.01,
        at_most=0.9,
    )
    split_seed: int = option(0, "Seed of the validation and test splits.", at_least=0)
    on_bad_label: str = option(
        "error", "What a label that cannot be right does: stop, or be left out.", choices=("error", "skip")
    )
    label_scale: float = option(
        1.0, "What coordinates of a caffe-heatmap list are multiplied by to give px; some published lists need 282."
    )
    flip_pairs: str = option(
        "auto",
        "Joints that change places in a mirrored frame: auto (those of the data set, or names that differ in "
        "left/right), none, or left1:right1,left2:right2.",
    )
    cache: bool = option(True, "Keep decoded frames in memory: much faster from the second pass on.")

    # Model
    model: str = option(
        "heatmap",
        "heatmap: a map per joint (more accurate). coordinate: positions directly. flowing: heatmaps of neighbouring "
        "frames, warped by optical flow and pooled by learned weights (most accurate on video). flow_input: a heatmap "
        "net that sees neighbouring frames and flow at its input, to compare with.",
        choices=("heatmap", "coordinate", "flowing", "flow_input"),
    )
    preset: str = option(
        "lite",
        "Trunk of the net. lite: made for CPUs. paper: the published 17.6 M-weight net, wants a GPU. The others: "
        "backbones of keras.applications.",
        choices=("lite", "paper", "mobilenet_v3_small", "mobilenet_v3_large", "efficientnet_v2_b0", "resnet50"),
    )
    width: float = option(1.0, "Factor on the numbers of channels: smaller is faster and less accurate.", at_least=0.05)
    fusion: bool = option(True, "Fusion layers: an implicit spatial model on top of the first heatmaps.")
    backbone_weights: str = option("none", "Weights of a backbone: imagenet (downloaded), none, or a file.")
    init_from: str = option(
        "", "Run directory whose best weights to start from; for --model=flowing also a run of --model=heatmap."
    )
    input_size: str = option(
        "128", "Network input in px: a side, or height,width; multiples of 32. Larger is finer and slower."
    )

    # Video (--model=flowing and flow_input)
    window: int = option(
        5, "Neighbours on each side of a frame that are pooled, in steps of --frame_stride.", at_least=1, at_most=50
    )
    frame_stride: int = option(
        1, "Frames from one neighbour to the next; 2 reaches twice as far at the same cost.", at_least=1
    )
    pooling: str = option(
        "parametric",
        "How the maps of a window become one. parametric: a learned weight per frame and joint. data_dependent: these "
        "weights also depend on how sure each frame is and how well its flow fits. sum, max, none: to compare with.",
        choices=("parametric", "data_dependent", "sum", "max", "none"),
    )
    flow: str = option(
        "auto",
        "Optical flow. auto: dis_medium below 192 px of input, else dis_fast. dis_ultrafast, dis_fast, dis_medium, "
        "farneback, variational: OpenCV. deepflow, tvl1: OpenCV with contrib. in_graph: inside the net, on the device "
        "that trains. none: neighbours are pooled as they are.",
        choices=(
            "auto",
            "dis_ultrafast",
            "dis_fast",
            "dis_medium",
            "farneback",
            "variational",
            "deepflow",
            "tvl1",
            "in_graph",
            "none",
        ),
    )
    net_steps: int = option(
        0,
        "Steps that train the single-frame net first, as a run of its own in <run_dir>/frame_net; not with "
        "--init_from. 0: none.",
        at_least=0,
    )
    net_batch_size: int = option(32, "Frames a step of --net_steps.", at_least=1)
    net_learning_rate: float = option(2e-3, "Highest learning rate of --net_steps.", at_least=0.0)
    pooling_steps: int = option(
        0, "The first so many of --steps train the pooling alone, with the single-frame net frozen.", at_least=0
    )
    pooling_data: str = option(
        "train",
        "What --pooling_steps learn from. train: the frames of the net. validation: the frames the net has not seen; "
        "better where labels are few and the net knows its own by heart, which makes neighbours look worthless (the "
        "validation error then flatters, by the few weights of the pooling).",
        choices=("train", "validation"),
    )
    pooling_learning_rate: float = option(4e-2, "Highest learning rate of --pooling_steps.", at_least=0.0)

    # Loss
    sigma_px: float = option(1.5, "Width (standard deviation) of a joint's Gaussian in heatmap px.", at_least=0.3)
    coordinate_loss: str = option(
        "l2", "Loss of the coordinate net; tukey ignores gross errors in labels.", choices=("l2", "tukey")
    )
    hidden_weight: float = option(
        1.0, "Weight of joints that are labelled though hidden; 0 leaves them out.", at_least=0.0, at_most=1.0
    )

    # Augmentation
    aug_scale: float = option(0.25, "Zoom between 1/(1+x) and 1+x.", at_least=0.0)
    aug_stretch: float = option(
        0.1, "Change of shape: width to height between 1/(1+x) and 1+x, and a shear of up to x/2.", at_least=0.0
    )
    aug_rotation: float = option(20.0, "Turn by up to ± this many degrees.", at_least=0.0, at_most=180.0)
    aug_shift: float = option(0.1, "Move by up to ± this fraction of the input's sides.", at_least=0.0, at_most=1.0)
    aug_mirror: str = option("auto", "Probability of mirroring, 0 to 1; auto: 0.5 where flip pairs are known, else 0.")
    aug_color: float = option(
        0.5, "Strength of changes of contrast, brightness, colour and light.", at_least=0.0, at_most=2.0
    )
    aug_noise: float = option(8.0, "Added noise of up to this standard deviation in grey levels.", at_least=0.0)
    aug_occlusion: float = option(0.2, "Probability that a box covers part of the frame.", at_least=0.0, at_most=1.0)

    # Optimisation
    steps: int = option(2000, "Training steps in all; the learning rate falls over them.", at_least=1)
    batch_size: int = option(
        32,
        "Examples a step, over all devices; a window of --model=flowing is one and costs as much as its frames.",
        at_least=1,
    )
    optimizer: str = option("adam", "adam, or sgd with momentum 0.95 as in the paper.", choices=("adam", "sgd"))
    learning_rate: float = option(2e-3, "Highest learning rate.", at_least=0.0)
    schedule: str = option(
        "cosine",
        "Learning rate over time: cosine falls to 0, steps divides by 10 at 60 and 85 % of the steps.",
        choices=("cosine", "constant", "steps"),
    )
    warmup_steps: int = option(50, "Steps over which the learning rate rises from 0.", at_least=0)
    weight_decay: float = option(0.0, "Decoupled weight decay a step, times the learning rate.", at_least=0.0)
    clip_norm: float = option(1.0, "Gradients longer than this are shortened; 0: never.", at_least=0.0)
    ema: float = option(
        0.99,
        "Decay a step of the averaged weights that are validated and kept; 0: no averaging.",
        at_least=0.0,
        at_most=0.9999,
    )
    seed: int = option(0, "Seed of weights, data order and augmentation.", at_least=0)
    validate_every: int = option(
        100, "Steps between validations; a checkpoint is written at each, so a kill costs at most these.", at_least=1
    )
    early_stopping: int = option(0, "Stop after this many validations without a better one; 0: never.", at_least=0)

    # Device
    mixed_precision: str = option(
        "none", "16-bit computation: faster on GPUs that have it.", choices=("none", "float16", "bfloat16")
    )
    xla: bool = option(False, "Compile the step with XLA: faster on GPUs, slower to start.")
    devices: str = option("auto", "auto: all GPUs, else the CPU. A number: the first so many GPUs (or logical CPUs).")

    def __post_init__(self):
        options.check(self)
        if self.steps < self.warmup_steps:
            raise ValueError(f"--warmup_steps: expected at most --steps={self.steps}, received {self.warmup_steps}")
        if self.steps % self.validate_every:
            raise ValueError(
                f"--steps: expected a multiple of --validate_every={self.validate_every}, received {self.steps}"
            )
        if sum(map(bool, (self.test_clips, self.test_fraction, self.test_data))) > 1:
            raise ValueError("--test_clips, --test_fraction, --test_data: expected one of them at the most")
        self._check_video()
        self.input_size_hw  # noqa: B018  (checks the flag)
        self.mirror_probability  # noqa: B018
        if self.devices != "auto" and not (self.devices.isdigit() and int(self.devices) > 0):
            raise ValueError(f"--devices: expected auto or a number of 1 or more, received {self.devices!r}")

    def _check_video(self):
        for name in ("net_steps", "pooling_steps"):
            value = getattr(self, name)
            if value and self.model != "flowing":
                raise ValueError(f"--{name}: expected 0 with --model={self.model}, received {value}")
            if value % self.validate_every:
                raise ValueError(
                    f"--{name}: expected a multiple of --validate_every={self.validate_every}, received {value}"
                )
        if self.net_steps and self.init_from:
            raise ValueError("--net_steps, --init_from: expected one of them at the most")
        if self.pooling_steps > self.steps:
            raise ValueError(f"--pooling_steps: expected at most --steps={self.steps}, received {self.pooling_steps}")
        if self.model == "flow_input" and self.flow == "in_graph":
            raise ValueError("--flow: expected flow of OpenCV with --model=flow_input, received in_graph")

    @property
    def offsets(self) -> tuple[int, ...]:
        """The window: positions of its frames relative to the current one; (0,) for nets of single frames."""
        if not kinds.KINDS[self.model].sees_window:
            return (0,)
        return tuple(self.frame_stride * step for step in range(-self.window, self.window + 1))

    @property
    def flow_estimator(self) -> str:
        """The name of the flow estimator, `auto` resolved."""
        if self.flow == "auto":
            return "dis_medium" if max(self.input_size_hw) < 192 else "dis_fast"
        return self.flow

    def open_flow(self):
        """Opens the estimator whose flow the net takes as an input.

        Returns:
          As `flow.estimators.open_estimator`; None if the net takes no flow, or estimates it itself.
        """
        from keras_pose.flow import estimators

        if not kinds.KINDS[self.model].sees_window or self.flow == "in_graph":
            return None
        return estimators.open_estimator(self.flow_estimator)

    @property
    def input_size_hw(self) -> tuple[int, int]:
        """(height, width) of the network's input in px."""
        sides = self.input_size.split(",")
        if len(sides) not in (1, 2) or not all(s.strip().isdigit() and int(s) > 0 and int(s) % 32 == 0 for s in sides):
            raise ValueError(
                f"--input_size: expected a side or height,width in multiples of 32 px, received {self.input_size!r}"
            )
        return int(sides[0]), int(sides[-1])

    @property
    def mirror_probability(self) -> float | None:
        """Probability of mirroring; None where the skeleton decides (auto)."""
        if self.aug_mirror == "auto":
            return None
        try:
            probability = float(self.aug_mirror)
        except ValueError:
            probability = -1.0
        if not 0.0 <= probability <= 1.0:
            raise ValueError(f"--aug_mirror: expected auto or a number from 0 to 1, received {self.aug_mirror!r}")
        return probability


@dataclasses.dataclass(frozen=True)
class EvaluateConfig:
    """An evaluation of one or several runs on one source."""

    run_dir: str = option(None, "Run to score, or several with commas between: all in one figure, with differences.")
    data: str = option("", "What to score on (as in train.py); by default what the run kept out of training.")
    clips: str = option("", "File of clip names, one a line: score these only.")
    subset: str = option(
        "auto",
        "Part of the run's own --data: auto is test, or validation where the run has no test frames. Ignored with "
        "--data or --clips.",
        choices=("auto", "test", "validation", "train"),
    )
    eval_dir: str = option("", "Folder to write to; by default eval/ in the (first) run.")
    pck_reference: str = option(
        "frame",
        "Length that PCK divides by: frame (its longer side), shoulders, torso or head where the skeleton has them, or "
        "two joints as joint1,joint2.",
    )
    flip_test: bool = option(False, "Average with the mirrored frame: a little more accurate, half the speed.")
    on_bad_label: str = option(
        "error", "What a label that cannot be right does: stop, or be left out.", choices=("error", "skip")
    )

    def __post_init__(self):
        options.check(self)

    @property
    def run_dirs(self) -> list[str]:
        """The runs to score."""
        return [path.strip() for path in self.run_dir.split(",") if path.strip()]


@dataclasses.dataclass(frozen=True)
class ExportConfig:
    """An export of one run for a server."""

    run_dir: str = option(None, "Run to export: its best weights.")
    export_dir: str = option("", "Folder of models to write to; by default export/ in the run.")
    model_name: str = option("pose", "Folder of the model in --export_dir, and its name for a server.")
    version: int = option(
        0, "Version to write; one that exists is never written again. 0: one more than the highest there.", at_least=0
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

    def __post_init__(self):
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
