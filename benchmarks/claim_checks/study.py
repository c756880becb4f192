"""What every experiment works with: data, nets and sizes; and comparisons of nets by their accuracy."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterator, Mapping, Sequence

from benchmarks.claim_checks import contrasts, findings
from benchmarks.claim_checks.data_sets import DataSet
from benchmarks.claim_checks.findings import ABOVE, Finding
from benchmarks.claim_checks.forms import Form
from benchmarks.claim_checks.given import Given
from benchmarks.claim_checks.nets import Nets
from benchmarks.common import trainings
from keras_pose.evaluation import bootstrap
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.skeleton import Skeleton


@dataclasses.dataclass(frozen=True)
class Study:
    """Data, nets and sizes.

    Args:
      data_sets: the data that is there, by name.
      nets: the nets.
      form: sizes.
      out: folder of everything.
      given: runs that were trained by other commands, to look at too.
      echo: function that shows a line of text.
    """

    data_sets: Mapping[str, DataSet]
    nets: Nets
    form: Form
    out: str
    given: Sequence[Given] = ()
    echo: Callable[[str], None] = print

    def folder(self, *parts: str) -> str:
        """Returns the path of a folder for an experiment."""
        return os.path.join(self.out, *parts)


@dataclasses.dataclass(frozen=True)
class Claim:
    """A claim of the slides.

    Args:
      statement: what the slides say.
      find: function of a study that yields what is found about it.
    """

    statement: str
    find: Callable[[Study], Iterator[Finding]]


def compare(
    claim: int,
    what: str,
    data: DataSet,
    skeleton: Skeleton,
    predicted: Mapping[str, Sequence[Sequence[ClipPredictions]]],
    weights: Mapping[str, float],
    side: str = ABOVE,
    name: str = "",
) -> Finding:
    """Compares accuracies on the same frames.

    Args:
      claim: number of the claim.
      what: what the weighted sum is, in words.
      data: the data that was predicted.
      skeleton: its joints.
      predicted: predictions of each seed, by name of the net.
      weights: weight of each accuracy in the sum, by name of the net.
      side: side of zero that the claim names.
      name: name of the data in the finding; by default that of `data`.
    """
    joints = trainings.find_joints(skeleton, data.joints) if data.joints else None
    first = predicted[next(iter(predicted))][0]
    columns = {
        net: [contrasts.count_right(in_order(clips, first), joints, data.fraction) for clips in seeds]
        for net, seeds in predicted.items()
    }
    found = contrasts.contrast(first, columns, weights)
    note = ", ".join(f"{net} {mean(first, columns, net):.3f}" for net in columns)
    return findings.in_points(claim, what, name or data.name, found, side, note)


def mean(clips: Sequence[ClipPredictions], columns: Mapping[str, Sequence[contrasts.Column]], name: str) -> float:
    """Returns the mean of a column over all seeds."""
    return contrasts.contrast(clips, {name: columns[name]}, {name: 1.0}, 1000).value


def in_order(clips: Sequence[ClipPredictions], like: Sequence[ClipPredictions]) -> list[ClipPredictions]:
    """Returns the predictions in the order of the clips of others.

    Raises:
      ValueError: if they are not of the same clips, frames and labels.
    """
    bootstrap.check_paired(like, clips)
    by_name = {clip.name: clip for clip in clips}
    return [by_name[clip.name] for clip in like]
