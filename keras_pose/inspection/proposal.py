"""Proposes flags of `train.py` for labels and a machine, each with its reason.

The rules are read off runs that reach the figures in docs/results.md: configs/lips.flags (147 labelled frames of many
speakers, people of 150 px), configs/openfield.flags (116 images of a mouse, of 110 px in 640×480) and
configs/quickstart.flags (6,000 frames of 128 px). In all three, people are about 64 to 107 px long in the input, a
step sees 0.5 to 0.9 million px, and the whole training 0.6 to 1.4 thousand million px, which takes 5 to 8 minutes on 2
cores.
"""

from __future__ import annotations

import dataclasses
import math

from keras_pose.inspection.facts import SourceFacts
from keras_pose.inspection.held_out import HeldOut
from keras_pose.inspection.machine import Machine
from keras_pose.skeleton import Skeleton

_PERSON_PX = 64  # length of a person in the input
_SHORT_SIDE_PX = 160  # of the input, if frames are larger
_LONGEST_SIDE_PX = 640
_GRID_PX = 32
_STEP_PX = 700_000  # input px of a step
_BYTES_PER_PX = 4000  # memory that a step takes per px: 2 GB for quickstart's 524,288 px
_CORE_PX_PER_S = 1.45e6  # lips.flags: 2,400 steps of 16 × 160 × 224 px in 8 minutes on 2 cores
_GPU_PX_PER_S = 60e6
_SAMPLES = 38_400  # of lips.flags and quickstart.flags
_MOST_PASSES = 300
_FEWEST_PASSES = 6
_FLOOR_PASSES = 80
_FEW_FRAMES = 500
_VALIDATIONS = 8
_FLOWING_BATCH = 8
_ROUND = 150  # steps of the flowing net, which the other steps are multiples of


@dataclasses.dataclass(frozen=True)
class Choice:
    """A flag, its value, and a sentence on why."""

    flag: str
    value: str
    reason: str


def propose(
    facts: SourceFacts,
    machine: Machine,
    skeleton: Skeleton,
    held_out: HeldOut,
    minutes: float,
    validation_fraction: float = 0.1,
) -> list[Choice]:
    """Returns the flags that differ from the defaults, in the order of `--help`, and those whose default has a reason.

    Args:
      facts: facts about the labels.
      machine: the machine that trains.
      skeleton: the joints.
      held_out: the test set.
      minutes: minutes that the training may take.
      validation_fraction: share of the other frames that choose the weights.
    """
    count = max(1, round(held_out.num_frames * (1 - validation_fraction)))
    size_hw, why_size = choose_input(facts)
    area = size_hw[0] * size_hw[1]
    batch, why_batch = choose_batch(area, count, machine)
    flowing = facts.is_video
    steps, why_steps = choose_steps(area, batch, count, machine, minutes, _ROUND if flowing else 50)
    choices = []
    if held_out.flag:
        choices.append(Choice(held_out.flag, held_out.value, held_out.reason))
    if flowing:
        choices += _window(facts, count)
    choices.append(Choice("input_size", ",".join(map(str, dict.fromkeys(size_hw))), why_size))
    sides = min(size_hw) / 4
    sigma = 1.5 if sides < 40 else 1.8
    reason = f"Heatmaps have {size_hw[0] // 4}×{size_hw[1] // 4} px; the examples in configs/ have 1.8 from 40 px on."
    choices.append(Choice("sigma_px", f"{sigma:g}", reason))
    if _cache_bytes(facts, area, flowing) > 0.4 * machine.memory_bytes:
        choices.append(Choice("cache", "false", "The frames would fill the memory, so they are decoded in each pass."))
    if flowing:
        choices.append(Choice("net_batch_size", str(batch), why_batch))
        choices.append(Choice("net_steps", str(steps), why_steps))
        choices.append(
            Choice(
                "batch_size", str(_FLOWING_BATCH), "A window of frames is one example and costs as much as its frames."
            )
        )
        choices += _pooling_steps(count)
    else:
        choices.append(Choice("batch_size", str(batch), why_batch))
        choices.append(Choice("steps", str(steps), why_steps))
        choices.append(
            Choice("validate_every", str(steps // _VALIDATIONS), f"{_VALIDATIONS} validations, each a checkpoint.")
        )
        if steps < 50:
            choices.append(Choice("warmup_steps", str(steps // 4), "The learning rate rises in the first quarter."))
    return choices + _augmentation(facts, skeleton, count)


def choose_input(facts: SourceFacts) -> tuple[tuple[int, int], str]:
    """Returns (height, width) of the net's input in px, and why."""
    height, width = facts.size_hw
    person_px = facts.person_px[1]
    for_person = _PERSON_PX / person_px if math.isfinite(person_px) and person_px > 0 else 1.0
    scale = min(1.0, max(for_person, _SHORT_SIDE_PX / min(height, width)), _LONGEST_SIDE_PX / max(height, width))
    short = _to_grid(min(height, width) * scale)
    long = _to_grid(short * max(height, width) / min(height, width))
    size_hw = (short, long) if height <= width else (long, short)
    seen = f"{size_hw[0] / height:.2f} × the frame of {height}×{width} px"
    if not math.isfinite(person_px):
        return size_hw, f"{seen}."
    return size_hw, f"{seen}: a person, {person_px:.0f} px long, has {person_px * size_hw[0] / height:.0f} px in it."


def choose_batch(area: int, count: int, machine: Machine) -> tuple[int, str]:
    """Returns the examples of a step, a power of two, and why.

    Args:
      area: px of the input.
      count: frames to train on.
      machine: the machine that trains.
    """
    wanted = (4 if machine.gpus else 1) * _STEP_PX
    batch = 2 ** round(math.log2(min(64, max(4, wanted / area))))
    most = max(2, 2 ** math.floor(math.log2(max(2, count / 2))))
    fitting = max(1, int(0.5 * machine.memory_bytes / (_BYTES_PER_PX * area)))
    if batch > fitting:
        return 2 ** math.floor(math.log2(fitting)), f"More would not fit into {machine.memory_bytes / 1e9:.1f} GB."
    if batch > most:
        return most, f"No more than half of the {count} frames to train on."
    return batch, f"About {batch * area / 1e6:.1f} million px a step, which keeps {machine.describe()} busy."


def choose_steps(area: int, batch: int, count: int, machine: Machine, minutes: float, multiple: int) -> tuple[int, str]:
    """Returns the number of steps and why.

    Args:
      area: px of the input.
      batch: examples of a step.
      count: frames to train on.
      machine: the machine that trains.
      minutes: minutes that the steps may take.
      multiple: what the steps are a multiple of; for 50, they are a multiple of the number of validations too.
    """
    wanted = min(max(_SAMPLES, _FEWEST_PASSES * count), _MOST_PASSES * count)
    speed = _GPU_PX_PER_S * len(machine.gpus) if machine.gpus else _CORE_PX_PER_S * machine.cores
    affordable = minutes * 60 * speed / area
    samples = min(wanted, max(affordable, min(_FLOOR_PASSES * count, 0.25 * wanted)))
    unit = multiple * _VALIDATIONS if multiple == 50 else multiple
    steps = max(1, round(samples / batch / unit)) * unit
    passes = steps * batch / count
    text = f"{passes:.0f} passes over {count} frames"
    if samples < wanted:
        return (
            steps,
            f"{text}: as much as {minutes:g} minutes allow (--minutes); {round(wanted / batch)} would be better.",
        )
    return steps, f"{text}, as many as the few labels need." if count < _FEW_FRAMES else f"{text}."


def _window(facts, count):
    if count < _FEW_FRAMES:
        return [
            Choice("model", "flowing", "The labels lie in videos: neighbouring frames steady the joints."),
            Choice("window", "2", "5 frames."),
            Choice("frame_stride", "1", "The nearest frames, which look most alike."),
            Choice(
                "pooling", "sum", f"The mean: with {count} frames to train on, weights of frames are hardly learnt."
            ),
        ]
    return [
        Choice("model", "flowing", "The labels lie in videos: neighbouring frames steady the joints."),
        Choice("window", "5", "11 frames; --pooling=auto tries other windows too, and none."),
    ]


def _pooling_steps(count):
    every = Choice("validate_every", str(_ROUND), "A checkpoint about each minute.")
    if count < _FEW_FRAMES:
        only = Choice("pooling_steps", str(_ROUND), "Steps that train the pooling alone.")
        return [Choice("steps", str(_ROUND), "The mean has nothing to learn; the net is trained before."), only, every]
    return [
        Choice("steps", str(2 * _ROUND), "All weights together, once the pooling is chosen."),
        every,
        Choice("learning_rate", "0.0007", "The net is trained already."),
        Choice("warmup_steps", "30", "The net is trained already."),
    ]


def _augmentation(facts, skeleton, count):
    choices = []
    varied = count < _FEW_FRAMES and facts.num_sessions >= 5
    scale = min(0.5, max(0.25, round(facts.size_spread * 1.2, 2), 0.3 if varied else 0))
    if scale > 0.25:
        reason = f"People differ in size by a factor of {1 + facts.size_spread:.2f} to either side of the middle"
        choices.append(Choice("aug_scale", f"{scale:g}", f"{reason}, and new ones may more."))
    if varied:
        reason = f"{count} frames of {facts.num_sessions} clips show few of the people and lights that will come."
        for flag, value in (("aug_stretch", "0.2"), ("aug_color", "1"), ("aug_occlusion", "0.3")):
            choices.append(Choice(flag, value, reason))
    turned = math.degrees(math.sqrt(-2 * math.log(min(1.0, max(facts.alignment, 1e-6)))))
    if turned > 20:
        value = "180" if turned > 35 else "45"
        choices.append(
            Choice("aug_rotation", value, f"People are turned by {turned:.0f}° (standard deviation) in the picture.")
        )
    if not skeleton.flip_pairs:
        choices.append(Choice("aug_mirror", "auto", "No left and right joints are known: frames are not mirrored."))
    return choices


def _cache_bytes(facts, area, flowing):
    count = facts.num_near if flowing else facts.num_frames
    return count * area * 3 * 2  # stored frames are a little larger than the input


def _to_grid(side):
    return max(_GRID_PX, _GRID_PX * math.floor(side / _GRID_PX + 0.5))
