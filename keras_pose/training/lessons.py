"""Unlabelled video as a teacher (`--unlabelled`): what a net learns from unlabelled frames between two validations.

From the end of the warm-up on, after each validation, the averaged weights find the joints of all unlabelled frames by
the windows around them (`window_teacher`). Joints of which the posterior is sure become labels, until the next
validation: a source of data of its own, with a share of the draws, whose weight is `--unlabelled_weight` times the
confidence. So the unsupervised loss of a frame is

    weight / J · sum over sure joints of confidence · mean over pixels of (map − Gaussian at the window's joint)²,

`losses.HeatmapL2` as for labels, and everything else (augmentation, precision, devices) is as for labels. A lesson is
a function of the checkpoint, so a run that is resumed gives the same one.

Maps that are the same everywhere or on all frames agree, too. What keeps a net from that: labels are in every step,
the warm-up comes first, only confident places teach, and validation uses labelled frames. What shows it:
each lesson says how many joints teach, and warns if taught positions hardly differ from frame to frame.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from keras_pose.data import several_sources
from keras_pose.data.clip import UNLABELLED, VISIBLE, Clip
from keras_pose.data.samples import Samples
from keras_pose.flow import estimators
from keras_pose.models.pose_net import PoseNet
from keras_pose.runs.config import TrainConfig
from keras_pose.runs.unlabelled_flags import UnlabelledConfig
from keras_pose.training import losses, unlabelled_sources
from keras_pose.training.window_teacher import WindowTeacher

LOSS = "unlabelled_loss"
TAUGHT = "unlabelled_taught"
FEW_TAUGHT = 0.02  # of all joints of the unlabelled frames
SMALL_SPREAD = 0.1  # of the spread of the labels
_FEWEST_FRAMES = 10  # to tell a spread


@dataclasses.dataclass(frozen=True)
class Lesson:
    """What unlabelled frames teach until the next validation.

    Args:
      samples: labelled and unlabelled frames to train on.
      loss: the unsupervised loss on the frames as they are, before `--unlabelled_weight`.
      taught: share of the joints of all unlabelled frames that teach.
      lines: text for the user.
    """

    samples: Samples
    loss: float
    taught: float
    lines: tuple[str, ...]


class Lessons:
    """Makes the lessons of a training.

    Args:
      net: the net that learns.
      config: configuration of its run.
      clips: its unlabelled frames (`unlabelled_clips.open_frames`).
      train: its training clips.
      samples: the samples of these.
      joints: names of the joints.
    """

    def __init__(
        self,
        net: PoseNet,
        config: TrainConfig,
        clips: Sequence[Clip],
        train: Sequence[Clip],
        samples: Samples,
        joints: Sequence[str],
    ) -> None:
        self._net = net
        self._joints = list(joints)
        self._config = config
        self._clips = list(clips)
        self._train = list(train)
        self._samples = samples
        estimate_flow = estimators.open_estimator(config.flow_estimator)
        size_hw = config.model.input_size_hw
        self._windows = Samples(self._clips, size_hw, config.window.offsets, config.data.cache, 1.0, estimate_flow)
        self._teacher = WindowTeacher(net, self._windows, config.loss.sigma_px)

    def plan_rounds(self, first: int, last: int) -> list[tuple[int, int]]:
        """Returns the steps (done before, done after) of the parts of a training between which lessons change.

        Args:
          first: steps that are done.
          last: steps that are done at the end.
        """
        every = self._config.optimisation.validate_every
        starts = [step for step in range(first, last, every) if step == first or self.counts(step)]
        return list(zip(starts, [*starts[1:], last]))

    def counts(self, step: int) -> bool:
        """Whether unlabelled frames teach after so many steps."""
        return step >= self._config.unlabelled.warmup_steps

    def make(self) -> Lesson:
        """Makes a lesson with the weights that the net has.

        Raises:
          ValueError: if a frame cannot be read; the message names its file.
        """
        flags = self._config.unlabelled
        points, confidence, maps = self._teacher.find_joints()
        sure = confidence >= flags.min_confidence
        targets = np.concatenate([points, (confidence * sure)[..., None]], -1)
        loss = losses.HeatmapL2(self._net.heatmap_stride(), self._config.loss.sigma_px)
        value = float(loss(tf.constant(targets), tf.constant(maps)))
        clips = self._label(points, confidence, sure)
        taught = float(sure.mean())
        frames = sum(clip.num_labelled for clip in clips)
        away = self._distances(points, maps)[sure]
        apart = f", {away.mean():.1f} px of the frame from what the frame alone says" if away.size else ""
        lines = [
            f"unlabelled loss {value:.5f}: {frames} of {len(sure)} unlabelled frames teach {100 * taught:.0f} % of all "
            f"their joints{apart}",
            *self._warn(taught, clips),
        ]
        samples = self._samples.with_clips([*self._train, *clips], self._shares(clips))
        return Lesson(samples, value, taught, tuple(lines))

    def _label(self, points, confidence, sure):
        """Returns the clips of the frames that have sure joints, with these as labels."""
        clips = []
        start = 0
        for clip in self._clips:
            rows = slice(start, start + clip.num_labelled)
            start += clip.num_labelled
            places = self._windows.crop(clip).to_frame(points[rows])
            known = sure[rows] & _inside(places, clip.frames.size_hw)
            labelled = dataclasses.replace(
                clip,
                joints=np.where(known[..., None], places, np.nan),
                visibility=np.where(known, VISIBLE, UNLABELLED),
                weights=np.where(known, self._config.unlabelled.weight * confidence[rows], 1.0),
            )
            if known.any():
                clips.append(labelled.select(known.any(-1)))
        return clips

    def _distances(self, points, maps):
        """Returns float [N, J], px of the frame between the joints and the peaks of the frames' own maps."""
        own, _ = self._net.decode(tf.constant(maps))
        scales = self._windows.frame_scales(range(len(points)))
        return np.linalg.norm(own.numpy() - points, axis=-1) * scales[:, None]

    def _shares(self, clips):
        """How often each source is drawn."""
        return share_draws(several_sources.draw_shares(self._train, self._config.data), clips, self._config.unlabelled)

    def _warn(self, taught, clips):
        if taught < FEW_TAUGHT:
            return [
                f"warning: only {100 * taught:.1f} % of the joints of unlabelled frames reach "
                f"--unlabelled_confidence={self._config.unlabelled.min_confidence:g}; the rest teaches nothing"
            ]
        still = find_still(_positions(clips), _positions(self._train))
        if not still:
            return []
        names = ", ".join(self._joints[joint] for joint in still)
        return [
            f"warning: taught positions of {names} hardly differ from frame to frame, less than {SMALL_SPREAD:g} of "
            "what labels do: the maps may have collapsed to one place. Train with labels for longer "
            "(--unlabelled_warmup), or with a lower --unlabelled_weight"
        ]


def share_draws(
    shares: dict[str, float] | None, clips: Sequence[Clip], flags: UnlabelledConfig
) -> dict[str, float] | None:
    """Returns how often each source is drawn, as `Samples` takes it, with unlabelled frames as one more source.

    Args:
      shares: those of the sources with labels; None for a single one.
      clips: the unlabelled clips; empty: nothing changes.
      flags: the share of unlabelled frames.
    """
    if not clips:
        return shares
    labelled = {name: share * (1.0 - flags.share) for name, share in (shares or {"": 1.0}).items()}
    return {**labelled, unlabelled_sources.NAME: flags.share}


def find_still(taught: np.ndarray, labels: np.ndarray) -> list[int]:
    """Finds joints whose taught positions hardly differ from frame to frame, though labels do.

    Args:
      taught, labels: float [N, J, 2] in fractions of the frame, NaN for joints that are not known.

    Returns:
      Positions of the joints whose spread (root mean square distance from their mean) is less than `SMALL_SPREAD` of
      that of the labels; only joints with enough of both are looked at.
    """
    found = []
    for joint in range(labels.shape[1]):
        spreads = []
        for places in (taught[:, joint], labels[:, joint]):
            known = places[~np.isnan(places).any(-1)]
            enough = len(known) >= _FEWEST_FRAMES
            spreads.append(float(np.sqrt(known.var(axis=0).sum())) if enough else np.nan)
        if spreads[0] < SMALL_SPREAD * spreads[1]:  # false for NaN
            found.append(joint)
    return found


def _positions(clips):
    """Returns float [N, J, 2], the joints of clips in fractions of their frames."""
    return np.concatenate([clip.joints / np.array(clip.frames.size_hw[::-1]) for clip in clips])


def _inside(places, size_hw):
    """Whether float [..., 2] px lie inside a frame, bool [...]."""
    return ((places >= -0.5) & (places <= np.array(size_hw[::-1]) - 0.5)).all(-1)
