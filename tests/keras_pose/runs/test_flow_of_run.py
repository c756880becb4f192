"""The flow estimator of a run: named when it begins, the same ever after."""

import os

import pytest

from keras_pose import files, options
from keras_pose.runs import flow_of_run, resuming, run_directory
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
        named = flow_of_run.name_flow(config.replace(flow=flow), run, RunDirectory(run.frame_net))
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
        assert flow_of_run.read_config(flagfile) == options.load(TrainConfig, flagfile)
        assert flow_of_run.read_config(flagfile).window.flow == name


def test_only_auto_is_adopted(make_config):
    old = make_config(flow="dis_fast")
    assert flow_of_run.adopt_flow(old, make_config(flow="auto")) == old
    assert flow_of_run.adopt_flow(old, make_config(flow="none")) == make_config(flow="none")
