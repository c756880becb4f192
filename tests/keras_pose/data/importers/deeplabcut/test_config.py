"""config.yaml: nothing in it runs, names stay as they are written, and decoration is dropped with a note."""

import os

import pytest

from keras_pose.data.importers.deeplabcut.config import find_config, read_config

BASE = "Task: toy\nscorer: AB\nbodyparts: [nose, leftEar, rightEar]\n"
MULTI = "multianimalproject: true\nbodyparts: MULTI!\nmultianimalbodyparts: [nose, tail]\n"


def write(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "config.yaml"
    path.write_bytes(text.encode(encoding))
    return str(path)


def test_the_usual_fields(tmp_path):
    text = (
        BASE
        + "skeleton:\n- [nose, leftEar]\n- - nose\n  - rightEar\nvideo_sets:\n  C:\\a b\\v.avi:\n    crop: 0, 1, 0, 1\n"
    )
    config = read_config(write(tmp_path, text))
    assert (config.skeleton.name, config.scorer, config.individuals) == ("toy", "AB", ())
    assert config.skeleton.joints == ("nose", "leftEar", "rightEar")
    assert config.skeleton.flip_pairs == (("leftEar", "rightEar"),)
    assert config.skeleton.edges == (("nose", "leftEar"), ("nose", "rightEar"))
    assert config.videos == ("C:/a b/v.avi",)
    assert config.notes == ()
    assert config.project == str(tmp_path)


@pytest.mark.parametrize(
    ("text", "joints"),
    [
        ("bodyparts: [1, 02, 1.50]", ("1", "02", "1.50")),
        ("bodyparts: [yes, on, n, 2020-02-31]", ("yes", "on", "n", "2020-02-31")),
        ("bodyparts: !!python/tuple [nose, tail]", ("nose", "tail")),
        ("bodyparts: [!!python/unicode nose, !!python/str tail]", ("nose", "tail")),
        ("parts: &p [nose, tail]\nbodyparts: *p", ("nose", "tail")),
        ("bodyparts:  # ours\n- nose  # the tip\n- >-\n  left\n  paw", ("nose", "left paw")),
        ("bodyparts: ['nose ', tail]", ("nose", "tail")),
    ],
)
def test_names_stay_as_they_are_written(tmp_path, text, joints):
    assert read_config(write(tmp_path, text)).skeleton.joints == joints


@pytest.mark.parametrize("scorer", ["1", "007", "1.0", "yes", "2020-01-01", "J[1]"])
def test_a_scorer_is_text(tmp_path, scorer):
    assert read_config(write(tmp_path, BASE.replace("AB", f"'{scorer}'"))).scorer == scorer
    if scorer != "J[1]":
        assert read_config(write(tmp_path, BASE.replace("AB", scorer))).scorer == scorer


def test_no_tag_runs_anything(tmp_path):
    mark = tmp_path / "ran"
    text = BASE + (
        f"a: !!python/object/apply:os.system ['touch {mark}']\n"
        f"b: !!python/object/new:os.system ['touch {mark}']\n"
        "c: !!python/name:os.system\nd: !!python/module:os\ne: !own {x: 1}\n"
        "TrainingFraction:\n- !!python/object/apply:numpy.core.multiarray.scalar [f8, abc]\n"
    )
    config = read_config(write(tmp_path, text))
    assert not mark.exists()
    (note,) = config.notes
    assert "the tags !!python/module:os, !!python/name:os.system, !!python/object/apply" in note
    assert note.endswith("!own are ignored")


@pytest.mark.parametrize(
    ("skeleton", "edges", "dropped"),
    [
        ("[[bodypart1, bodypart2], [nose, rightEar]]", (("nose", "rightEar"),), "bodypart1–bodypart2"),
        ("[[objectA, bodypart3]]", (), "objectA–bodypart3"),
        ("[[nose, leftEar, rightEar]]", (), "nose–leftEar–rightEar"),
        ("[nose, leftEar]", (), "nose, leftEar"),
        ("nose", (), "nose"),
        ("{nose: leftEar}", (), "nose"),
        ("[[' nose', LEFTEAR]]", (("nose", "leftEar"),), ""),
        ("", (), ""),
    ],
)
def test_edges_of_a_template_are_dropped(tmp_path, skeleton, edges, dropped):
    config = read_config(write(tmp_path, BASE + f"skeleton: {skeleton}\n"))
    assert config.skeleton.edges == edges
    assert len(config.notes) == bool(dropped)
    if dropped:
        assert dropped in config.notes[0]


def test_repeated_and_empty_parts_are_dropped_with_a_note(tmp_path):
    config = read_config(write(tmp_path, "bodyparts:\n- nose\n-\n- tail\n- 'nose '\n"))
    assert config.skeleton.joints == ("nose", "tail")
    assert "an empty entry" in config.notes[0]
    assert "dropped 'nose ', a name that is listed twice" in config.notes[1]


@pytest.mark.parametrize("unique", ["", "uniquebodyparts: []\n", "uniquebodyparts: [corner, nose]\n"])
def test_parts_of_a_multi_animal_project(tmp_path, unique):
    config = read_config(write(tmp_path, MULTI + unique + "individuals: [m1, m2]\n"))
    assert config.skeleton.joints == (("nose", "tail", "corner") if "corner" in unique else ("nose", "tail"))
    assert config.individuals == ("m1", "m2")


def test_a_multi_animal_project_may_list_its_parts_as_any_other(tmp_path):
    assert read_config(write(tmp_path, BASE + "multianimalproject: True\n")).skeleton.num_joints == 3
    assert (
        read_config(write(tmp_path, BASE + "multianimalproject: false\nindividuals: [m1]\n")).skeleton.num_joints == 3
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("scorer: AB\n", "bodyparts: expected a list of names, found None"),
        ("bodyparts: nose\n", "bodyparts: expected a list of names, found 'nose'"),
        ("bodyparts: {nose: 1}\n", "bodyparts: expected a list of names, found {'nose': '1'}"),
        ("bodyparts: [[nose]]\n", r"bodyparts: expected a list of names, found the entry \['nose'\]"),
        ("bodyparts: []\n", r"bodyparts: expected a list of names, found \[\]"),
        ("bodyparts: [a]\nbodyparts: [b]\n", "expected `bodyparts` once, found it 2 times"),
        (BASE.replace("AB", "[A, B]"), "scorer: expected a name"),
        (MULTI.replace("[nose, tail]", "nose"), "multianimalbodyparts: expected a list of names, found 'nose'"),
        ("a: [1\n", "expected YAML, but"),
        ("a: \0\n", "expected YAML, but"),
        ("[" * 3000, "expected YAML, but"),
        ("", "expected YAML with `bodyparts`, found NoneType"),
        ("- nose\n", "expected YAML with `bodyparts`, found list"),
    ],
)
def test_a_config_without_parts_is_refused_with_its_field(tmp_path, text, message):
    with pytest.raises(ValueError, match=f"config.yaml: {message}"):
        read_config(write(tmp_path, text))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_other_encodings(tmp_path, encoding):
    config = read_config(write(tmp_path, "bodyparts: [näse, tail]\n", encoding))
    assert config.skeleton.joints == ("näse", "tail")
    assert len(config.notes) == (encoding != "utf-8-sig")


def test_odd_lists_of_videos_do_not_stop_the_import(tmp_path):
    assert read_config(write(tmp_path, BASE + "video_sets: [a.avi, b.avi]\n")).videos == ("a.avi", "b.avi")
    assert read_config(write(tmp_path, BASE + "video_sets:\n")).videos == ()
    config = read_config(write(tmp_path, BASE + "video_sets: a.avi\n"))
    assert config.videos == ()
    assert "video_sets: expected paths of videos, found 'a.avi'" in config.notes[0]


def test_the_config_is_found_in_its_folder(tmp_path):
    with pytest.raises(
        ValueError, match="config.yaml: expected the config of a DeepLabCut project, found no such file"
    ):
        find_config(str(tmp_path))
    (tmp_path / "Config.YML").touch()
    assert find_config(str(tmp_path)) == os.path.join(tmp_path, "Config.YML")
    (tmp_path / "config.yaml").touch()
    assert find_config(str(tmp_path)) == os.path.join(tmp_path, "config.yaml")
    assert find_config(os.path.join(tmp_path, "Config.YML")) == os.path.join(tmp_path, "Config.YML")
