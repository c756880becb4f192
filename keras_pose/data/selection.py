"""From flags to clips: opens the data of a run, validates its labels and splits it into three sets."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

from keras_pose.data import (
    authors_split,
    fewer_labels,
    groups,
    joint_choice,
    mirroring,
    several_sources,
    splits,
    validation,
)
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
      validation: clips to validate on.
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
      spec: a source, or several with commas between them, as `--data`.
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
    specs = several_sources.split_specs(spec)
    weights = several_sources.parse_weights(config.source_weights if spec == config.source else "", len(specs))
    may_lack = not joints or config.joints != joint_choice.ALL or len(several_sources.split_specs(config.source)) > 1
    sources: list[Source] = []
    for each in specs:
        names = joints or (sources[0].skeleton.joints if sources else ())
        sources.append(_open_one(each, config, names, may_lack))
    source = sources[0] if len(sources) == 1 else several_sources.combine(sources, specs, weights)
    if len(sources) == 1 and weights != [1.0]:
        source = dataclasses.replace(
            source,
            clips=[dataclasses.replace(clip, weights=clip.weights * weights[0]) for clip in source.clips],
        )
    clips, notes = groups.regroup(source.clips, config.group_by, must_fit=spec == config.source)
    source = dataclasses.replace(source, clips=clips, notes=(*source.notes, *notes))
    pairs = mirroring.parse_flip_pairs(config.flip_pairs, source.skeleton)
    return dataclasses.replace(source, skeleton=dataclasses.replace(source.skeleton, flip_pairs=pairs))


def _open_one(spec, config, joints, may_lack):
    """Opens one source with these joints; empty: those of `config.joints`."""
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
        person_crop=config.person_crop,
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
    source = joint_choice.choose_joints(source, names, may_lack)
    return validation.validate(source, config.on_bad_label, config.outside, facts)


def split_data(
    source: Source,
    config: DataConfig,
    see_test_source: Callable[[Source], None] | None = None,
    tell: Callable[[str], None] | None = None,
) -> DataSplit:
    """Splits a source into training, validation and test clips.

    Of several sources, validation frames (and those of `--test_fraction`) come from the first one only. Training clips
    that share a group with test clips are left out, and so are clips of other sources that share one with the
    validation.

    Args:
      source: the source.
      config: what to hold out.
      see_test_source: function that is called with the source of `--test_data`, to show what was left out of it.
      tell: function that is called with each line of text about the split.

    Raises:
      ValueError: for unknown clip names, or if nothing is left to train on.
    """
    tell = tell or _ignore
    first = source.clips[0].source
    by_authors = authors_split.parse(config.split) is not None
    validation_clips: list[Clip] = []
    if by_authors:
        clips, validation_clips, test = authors_split.divide(source.clips, config.source)
        if config.test_source:
            test = authors_split.keep_tests(_hold_out_test(source, config, see_test_source)[1])
    else:
        clips, test = _hold_out_test(source, config, see_test_source)
        clips = groups.leave_out_shared(clips, test, "test", tell, only_named=not config.test_fraction)
    others = [clip for clip in clips if clip.source != first]
    own = [clip for clip in clips if clip.source == first]
    if by_authors:
        others = groups.leave_out_shared(others, test, "test", tell)
    if not own:
        of_first = f" of {first}" if first else ""
        raise ValueError(f"--data={config.source}: no clip{of_first} is left to train on; all are held out")
    # Validation comes from the training clips, never from the test set.
    train = own
    if not validation_clips:
        _check_enough(own, config)
        train, validation_clips = splits.cut_validation(own, config.validation_fraction, config.split_seed)
    others = groups.leave_out_shared(others, validation_clips, "validation", tell)
    split = DataSplit([*train, *others], validation_clips, test)
    _describe_groups(split, tell)
    return split


def _ignore(line):
    pass


def _check_enough(clips, config):
    if sum(clip.num_labelled for clip in clips) < 2:
        raise ValueError(
            f"--data={config.source}: expected at least 2 labelled frames besides the test set, one to train on and "
            "one to validate, received 1"
        )


def _describe_groups(split, tell):
    """Tells how many groups each set has, and what still seems to be in two sets."""
    sets = {field.name: getattr(split, field.name) for field in dataclasses.fields(split)}
    if any(groups.is_named(clip) for clips in sets.values() for clip in clips):
        tell(f"groups: {', '.join(f'{groups.count(clips)} in {name}' for name, clips in sets.items())}")
    known = {clip.group for clip in split.train}
    for name in ("validation", "test"):
        shared = sorted({clip.group for clip in sets[name] if groups.is_named(clip)} & known)
        if shared:
            tell(f"warning: training and {name} set share {len(shared)} groups: {groups.list_names(shared)}")
        groups.warn_of_alike(split.train, sets[name], name, tell)


def _hold_out_test(source, config, see_test_source):
    """Returns (other clips, test clips)."""
    clips = list(source.clips)
    if config.test_clips:
        test = splits.select_clips(clips, splits.read_clip_names(config.test_clips))
        held_out = {clip.session for clip in test}
        return [clip for clip in clips if clip.session not in held_out], test
    if config.test_fraction:
        own = [clip for clip in clips if clip.source == clips[0].source]
        others = [clip for clip in clips if clip.source != clips[0].source]
        train, test = splits.cut_test(own, config.test_fraction, config.split_seed)
        return [*train, *others], test
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
