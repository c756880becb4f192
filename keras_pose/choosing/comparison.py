"""Which candidate wins: paired differences from the single frame, bootstrapped over groups.

The figure of a candidate is the area under its accuracy up to 10 % of the input's longer side: the mean of
1 − error / (0.1 · side), not below 0, over all labelled joints. It has no threshold, and gross errors count alike.

With many candidates, one of them is above the single frame by chance. So a candidate wins only if its lower limit is
above zero for all candidates at once: the limit is difference − q · standard error, where q is the 97.5th percentile,
over the resamples, of the largest studentised deviation among the candidates (Westfall and Young 1993, single step).
Among the winners, those within one standard error of the best (Breiman et al. 1984), by their paired difference, count
as equally good, and the cheapest of them is chosen.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from keras_pose.data.clip import Clip
from keras_pose.evaluation import bootstrap
from keras_pose.evaluation.measures import Measures, build_measures, pooled_means
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.skeleton import Skeleton

MEASURE = "area under the accuracy up to 10 % of the input's longer side"
AUC_FRACTION = 0.1
PCK_FRACTION = 0.05
SINGLE = "single frame"
_RESAMPLES = 2000


@dataclasses.dataclass(frozen=True)
class Verdict:
    """How a candidate compares with the single frame.

    Args:
      figure: area under the accuracy, 0 to 1.
      accuracy: share of joints within 5 % of the input's longer side.
      difference: of the figure from that of the single frame.
      interval: 95 % interval of the difference, for this candidate alone.
      lower_limit: lower limit of the difference for all candidates at once.
      standard_error: of the difference.
    """

    figure: float
    accuracy: float
    difference: float
    interval: tuple[float, float]
    lower_limit: float
    standard_error: float

    @property
    def wins(self) -> bool:
        """Whether the candidate is better than the single frame."""
        return self.lower_limit > 0

    @property
    def loses(self) -> bool:
        """Whether the candidate is worse than the single frame, by its own interval."""
        return self.interval[1] < 0


class Comparison:
    """Compares predictions of several candidates on the same frames.

    Args:
      clips: clips with N labelled frames in all.
      targets: float32 [N, J, 3], (x, y, weight) in input px, in the order of the clips.
      skeleton: the joints.
      input_size_hw: (height, width) of the input in px.
      predicted: {name of a candidate: float32 [N, J, 2], (x, y) in input px}; `SINGLE` must be among them.
    """

    def __init__(
        self,
        clips: Sequence[Clip],
        targets: np.ndarray,
        skeleton: Skeleton,
        input_size_hw: tuple[int, int],
        predicted: Mapping[str, np.ndarray],
    ) -> None:
        measures = {
            name: _measure(clips, targets, joints, skeleton, input_size_hw) for name, joints in predicted.items()
        }
        # All are drawn alike, in the longest blocks if there are too few groups to draw.
        length = max(m.block_frames for m in measures.values())
        measures = {name: dataclasses.replace(m, block_frames=length) for name, m in measures.items()}
        self._names = list(measures)
        ones = np.ones((1, measures[SINGLE].num_rows))
        points = [pooled_means(*m.weighted(ones))[0] for m in measures.values()]
        auc = measures[SINGLE].keys.index("auc")
        pck = next(i for i, key in enumerate(measures[SINGLE].keys) if key.startswith("pck/"))
        self._figures = np.array([point[auc] for point in points])
        self._accuracies = np.array([point[pck] for point in points])
        # The same seed draws the same groups for each candidate.
        self._draws = np.stack([_draw(m, auc) for m in measures.values()], axis=1)  # [R, C]

    def verdicts(self) -> dict[str, Verdict]:
        """Returns how each candidate but the single frame compares with it."""
        names = [name for name in self._names if name != SINGLE]
        if not names:
            return {}
        single = self._names.index(SINGLE)
        places = [self._names.index(name) for name in names]
        points = self._figures[places] - self._figures[single]
        draws = self._draws[:, places] - self._draws[:, single, None]
        errors = draws.std(axis=0)
        deviations = np.divide(draws - points, errors, out=np.zeros_like(draws), where=errors > 0)
        quantile = max(float(np.percentile(deviations.max(axis=1), 97.5)), 0.0)
        low, high = np.percentile(draws, [2.5, 97.5], axis=0)
        return {
            name: Verdict(
                float(self._figures[place]),
                float(self._accuracies[place]),
                float(points[i]),
                (float(low[i]), float(high[i])),
                float(points[i] - quantile * errors[i]),
                float(errors[i]),
            )
            for i, (name, place) in enumerate(zip(names, places))
        }

    def single(self) -> dict[str, float]:
        """Returns figure and accuracy of the single frame."""
        place = self._names.index(SINGLE)
        return {"figure": float(self._figures[place]), "accuracy": float(self._accuracies[place])}

    def difference(self, a: str, b: str) -> tuple[float, float, tuple[float, float]]:
        """Returns the difference of two candidates' figures, a − b, its standard error and its 95 % interval."""
        places = self._names.index(a), self._names.index(b)
        draws = self._draws[:, places[0]] - self._draws[:, places[1]]
        low, high = np.percentile(draws, [2.5, 97.5])
        point = float(self._figures[places[0]] - self._figures[places[1]])
        return point, float(draws.std()), (float(low), float(high))

    def choose(self, costs: Mapping[str, float]) -> tuple[str, list[str]]:
        """Chooses a candidate.

        Args:
          costs: the cost of each candidate.

        Returns:
          Its name, or `SINGLE`; and the names of all that count as equally good.
        """
        verdicts = self.verdicts()
        winners = [name for name, verdict in verdicts.items() if verdict.wins]
        if not winners:
            return SINGLE, []
        best = max(winners, key=lambda name: verdicts[name].difference)
        alike = [name for name in winners if self._is_alike(best, name)]
        return min(alike, key=lambda name: (costs[name], -verdicts[name].difference, name)), alike

    def _is_alike(self, best, name):
        difference, error, _ = self.difference(best, name)
        return difference <= error


def _measure(clips, targets, joints, skeleton, input_size_hw) -> Measures:
    side_px = max(input_size_hw)
    predictions = []
    start = 0
    for number, clip in enumerate(clips):
        rows = slice(start, start + clip.num_labelled)
        start += clip.num_labelled
        # A clip may be there twice, once for each net; weights of 0 are joints without a label.
        visibility = np.where(targets[rows, :, 2] > 0, clip.visibility, 0)
        truth = np.where(visibility[..., None] > 0, targets[rows, :, :2], np.nan)
        predictions.append(
            ClipPredictions(
                f"{number}:{clip.name}",
                clip.labelled,
                joints[rows],
                np.full(visibility.shape, np.nan),
                truth,
                visibility,
                size_hw=input_size_hw,
                session=clip.session,
                group=clip.group,
            )
        )
    return build_measures(
        predictions,
        skeleton,
        pck_reference="frame",
        pck_fractions=(PCK_FRACTION,),
        auc_max_px=AUC_FRACTION * side_px,
    )


def _draw(measures, column):
    chunks = bootstrap.resampled(measures, _RESAMPLES, seed=0)
    return np.concatenate([pooled_means(*chunk)[:, column] for chunk in chunks])
