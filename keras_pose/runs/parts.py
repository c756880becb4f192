"""How a run trains: the flags of its phases, loss, optimisation and device. Loads no TensorFlow."""

from __future__ import annotations

import dataclasses

from keras_pose import options
from keras_pose.confidence.calibration import DISTANCE
from keras_pose.options import option

# What `training.metrics.METRICS` computes, for the help of --metrics.
METRICS = {
    "median_error": "in input px",
    "pck": "fraction of joints within 2 % of the input's longer side",
    "auc": "area under accuracy against distance, up to 10 % of that side",
}


@dataclasses.dataclass(frozen=True)
class PhasesConfig:
    """The steps before all weights are trained together (--model=flowing)."""

    net_steps: int = option(
        0,
        "Steps that first train the single-frame net, as a run of its own in <run_dir>/frame_net; not with "
        "--init_from. 0: none.",
        at_least=0,
    )
    net_batch_size: int = option(32, "Frames per step of --net_steps.", at_least=1)
    net_learning_rate: float = option(2e-3, "Highest learning rate of --net_steps.", at_least=0.0)
    pooling_steps: int = option(
        0,
        "How many of --steps, from the first on, train only the pooling while the net is frozen. With --pooling=auto "
        "they are skipped: the pooling is fitted to frames that the net has not seen, and keeps these weights.",
        at_least=0,
    )
    pooling_data: str = option(
        "train",
        "Frames that --pooling_steps learn from. train: the frames of the net. validation: frames that the net has not "
        "seen. This is better if there are few labels: the net then knows its own frames by heart, so neighbours look "
        "worthless there. The validation error becomes slightly too good, by the few weights of the pooling. Nothing "
        "learns so with --pooling=auto.",
        choices=("train", "validation"),
    )
    pooling_learning_rate: float = option(4e-2, "Highest learning rate of --pooling_steps.", at_least=0.0)
    choice_windows: str = option(
        "2x0.07s,10x0.33s,2x0.2s,5x0.5s",
        "Windows that --pooling=auto tries beside the one of --window: <neighbours on each side>x<reach in seconds>s, "
        "or <neighbours>x<frame stride>, separated by commas. More take longer. Empty: no others.",
    )
    choice_flows: str = option(
        "",
        "Flows that --pooling=auto tries beside --flow and none, separated by commas, such as dis_medium. Each takes "
        "the time of its flow and some more fits. Empty: no others.",
    )
    choice_poolings: str = option(
        "",
        "Kinds of pooling that --pooling=auto tries, separated by commas. Fewer take less time. Empty: all.",
    )
    choice_groups: int = option(
        40,
        "Unseen groups (films, people, sessions) that are enough for --pooling=auto to choose by. If the validation "
        "set has fewer, nets of --choice_folds give maps of the training groups too.",
        at_least=1,
    )
    choice_folds: int = option(
        3,
        "Parts of the training groups, for --pooling=auto with --net_steps or --choice_fold_steps: for each part a net "
        "is trained without it, in <run_dir>/folds, and predicts it. 0: none.",
        at_least=0,
        at_most=20,
    )
    choice_fold_steps: int = option(
        0,
        "Steps of each of these nets. With too few, they err otherwise than the net itself, and what is best around "
        "them is wrong for it; a note says so. 0: two thirds of --net_steps; none with "
        "--init_from, whose batch size and learning rate they have otherwise.",
        at_least=0,
    )
    choice_frames: int = option(
        600,
        "Labelled frames that --pooling=auto fits and chooses by, at most; spread over all unseen groups. More give "
        "narrower intervals and take longer.",
        at_least=1,
    )

    def __post_init__(self) -> None:
        options.check(self)


@dataclasses.dataclass(frozen=True)
class LossConfig:
    """What the net learns to predict."""

    sigma_px: float = option(1.5, "Width (standard deviation) of a joint's Gaussian in heatmap px.", at_least=0.3)
    coordinate_loss: str = option(
        "l2", "Loss of the coordinate net. tukey ignores gross errors in labels.", choices=("l2", "tukey")
    )
    hidden_weight: float = option(
        1.0, "Weight of joints that are hidden but labelled; 0 ignores them.", at_least=0.0, at_most=1.0
    )

    def __post_init__(self) -> None:
        options.check(self)


@dataclasses.dataclass(frozen=True)
class OptimisationConfig:
    """Steps, batches and the optimiser."""

    steps: int = option(
        2000,
        "Number of training steps; the learning rate falls over them. If a run is resumed with another number, its "
        "learning rate is from then on that of a run of this number.",
        at_least=1,
        resume=options.LENGTH,
    )
    batch_size: int = option(
        32,
        "Examples per step, over all devices. A window of --model=flowing is one example and costs as much as its "
        "frames.",
        at_least=1,
    )
    optimizer: str = option(
        "adam", "Optimiser: adam, or sgd with momentum 0.95 as in the paper.", choices=("adam", "sgd")
    )
    learning_rate: float = option(2e-3, "Highest learning rate.", at_least=0.0)
    schedule: str = option(
        "cosine",
        "Learning rate over time: cosine falls to 0, steps divides it by 10 at 60 and 85 % of the steps.",
        choices=("cosine", "constant", "steps"),
    )
    warmup_steps: int = option(50, "Steps over which the learning rate rises from 0.", at_least=0)
    weight_decay: float = option(0.0, "Decoupled weight decay per step, times the learning rate.", at_least=0.0)
    clip_norm: float = option(
        1.0, "Largest norm of the gradient: longer gradients are shortened to it. 0: no limit.", at_least=0.0
    )
    ema: float = option(
        0.99,
        "Decay per step of the averaged weights, which are validated and kept. 0: no averaging.",
        at_least=0.0,
        at_most=0.9999,
    )
    seed: int = option(0, "Seed of the initial weights, the data order and the augmentation.", at_least=0)
    validate_every: int = option(
        100,
        "Steps between validations. Each writes a checkpoint, so a killed run loses at most this many steps.",
        at_least=1,
        resume=options.LENGTH,
    )
    early_stopping: int = option(
        0,
        "Number of validations without a better one after which training stops; 0: never.",
        at_least=0,
        resume=options.LENGTH,
    )
    metrics: str = option(
        "",
        "Further figures to log at each validation, separated by commas. "
        + " ".join(f"{name}: {meaning}." for name, meaning in METRICS.items()),
        resume=options.FREE,
    )

    snapshots: int = option(
        8,
        "Number of copies of the weights to keep from early to late in training, for `keras-pose show`: the first "
        "after 1/100 of the steps, each later one by the same factor. Each takes 2 bytes a weight on disk (lite 1.4, "
        "paper 35 MB). 0: none.",
        at_least=0,
        at_most=1000,
        resume=options.FREE,
    )
    confidence_distance: float = option(
        DISTANCE,
        "Distance that confidences are about, as a fraction of the longer side of what the net looks at: a confidence "
        "is the probability that the joint lies within it. A small one tells precise joints from rough ones, a large "
        "one only joints that are wrong. Fitted on the validation frames after training; does not change the training.",
        at_least=0.001,
        at_most=1.0,
        resume=options.FREE,
    )

    def __post_init__(self) -> None:
        options.check(self)
        if self.steps < self.warmup_steps:
            raise ValueError(f"--warmup_steps: expected at most --steps={self.steps}, received {self.warmup_steps}")
        if self.steps % self.validate_every:
            raise ValueError(
                f"--steps: expected a multiple of --validate_every={self.validate_every}, received {self.steps}"
            )
        names = self.metric_names
        if len(set(names)) < len(names) or not set(names) <= set(METRICS):
            raise ValueError(
                f"--metrics: expected different names among {', '.join(METRICS)}, received {self.metrics!r}"
            )

    @property
    def metric_names(self) -> tuple[str, ...]:
        """The names that --metrics lists."""
        return tuple(name.strip() for name in self.metrics.split(",") if name.strip())


@dataclasses.dataclass(frozen=True)
class DeviceConfig:
    """Where the net trains, and in which precision."""

    mixed_precision: str = option(
        "none",
        "Precision of 16-bit computation: faster on GPUs that support it. none: 32 bits.",
        choices=("none", "float16", "bfloat16"),
    )
    xla: bool = option(False, "Compile the step with XLA: faster on GPUs, slower to start.")
    devices: str = option(
        "auto",
        "Devices to train on. auto: all GPUs, or the CPU if there is none. A number: so many GPUs (a CPU is 1). "
        "Several machines train together if the environment variable TF_CONFIG names them (docs/cluster.md): classic "
        "stack only, --devices=auto, the same command, data and --run_dir on each, --batch_size over all of them.",
        resume=options.FREE,
    )

    def __post_init__(self) -> None:
        options.check(self)
        if self.devices != "auto" and not (self.devices.isdecimal() and int(self.devices) > 0):
            raise ValueError(f"--devices: expected auto or a number of 1 or more, received {self.devices!r}")
