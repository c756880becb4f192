"""The paper's figure that flow makes a frame ten times slower (5 frames/s instead of 50), measured on streams."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks import streaming
from benchmarks.claim_checks.findings import ABOVE, Finding
from benchmarks.claim_checks.study import Study
from benchmarks.common.timing import Timings
from benchmarks.streaming import SINGLE, Case, Sizes
from benchmarks.video import streaming_stages
from keras_pose.evaluation import bootstrap
from keras_pose.models import factory

PAPERS_FACTOR = 10.0


def find_factor(study: Study) -> Iterator[Finding]:
    """Yields a frame's time with flow and pooling (n = 5) divided by its time without, by preset."""
    form = study.form
    frames = streaming_stages.make_frames()
    sizes = Sizes(form.time_turns, form.time_block)
    presets = {"lite": sizes, **({"paper": Sizes(10, 2)} if form.times_paper else {})}
    for preset, of_preset in presets.items():
        study.echo(f"timing {preset}: {of_preset.repeats} turns of {of_preset.block} frames")
        net = factory.build_model("heatmap", preset, streaming.JOINTS, streaming.SIZE_HW)
        predictors = streaming.make_predictors(net, {"n=5": Case(5)})
        yield compare_times(preset, streaming.time_blocks(predictors, frames, of_preset))


def compare_times(preset: str, timings: Timings, seed: int = 0) -> Finding:
    """Returns the finding of one preset: the median of the ratios of the turns, which are resampled.

    Args:
      preset: name of the preset.
      timings: seconds of a frame, of SINGLE and "n=5".
      seed: of the resampling.
    """
    ratios = timings.samples["n=5"] / timings.samples[SINGLE]
    drawn = np.random.default_rng(seed).integers(len(ratios), size=(bootstrap.RESAMPLES, len(ratios)))
    low, high = np.percentile(np.median(ratios[drawn], axis=1), (2.5, 97.5))
    milliseconds = {name: 1e3 * np.median(samples) for name, samples in timings.samples.items()}
    return Finding(
        10,
        "time of a frame with flow, n = 5 / without",
        f"{preset}, 256 px",
        float(np.median(ratios)),
        float(low),
        float(high),
        "times",
        ABOVE,
        PAPERS_FACTOR,
        f"{len(ratios)} turns",
        f"{milliseconds[SINGLE]:.1f} ms without, {milliseconds['n=5']:.1f} ms with",
    )
