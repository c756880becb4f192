"""The flags of a run as they were meant: flow named when it begins, and the defaults of earlier releases."""

import os

import pytest

from keras_pose import files, options
from keras_pose.runs import resuming, run_directory, run_flags
from keras_pose.runs.config import TrainConfig
from keras_pose.runs.run_directory import RunDirectory
from keras_pose.training import preparation
from tests.helpers import small_project

NOW = [(128, "dis_medium"), (256, "dis_ultrafast")]
THEN = [(128, "dis_medium"), (256, "dis_fast")]


@pytest.fixture
def make_config(tmp_path):
    project = small_project.write_project(tmp_path / "project")

    def make(input_size=256, **flags):
        return small_project.make_config(tmp_path / "run", project).replace(input_size=str(input_size), **flags)

    return make


def set_flow(flagfile, name):
    """Writes what a release of before wrote, or what another one may write."""
    config = options.load(TrainConfig, flagfile)
    options.write(config.replace(flow=name), flagfile)


def prepared_flow(config):
    with preparation.prepare(config, echo=lambda line: None) as prepared:
        return prepared.config.window.flow


@pytest.mark.parametrize(("input_size", "now"), NOW)
def test_a_new_run_names_what_auto_is_now(make_config, input_size, now):
    config = make_config(input_size)
    with preparation.prepare(config, echo=lambda line: None) as prepared:
        run_directory.begin(prepared.run, prepared.config, prepared.source.skeleton, prepared.split)
    assert f"--flow={now}" in files.read_text(prepared.run.flags).splitlines()
    assert prepared_flow(config) == now
    assert prepared.config.flow_estimator == now


@pytest.mark.parametrize(("input_size", "then"), THEN)
def test_a_run_of_an_earlier_release_keeps_its_flow(make_config, input_size, then):
    config = make_config(input_size)
    small_project.begin(config)
    run = RunDirectory(config.run_dir)
    assert "--flow=auto" in files.read_text(run.flags).splitlines()
    open(run.weights, "wb").close()
    assert run_directory.open_run(run.path)[1] == config.replace(flow=then)
    # It resumes with its flow, whether the command says so or not, and its flags name it then.
    for flow in ("auto", then):
        named, kept = run_flags.resume(config.replace(flow=flow), [run.flags, RunDirectory(run.frame_net).flags])
        assert kept == []
        assert named.window.flow == prepared_flow(config.replace(flow=flow)) == then
    assert small_project.begin(named) == []
    assert f"--flow={then}" in files.read_text(run.flags).splitlines()
    assert not os.path.exists(run.changes)
    with pytest.raises(ValueError, match=f"--flow={then} there, farneback_half now"):
        run_directory.prepare(config.replace(flow="farneback_half"))


def test_auto_is_the_flow_that_a_run_has_whatever_auto_means(make_config):
    config = make_config(flow="variational")
    small_project.begin(config)
    assert prepared_flow(config.replace(flow="auto")) == "variational"
    assert resuming.check_flags(RunDirectory(config.run_dir), config.replace(flow="auto")) is None


def test_a_net_for_single_frames_that_began_first_keeps_its_run(make_config):
    """An earlier release was killed before the flowing net began: only frame_net has flags."""
    config = make_config(model="flowing", net_steps=100, steps=100)
    inner = RunDirectory(RunDirectory(config.run_dir).frame_net)
    small_project.begin(config.of_frame_net().replace(run_dir=inner.path, flow="variational"))
    assert prepared_flow(config) == "variational"
    os.remove(inner.flags)
    assert prepared_flow(config) == "dis_ultrafast"


def test_a_named_flow_is_read_as_it_is(make_config):
    config = make_config()
    small_project.begin(config)
    flagfile = RunDirectory(config.run_dir).flags
    for name in ("farneback_gaussian", "none", "in_graph"):
        set_flow(flagfile, name)
        assert run_flags.read(flagfile) == options.load(TrainConfig, flagfile)
        assert run_flags.read(flagfile).window.flow == name


def test_only_auto_is_adopted(make_config):
    config = make_config(flow="dis_fast")
    small_project.begin(config)
    flagfiles = [RunDirectory(config.run_dir).flags]
    assert run_flags.resume(make_config(flow="auto"), flagfiles) == (config, [])
    assert run_flags.resume(make_config(flow="none"), flagfiles) == (make_config(flow="none"), [])


def make_older(flagfile, *flags):
    """Makes a flagfile that of a release which did not have these flags."""
    lines = files.read_text(flagfile).splitlines()
    left = [line for line in lines if line[2:].partition("=")[0] not in flags]
    files.write_text(flagfile, "\n".join(left) + "\n")


@pytest.mark.parametrize("former", run_flags.FORMER_DEFAULTS, ids=lambda former: former.flag)
def test_everything_that_reads_a_run_sees_the_default_of_its_release(make_config, former):
    config = make_config(flow="none", model="flowing", net_steps=100, steps=100)
    small_project.begin(config)
    run = RunDirectory(config.run_dir)
    open(run.weights, "wb").close()
    assert options.values(run_flags.read(run.flags))[former.flag] != former.value
    make_older(run.flags, former.flag, former.since)
    expected = config.replace(**{former.flag: former.value})
    assert run_flags.read(run.flags) == expected
    assert run_flags.resume(config, [run.flags]) == (expected, [former])
    assert resuming.check_flags(run, config) is None
    if former.flag != "pooling":  # nothing was chosen
        expected = expected.replace(pooling="sum")
        options.write(expected, run.flags)
        make_older(run.flags, former.flag, former.since)
    assert run_directory.open_run(run.path)[1] == expected


def test_what_a_command_names_is_not_replaced(make_config):
    config = make_config(flow="none")
    small_project.begin(config)
    flagfile = RunDirectory(config.run_dir).flags
    make_older(flagfile, *(name for former in run_flags.FORMER_DEFAULTS for name in (former.flag, former.since)))
    named = config.replace(group_by="(.*)", person_crop="1.5", window_seconds=0.5, pooling="sum")
    assert run_flags.resume(named, [flagfile]) == (named, [])
    kept = run_flags.resume(config, [flagfile])[1]
    assert kept == list(run_flags.FORMER_DEFAULTS)


def test_windows_that_count_frames_leave_the_stride_to_a_run_that_does(make_config):
    config = make_config(flow="none")
    small_project.begin(config.replace(frame_stride=1))
    resumed, _ = run_flags.resume(config.replace(window_seconds=0.0), [RunDirectory(config.run_dir).flags])
    assert resumed == config.replace(frame_stride=1)


def test_a_new_run_has_the_defaults_of_today(make_config):
    config = make_config(flow="none")
    assert run_flags.resume(config, [RunDirectory(config.run_dir).flags]) == (config, [])
