"""What may change between a kill and the same command again, and what is refused with the first change named."""

import os
import shutil

import numpy as np
import pytest

from keras_pose import files, options, skeleton
from keras_pose.runs import checkpoint_files, run_directory
from keras_pose.runs.config import TrainConfig
from keras_pose.runs.run_directory import RunDirectory
from tests import conftest
from tests.helpers import small_project
from tests.helpers.small_project import begin, change_cells


@pytest.fixture
def config(tmp_path):
    """The configuration of a run that has begun."""
    project = small_project.write_project(tmp_path / "project")
    config = small_project.make_config(tmp_path / "run", project)
    assert begin(config) == []
    return config


def flags_of(config):
    return options.load(TrainConfig, RunDirectory(config.run_dir).flags)


def reach(config, step):
    """Leaves a checkpoint file of a step."""
    folder = RunDirectory(config.run_dir).checkpoints
    os.makedirs(folder, exist_ok=True)
    open(checkpoint_files.path_of(folder, step), "wb").close()


def test_the_same_again_goes_on_and_writes_nothing(config):
    before = {name: os.stat(os.path.join(config.run_dir, name)).st_mtime_ns for name in os.listdir(config.run_dir)}
    assert begin(config) == []
    assert {n: os.stat(os.path.join(config.run_dir, n)).st_mtime_ns for n in os.listdir(config.run_dir)} == before


def test_other_paths_of_the_same_data_go_on_and_are_written(config, tmp_path, monkeypatch):
    project = config.data.source
    os.symlink(project, tmp_path / "link")
    monkeypatch.chdir(tmp_path)
    shutil.copytree(project, tmp_path / "moved [1]")
    for path in (f"{project}/", "project", str(tmp_path / "link"), os.path.join(project, "config.yaml")):
        changed = config.replace(data=path)
        assert any(line.startswith("--data: ") for line in begin(changed))
        assert flags_of(config) == changed
    shutil.rmtree(project)
    begin(config.replace(data="moved [1]"))
    assert flags_of(config).data.source == "moved [1]"
    begin(config.replace(data="moved [1]", on_bad_label="skip"))
    record = files.read_json(RunDirectory(config.run_dir).changes)
    assert record[0] == {"step": 0, "before": {"data": project}, "after": {"data": f"{project}/"}}
    assert record[-1]["after"] == {"on_bad_label": "skip"}


def test_test_clips_may_be_in_another_file(tmp_path):
    project = small_project.write_project(tmp_path / "project")
    (tmp_path / "a.txt").write_text("s1\n")
    (tmp_path / "b.txt").write_text("# the same\ns1\n")
    (tmp_path / "c.txt").write_text("s2\n")
    config = small_project.make_config(tmp_path / "run", project, test_clips=str(tmp_path / "a.txt"))
    begin(config)
    begin(config.replace(test_clips=str(tmp_path / "b.txt")))
    with pytest.raises(ValueError, match=r"frame 0 of clip s\d is no longer among the \w+ frames"):
        begin(config.replace(test_clips=str(tmp_path / "c.txt")))


def corrected(project):
    change_cells(project, "s1", 2, {3: "11.5"})


def hidden(project):
    change_cells(project, "s0", 1, {1: "", 2: ""})


def removed(project):
    change_cells(project, "s2", 0, dict.fromkeys(range(1, 7), ""))


def repainted(project):
    small_project.write_picture(f"{project}/labeled-data/s3/img0001.png", np.random.default_rng(7))


def reordered(project):
    path = os.path.join(project, "config.yaml")
    text = open(path, encoding="utf-8").read()  # noqa: SIM115
    files.write_text(path, text.replace("- 'ear'\n- 'tail'", "- 'tail'\n- 'ear'"))


def with_one_more(project):
    shutil.copytree(f"{project}/labeled-data/s0", f"{project}/labeled-data/s9")


def with_one_less(project):
    shutil.rmtree(f"{project}/labeled-data/s2")


def swapped(project):
    a, b = (f"{project}/labeled-data/s0/img000{i}.png" for i in (0, 2))
    os.rename(a, a + "_")
    os.rename(b, a)
    os.rename(a + "_", b)


CHANGES = {
    corrected: "the labels in frame 2 of clip s1 have changed",
    hidden: "the labels in frame 1 of clip s0 have changed",
    removed: "frame 0 of clip s2 is no longer labelled",
    repainted: "the picture of frame 1 of clip s3 has another content",
    reordered: "nose, ear, tail then, nose, tail, ear now",
    with_one_more: "clip s9 is new",
    with_one_less: "clip s2 is gone",
    swapped: "the picture of frame 0 of clip s0 has another content",
}


@pytest.mark.parametrize(("change", "message"), CHANGES.items(), ids=[change.__name__ for change in CHANGES])
def test_changed_data_is_refused_with_the_first_change(config, change, message, tmp_path):
    shutil.copytree(config.data.source, tmp_path / "kept")
    change(config.data.source)
    with pytest.raises(
        ValueError, match=rf"have changed since this run started: .*{message}.*--run_dir .*--init_from"
    ) as e:
        begin(config)
    assert len(str(e.value).splitlines()) == 1
    assert flags_of(config) == config
    # The data as it was goes on.
    begin(config.replace(data=str(tmp_path / "kept")))


def test_another_project_of_the_same_names_is_refused(config, tmp_path):
    other = small_project.write_project(tmp_path / "other", size_hw=(72, 64))
    with pytest.raises(ValueError, match="frame 0 of clip s0"):
        begin(config.replace(data=other))


def test_a_touched_picture_goes_on(config):
    os.utime(f"{config.data.source}/labeled-data/s0/img0000.png", (1, 1))
    begin(config)


def test_other_flip_pairs_are_refused(tmp_path):
    project = small_project.write_project(tmp_path / "project", ("earL", "earR", "nose"))
    config = small_project.make_config(tmp_path / "run", project)
    begin(config)
    with pytest.raises(ValueError, match="--flip_pairs=auto there, none now"):
        begin(config.replace(flip_pairs="none"))
    # A later version may recognise other pairs in the same names.
    run = RunDirectory(config.run_dir)
    skeleton.Skeleton("toy", ("earL", "earR", "nose")).save(run.skeleton)
    with pytest.raises(ValueError, match="flip pairs .* have changed .*: earL and earR are now a pair"):
        begin(config)


def test_the_length_may_change_down_to_the_step_that_is_reached(config):
    reach(config, 400)
    lines = begin(config.replace(steps=3000, early_stopping=5, validate_every=200))
    assert "--steps: 2000 before, 3000 from step 400 on" in lines
    assert "the learning rate is from now on that of a run of 3000 steps" in lines
    assert "--early_stopping: 0 before, 5 from step 400 on" in lines
    assert flags_of(config).optimisation.steps == 3000
    assert files.read_json(RunDirectory(config.run_dir).changes)[0]["after"]["steps"] == 3000
    begin(config.replace(steps=400))
    with pytest.raises(ValueError, match="--steps: expected at least 400, the step that the run in .* has reached"):
        begin(config.replace(steps=300))
    with pytest.raises(ValueError, match="--validate_every: expected a divisor of 400, .* received 500"):
        begin(config.replace(steps=2000, validate_every=500))


def test_what_changes_what_is_learnt_is_refused(config):
    for flag, value in (
        ("batch_size", 16),
        ("learning_rate", 0.1),
        ("seed", 1),
        ("input_size", "64"),
        ("aug_scale", 0.1),
    ):
        with pytest.raises(ValueError, match=f"another configuration .*--{flag}=.* there, {value} now"):
            begin(config.replace(**{flag: value}))
    assert not os.path.exists(RunDirectory(config.run_dir).changes)


def write_weights(folder, content):
    folder.mkdir()
    (folder / "model.weights.h5").write_bytes(content)


def test_the_weights_to_start_from_may_be_elsewhere(config, tmp_path):
    write_weights(tmp_path / "a", b"weights")
    write_weights(tmp_path / "b", b"weights")
    write_weights(tmp_path / "c", b"others!")
    config = config.replace(init_from=str(tmp_path / "a"), run_dir=str(tmp_path / "started"))
    begin(config)
    shutil.rmtree(tmp_path / "a")  # a resumed run has its own weights
    begin(config)
    begin(config.replace(init_from=str(tmp_path / "b")))
    begin(config.replace(init_from=f"{tmp_path}/x/../b/"))
    for other in (str(tmp_path / "c"), "", str(tmp_path / "none")):
        with pytest.raises(ValueError, match="--init_from=.* there, "):
            begin(config.replace(init_from=other))


def make_old(config):
    """Makes of a run one that an earlier version began, without digests."""
    os.remove(RunDirectory(config.run_dir).data)


def test_a_run_of_an_earlier_version_goes_on_with_a_note(config, tmp_path):
    make_old(config)
    assert ["without digests" in line for line in begin(config)] == [True]
    assert begin(config) == []  # now it has digests
    corrected(config.data.source)
    with pytest.raises(ValueError, match="labels in frame 2 of clip s1"):
        begin(config)
    make_old(config)
    removed(config.data.source)
    with pytest.raises(ValueError, match="frame 0 of clip s2 is no longer labelled"):
        begin(config)


def test_the_data_of_an_earlier_version_may_be_moved_but_not_another(config, tmp_path):
    make_old(config)
    shutil.copytree(config.data.source, tmp_path / "copy")
    moved = config.replace(data=str(tmp_path / "copy"))
    with pytest.raises(ValueError, match="--data=.* there"):
        begin(moved)
    begin(config.replace(data=config.data.source + "/"))
    make_old(config)
    shutil.rmtree(config.data.source)
    begin(moved)
    assert flags_of(config) == moved


def test_a_run_of_an_earlier_version_keeps_its_flip_pairs(tmp_path):
    project = small_project.write_project(tmp_path / "project", ("earL", "earR", "nose"))
    config = small_project.make_config(tmp_path / "run", project)
    begin(config)
    run = RunDirectory(config.run_dir)
    old = skeleton.Skeleton("toy", ("earL", "earR", "nose"))
    old.save(run.skeleton)
    make_old(config)
    found = skeleton.Skeleton("toy", old.joints, (("earL", "earR"),))
    for _ in range(2):
        assert run_directory.resumed_skeleton(run, found) == old
        begin(config)
    assert skeleton.load(run.skeleton) == old


def test_a_run_of_a_later_version_is_named(config):
    path = RunDirectory(config.run_dir).flags
    files.write_text(path, open(path, encoding="utf-8").read() + "--new_flag=3\n")  # noqa: SIM115
    with pytest.raises(ValueError, match=r"flags.txt:\d+: .* received '--new_flag=3'; did another version .* write it"):
        begin(config)


@pytest.mark.parametrize("damage", [("video", "vidfo"), ("frames", "frbmes"), ('"sets"', '"setr"'), ("}", "")])
def test_damaged_digests_are_named(config, damage):
    path = RunDirectory(config.run_dir).data
    with open(path, encoding="utf-8") as file:
        text = file.read()
    files.write_text(path, text.replace(*damage, 1))
    with pytest.raises(ValueError, match=r"data\.json: expected "):
        begin(config)


def test_a_run_of_fewer_flags_has_the_defaults(config):
    path = RunDirectory(config.run_dir).flags
    with open(path, encoding="utf-8") as file:
        lines = file.readlines()
    files.write_text(path, "".join(lines[:-3]))
    assert begin(config) == []
    assert flags_of(config) == config


def test_a_run_killed_before_its_flags_were_written_begins_with_the_data_of_now(config):
    os.remove(RunDirectory(config.run_dir).flags)
    corrected(config.data.source)
    begin(config)
    begin(config)


def test_the_net_for_single_frames_moves_along_and_is_compared(config, tmp_path):
    outer = config.replace(run_dir=str(tmp_path / "flowing"), model="flowing", net_steps=200)
    inner = outer.of_frame_net().replace(run_dir=RunDirectory(outer.run_dir).frame_net, steps=200)
    begin(inner)
    corrected(config.data.source)
    with pytest.raises(ValueError, match="frame_net.*labels in frame 2 of clip s1"):
        begin(outer)  # the net for single frames knows the old labels
    shutil.rmtree(outer.run_dir)
    begin(inner)
    begin(outer)
    moved = str(tmp_path / "moved")
    shutil.move(config.data.source, moved)
    begin(outer.replace(data=moved))
    assert flags_of(inner) == inner.replace(data=moved)


def test_the_documentation_lists_the_flags_that_may_change():
    text = (conftest.ROOT / "docs" / "data.md").read_text(encoding="utf-8")
    section = text.partition("## Resuming a run")[2].partition("\n## ")[0]
    named = {word.strip("`") for word in section.split() if word.startswith("`--")}
    named = {word.rstrip(".,:;`") for word in named}
    allowed = {f"--{flag.name}" for flag in options.flags_of(TrainConfig) if flag.resume != options.SAME}
    assert named == allowed
