"""From flags to clips: opens the data of a run, validates its labels and splits it into three sets."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

from keras_pose.data import authors_split, fewer_labels, joint_choice, mirroring, splits, validation
from keras_pose.data.clip import Clip
from keras_pose.data.config import DataConfig
from keras_pose.data.open_source import open_source
from keras_pose.data.pictures.check import inspect_pictures
from keras_pose.data.pictures.orientation import decide_orientation
from keras_pose.data.pictures.sizes import split_sizes
from keras_pose.data.pictures.value_range import set_ranges
from keras_pose.data.source import Source
from keras_pose.skeleton import Skeleton


@dataclasses.dataclass(frozen=True)
class DataSplit:
    """The clips of a run.

    Args:
      train: clips to train on.
      validation: clips to choose the best weights on.
      test: clips to score at the end; may be empty.
    """

    train: list[Clip]
    validation: list[Clip]
    test: list[Clip]

    def to_dict(self) -> dict[str, dict[str, list[int]]]:
        """Returns {set: {session: positions of its labelled frames}}, ready for JSON."""
        return {field.name: _positions(getattr(self, field.name)) for field in dataclasses.fields(self)}


def _positions(clips):
    """Returns {session: positions of the labelled frames of its clips, rising}."""
    found: dict[str, list[int]] = {}
    for clip in clips:
        found.setdefault(clip.session, []).extend(clip.labelled.tolist())
    return {session: sorted(positions) for session, positions in found.items()}


def open_data(spec: str, config: DataConfig, joints: Sequence[str] = ()) -> Source:
    """Opens a source with the options of a run, looks at its pictures, validates its labels and sets its flip pairs.

    Args:
      spec: a source, as `--data`.
      config: how to read it.
      joints: names of the joints of a run, to read in their order whatever `config.joints` says; the source must have
        all of them, unless a run of this configuration may lack some. Empty: `config.joints` says which.

    Returns:
      The source with valid labels only; `skipped` tells which labels were left out. Its pictures are read as their
      labels see them (orientation), with the range of their cameras, and a folder of pictures of several sizes is a
      session of several clips.

    Raises:
      ValueError: for a source that cannot be read, invalid labels, or pictures of which it is not known how their
        labels see them.
    """
    source = open_source(
        spec,
        num_clips=config.signer_clips,
        num_frames=config.signer_frames,
        size_hw=(config.signer_size, config.signer_size),
        label_every=config.signer_label_every,
        label_scale=config.label_scale,
        image_dir=config.image_dir,
        category=config.category,
        exif_orientation=config.exif_orientation,
        scorer=config.scorer,
        individual=config.individual,
        split=authors_split.parse(config.split),
        outside=config.outside,
    )
    follows_authors = authors_split.parse(config.split) is not None
    source = fewer_labels.keep_every(source, config.every_label, whole_tests=follows_authors)
    parts = authors_split.describe(source.clips)
    if parts and not (follows_authors or config.test_clips or config.test_source):
        note = f"the authors of {spec} divided its clips ({parts}): --split=authors follows them"
        source = dataclasses.replace(source, notes=(*source.notes, note))
    facts = inspect_pictures(source.clips)
    source = decide_orientation(source, facts, config.exif_orientation)
    source = split_sizes(set_ranges(source, facts), facts)
    names = joints or joint_choice.parse_joints(config.joints, source.skeleton.joints)
    source = joint_choice.choose_joints(source, names, may_lack=not joints or config.joints != joint_choice.ALL)
    source = validation.validate(source, config.on_bad_label, config.outside, facts)
    pairs = mirroring.parse_flip_pairs(config.flip_pairs, source.skeleton)
    return dataclasses.replace(source, skeleton=dataclasses.replace(source.skeleton, flip_pairs=pairs))


def split_data(
    source: Source, config: DataConfig, see_test_source: Callable[[Source], None] | None = None
) -> DataSplit:
    """Splits a source into training, validation and test clips.

    Args:
      source: the source.
      config: what to hold out.
      see_test_source: function that is called with the source of `--test_data`, to show what was left out of it.

    Raises:
      ValueError: for unknown clip names, or if nothing is left to train on.
    """
    validation_clips: list[Clip] = []
    if authors_split.parse(config.split) is None:
        clips, test = _hold_out_test(source, config, see_test_source)
    else:
        clips, validation_clips, test = authors_split.divide(source.clips, config.source)
        if config.test_source:
            test = authors_split.keep_tests(_hold_out_test(source, config, see_test_source)[1])
    if not clips:
        raise ValueError(f"--data={config.source}: no clip is left to train on; all are held out")
    if sum(clip.num_labelled for clip in clips) < 2:
        raise ValueError(
            f"--data={config.source}: expected at least 2 labelled frames besides the test set, one to train on and "
            "one to validate, received 1"
        )
    if validation_clips:
        return DataSplit(clips, validation_clips, test)
    # Validation comes from the training clips, never from the test set.
    train, validation_clips = splits.cut_validation(clips, config.validation_fraction, config.split_seed)
    return DataSplit(train, validation_clips, test)


def _hold_out_test(source, config, see_test_source):
    """Returns (other clips, test clips)."""
    clips = list(source.clips)
    if config.test_clips:
        test = splits.select_clips(clips, splits.read_clip_names(config.test_clips))
        held_out = {clip.session for clip in test}
        return [clip for clip in clips if clip.session not in held_out], test
    if config.test_fraction:
        return splits.split_frames(clips, config.test_fraction, config.split_seed)
    if not config.test_source:
        return clips, []
    try:
        other = open_data(config.test_source, config, source.skeleton.joints)
    except joint_choice.LackingJointsError as error:
        raise ValueError(f"--test_data: expected the joints of --data: {error}") from error
    if see_test_source is not None:
        see_test_source(other)
    return clips, list(other.clips)


def note_unlabelled_joints(clips: list[Clip], data_skeleton: Skeleton, echo: Callable[[str], None]) -> None:
    """Shows which joints have no label in any frame of the clips: a net learns nothing about them."""
    for joint, name in enumerate(data_skeleton.joints):
        if not any((clip.visibility[:, joint] > 0).any() for clip in clips):
            echo(f"note: no training frame has a label of {name}; predictions of it will be meaningless")
