"""Proposals for the labels of the example configurations are those configurations, or close to them."""

import math

import pytest

from keras_pose.inspection import proposal
from keras_pose.inspection.flagfile import build_config
from keras_pose.inspection.held_out import HeldOut
from keras_pose.inspection.machine import Machine
from keras_pose.options import flags_of, values
from keras_pose.runs.config import TrainConfig
from keras_pose.skeleton import Skeleton
from tests import conftest
from tests.helpers.inspected import LAPTOP, OPENFIELD, make_facts

PAIRED = Skeleton("lips", ("leftLip", "rightLip"), (("leftLip", "rightLip"),))


def propose(facts, num_frames, machine=LAPTOP, minutes=8.0, skeleton=PAIRED):
    held_out = HeldOut("test_fraction", "0.1", "A tenth.", num_frames)
    choices = proposal.propose(facts, machine, skeleton, held_out, minutes)
    assert all(choice.reason.endswith(".") for choice in choices)
    return values(build_config("none", {}, choices))


def read_example(name):
    """The values of a flagfile in configs/, with defaults for the others."""
    kinds = {flag.name: flag.kind for flag in flags_of(TrainConfig)}
    found = {}
    for line in (conftest.ROOT / "configs" / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("--"):
            flag, _, text = line[2:].partition("=")
            found[flag] = text == "true" if kinds[flag] is bool else kinds[flag](text)
    return values(TrainConfig.from_flags(**found))


def test_the_lips_get_the_flags_of_the_example():
    proposed = propose(make_facts(), 147)
    example = read_example("lips_flowing.flags")
    ignored = {"run_dir", "data", "test_clips", "test_fraction"}
    assert {n: v for n, v in proposed.items() if n not in ignored} == {
        n: v for n, v in example.items() if n not in ignored
    }


def test_separate_images_of_lips_get_the_flags_of_the_net_for_single_frames():
    proposed = propose(make_facts(num_with_video=0), 147)
    example = read_example("lips.flags")
    for name in ("model", "input_size", "sigma_px", "batch_size", "steps", "validate_every", "aug_scale", "aug_color"):
        assert proposed[name] == example[name], name


def test_the_mouse_gets_about_the_flags_of_the_example():
    proposed = propose(make_facts(OPENFIELD), 104)
    example = read_example("openfield.flags")
    for name in ("model", "input_size", "sigma_px", "batch_size", "aug_rotation", "aug_color"):
        assert proposed[name] == example[name], name
    assert 1200 <= proposed["steps"] <= 1600


def test_thousands_of_small_frames_get_about_the_flags_of_the_quickstart():
    changes = {"num_sessions": 1500, "num_frames": 6000, "num_with_video": 0, "sizes_hw": {(128, 128): 6000}}
    proposed = propose(make_facts(person_px=(43, 62, 87), size_spread=0.2, alignment=0.99, **changes), 6000)
    example = read_example("quickstart.flags")
    # Not the batch size: the quickstart is in more of a hurry.
    for name in ("model", "input_size", "sigma_px", "steps", "aug_color", "aug_rotation"):
        assert proposed[name] == example[name], name


@pytest.mark.parametrize(
    ("size_hw", "person_px", "expected"),
    [
        ((1080, 1920), 400, (160, 288)),  # 64 px long in the input
        ((1080, 1920), 150, (352, 640)),  # no longer than 640 px
        ((1920, 1080), 250, (512, 288)),
        ((90, 120), 60, (96, 128)),  # never much larger than the frame
        ((480, 640), math.nan, (480, 640)),
        ((24, 30), 9, (32, 32)),
    ],
)
def test_the_input_follows_the_size_of_the_person(size_hw, person_px, expected):
    facts = make_facts(sizes_hw={size_hw: 5}, person_px=(1, person_px, 2))
    found, reason = proposal.choose_input(facts)
    assert found == expected
    assert f"the frame of {size_hw[0]}×{size_hw[1]} px" in reason


def test_little_memory_makes_small_steps():
    small = Machine(2, 100_000_000)
    assert proposal.choose_batch(160 * 224, 500, small)[0] == 1
    batch, reason = proposal.choose_batch(160 * 224, 500, Machine(2, 800_000_000))
    assert batch == 2
    assert reason == "More would not fit into 0.8 GB."
    assert (
        propose(make_facts(num_frames=100_000, num_with_video=0), 90_000, Machine(2, 4_000_000_000))["cache"] is False
    )


def test_few_frames_make_small_batches():
    assert proposal.choose_batch(64 * 64, 9, LAPTOP)[0] == 4
    assert proposal.choose_batch(64 * 64, 1, LAPTOP)[0] == 2


def test_fewer_minutes_make_fewer_steps_and_gpus_more():
    some, reason = proposal.choose_steps(160 * 224, 16, 132, LAPTOP, 2, 50)
    assert some < 2400
    assert "as much as 2 minutes allow" in reason
    gpu = Machine(8, 10**11, ("H100",))
    assert propose(make_facts(OPENFIELD), 104, gpu)["batch_size"] == 32
    assert (
        proposal.choose_steps(288 * 384, 8, 94, gpu, 8, 50)[0]
        > proposal.choose_steps(288 * 384, 8, 94, LAPTOP, 8, 50)[0]
    )


@pytest.mark.parametrize("minutes", [0.1, 1, 60])
@pytest.mark.parametrize("frames", [2, 30, 700, 50_000])
@pytest.mark.parametrize("videos", [False, True])
def test_every_proposal_is_a_configuration(minutes, frames, videos):
    facts = make_facts(num_frames=frames, num_with_video=frames if videos else 0)
    propose(facts, frames, minutes=minutes, skeleton=Skeleton("none", ("a", "b")))
