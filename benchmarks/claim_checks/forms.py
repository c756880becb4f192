"""How much is trained and measured: the form of the command. Nothing else differs between the forms."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Form:
    """Sizes of all experiments.

    Args:
      name: name of the form.
      steps: training steps of each net.
      batch_size: frames of a step.
      seeds: trainings of each net, with the seeds 0, 1, …
      signer_side: side of the signers' frames and of the input, px.
      signer_clips: training clips of signers, of two labelled frames each.
      few_signer_clips: those of the nets that learn from few.
      signer_tests: test clips of signers.
      film_input, lips_input: input for JHMDB and the lips, "height,width" in px.
      film_stride: interval of the labelled frames of JHMDB that are used.
      most_clips: clips of JHMDB, the first of the list; 0: all.
      pooling_clips: clips of signers that poolings are fitted on.
      pooling_tests: clips of signers that poolings are scored on.
      near, middle, far: neighbours on each side of the windows that are compared.
      fit_steps: steps of each fit of a pooling.
      time_turns: turns of each timed stream; time_block: frames of a turn.
      times_paper: whether the published net is timed too.
    """

    name: str
    steps: int
    batch_size: int
    seeds: int
    signer_side: int
    signer_clips: int
    few_signer_clips: int
    signer_tests: int
    film_input: str
    lips_input: str
    film_stride: int
    most_clips: int
    pooling_clips: int
    pooling_tests: int
    near: int
    middle: int
    far: int
    fit_steps: int
    time_turns: int
    time_block: int
    times_paper: bool


NORMAL = Form(
    name="normal",
    steps=600,
    batch_size=16,
    seeds=1,
    signer_side=96,
    signer_clips=300,
    few_signer_clips=50,
    signer_tests=120,
    film_input="96,128",
    lips_input="96,128",
    film_stride=3,
    most_clips=0,
    pooling_clips=60,
    pooling_tests=80,
    near=1,
    middle=5,
    far=10,
    fit_steps=100,
    time_turns=12,
    time_block=6,
    times_paper=True,
)
# For a GPU: longer trainings, larger inputs, more seeds.
FULL = dataclasses.replace(
    NORMAL,
    name="full",
    steps=6000,
    batch_size=32,
    seeds=3,
    signer_side=128,
    signer_clips=3000,
    few_signer_clips=200,
    signer_tests=300,
    film_input="192,256",
    lips_input="192,256",
    film_stride=2,
    pooling_clips=200,
    pooling_tests=200,
    far=14,
    fit_steps=200,
    time_turns=40,
    time_block=30,
)
# Seconds, to see that everything runs: its figures mean nothing.
SMOKE = dataclasses.replace(
    NORMAL,
    name="smoke",
    steps=4,
    batch_size=2,
    signer_side=32,
    signer_clips=8,
    few_signer_clips=4,
    signer_tests=6,
    film_input="32",
    lips_input="32",
    film_stride=30,
    most_clips=8,
    pooling_clips=3,
    pooling_tests=6,
    middle=2,
    far=3,
    fit_steps=2,
    time_turns=2,
    time_block=2,
    times_paper=False,
)
