"""Runs that began before there were regions around people: they keep their whole pictures."""

import pytest

from keras_pose import files
from keras_pose.evaluation import chosen_clips
from keras_pose.evaluation.config import EvaluateConfig
from keras_pose.runs import run_directory, run_flags
from keras_pose.runs.config import TrainConfig
from keras_pose.runs.run_directory import RunDirectory
from keras_pose.training import preparation
from tests.helpers import people_pictures, tiny

FLAGS = {"split": "authors", "joints": "left_wrist,right_wrist", "test_data": "", "validation_fraction": 0.5}


@pytest.fixture
def make_config(tmp_path):
    data = str(people_pictures.write(tmp_path / "flic"))

    def make(**flags):
        return TrainConfig.from_flags(
            **{**tiny.FLAGS, **FLAGS, "run_dir": str(tmp_path / "run"), "data": data, **flags}
        )

    return make


def begin(config):
    """Prepares and begins or resumes a run; returns it and what was said."""
    said = []
    with preparation.prepare(config, said.append) as prepared:
        said += run_directory.begin(prepared.run, prepared.config, prepared.source.skeleton, prepared.split)
    return prepared, said


def forget_flag(flagfile):
    """Makes the flagfile that of an earlier release."""
    lines = files.read_text(flagfile).splitlines()
    files.write_text(flagfile, "\n".join(line for line in lines if not line.startswith("--person_crop=")) + "\n")


@pytest.fixture
def earlier(make_config):
    """A run of an earlier release, on whole pictures."""
    prepared, _ = begin(make_config(person_crop="none", split="random", test_fraction=0.3))
    forget_flag(prepared.run.flags)
    return prepared.run


def test_a_run_of_an_earlier_release_resumes_with_whole_pictures(make_config, earlier):
    flags = {"split": "random", "test_fraction": 0.3}
    assert run_flags.read(earlier.flags).data.person_crop == "none"
    prepared, said = begin(make_config(**flags))
    assert any("began with whole pictures and keeps them: --person_crop=none" in line for line in said)
    assert all(clip.region is None for clip in prepared.source.clips)
    assert "--person_crop=none" in files.read_text(earlier.flags).splitlines()
    # From then on, the flags say so, and other pictures are refused.
    with pytest.raises(ValueError, match="--person_crop=none there, auto now"):
        begin(make_config(**flags))
    begin(make_config(person_crop="none", **flags))


def test_other_regions_are_another_data(make_config):
    prepared, _ = begin(make_config())
    begin(make_config())
    assert run_flags.read(prepared.run.flags).data.person_crop == "auto"
    with pytest.raises(
        ValueError, match=r"have changed since this run started: .* \(--person_crop=auto there, 1.2 now"
    ):
        begin(make_config(person_crop="1.2"))


def test_a_run_of_an_earlier_release_is_scored_on_whole_pictures(make_config):
    prepared, _ = begin(make_config())
    run = RunDirectory(prepared.run.path)
    open(run.weights, "wb").close()

    def regions(**flags):
        config = EvaluateConfig(run_dir=run.path, data=prepared.config.data.source, **flags)
        return [clip.region is not None for clip in chosen_clips.choose(config, lambda line: None).clips]

    assert regions() == [True] * 5
    assert regions(person_crop="none") == [False] * 2
    forget_flag(run.flags)
    assert run_directory.open_run(run.path)[1].data.person_crop == "none"
    assert regions() == [False] * 2
    assert regions(person_crop="auto") == [True] * 5


def test_a_part_of_the_authors_has_no_clip_of_another(make_config):
    """A session has clips of both parts; its frames may have the same numbers there."""
    prepared, _ = begin(make_config())
    run = prepared.run
    open(run.weights, "wb").close()
    split = files.read_json(run.split)
    split["test"]["hitch"].append(0)  # the number of a training frame
    files.write_json(run.split, split)
    config = EvaluateConfig(run_dir=run.path, other_frames=0)
    chosen = chosen_clips.choose(config, lambda line: None).clips
    assert [clip.part for clip in chosen] == ["test", "test"]
