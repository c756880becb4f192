"""Every labelled row of every table in a project is in a clip, or a message says that it is not."""

from __future__ import annotations

import os
import pathlib
import tempfile

import cv2
import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keras_pose.data import validation
from keras_pose.data.importers.deeplabcut.project import read
from tests.helpers.deeplabcut_projects import PARTS, add_session, csv_text, frame, frame_of, header, write_config

COLUMNS = header(PARTS)
NUMBERS = (2, 5, 7)
IMAGES = [f"img{number:02d}.png" for number in NUMBERS]


def values_of(seed, columns=COLUMNS):
    """Random positions, some blank; the first row is labelled."""
    rng = np.random.default_rng(seed)
    values = rng.uniform(1, 20, (3, len(columns) // 2, 2)).round(2)
    values[1:][rng.random((2, len(columns) // 2)) < 0.4] = np.nan
    return values.reshape(3, -1)


def labelled_lines(values, first=4):
    """The lines of a table whose rows have a position."""
    return [first + r for r in np.flatnonzero(~np.isnan(values).all(-1))]


class Project:
    """A project on the disc, and the labelled rows in it: {path of a table: lines}."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.rows = {}
        write_config(self.root)

    def add(self, name, values, columns=COLUMNS, scorer="AB", kind="csv", lines=None):
        folder = add_session(self.root, name, columns, NUMBERS, values, scorer, (kind,))
        path = os.path.join(folder, f"CollectedData_{scorer}.{kind}")
        first = 1 if kind == "h5" else 3 + any(column[1] for column in columns) + 1
        self.rows[path] = labelled_lines(values, first) if lines is None else lines
        return pathlib.Path(path)


def plain(project, name, seed):
    project.add(name, values_of(seed))


def other_scorer(project, name, seed):
    project.add(name, values_of(seed), header(PARTS, "BK"), "BK")


def second_scorer(project, name, seed):
    plain(project, name, seed)
    other_scorer(project, name, seed + 1)


def h5_alone(project, name, seed):
    project.add(name, values_of(seed), kind="h5")


def old_csv(project, name, seed):
    os.utime(project.add(name, values_of(seed)), (1, 1))
    project.add(name, values_of(seed + 1), kind="h5")


def damaged_h5(project, name, seed):
    plain(project, name, seed)
    (project.root / "labeled-data" / name / "CollectedData_AB.h5").write_bytes(b"words" * seed)


def damaged(project, name, seed):
    project.add(name, values_of(seed)).write_bytes(b"scorer,AB\n\xff")


def likelihood(project, name, seed):
    columns = header(PARTS, coords=("x", "y", "likelihood"))
    values = np.insert(values_of(seed), [2, 4], 0.9, axis=1)
    project.add(name, values, columns, lines=labelled_lines(values_of(seed)))


def surplus_part(project, name, seed):
    columns = header(("nose", "ear"))
    project.add(name, values_of(seed, columns), columns)


def unknown_parts(project, name, seed):
    columns = header(("ear", "hoof"))
    project.add(name, values_of(seed, columns), columns)


def semicolons(project, name, seed):
    values = values_of(seed)
    path = project.add(name, values)
    path.write_text(csv_text(COLUMNS, IMAGES, values, ";", ",").replace("\n", ";\n"), encoding="utf-16")


def bad_cells(project, name, seed):
    path = project.add(name, np.full((3, 4), 7.25), lines=[4, 5, 6])
    cells = ["x,7.25,7.25,7.25", "7.25,7.25", "7.25,,7.25,7.25", '"7.25,7.25,7.25,7.25'][seed % 4]
    path.write_text(path.read_text().replace("7.25,7.25,7.25,7.25", cells, 1 + seed % 3))


def missing_images(project, name, seed):
    path = project.add(name, values_of(seed))
    for image in IMAGES[: 1 + seed % 3]:
        os.remove(path.parent / image)


def repeated_rows(project, name, seed):
    path = project.add(name, np.full((3, 4), 7.25), lines=[4, 5, 6, 7])
    path.write_text(path.read_text() + path.read_text().splitlines()[3 + seed % 3] + "\n")


def hidden(project, name, seed):
    project.add(f".{name}", values_of(seed))


def nested(project, name, seed):
    project.add(f"{name}/deeper", values_of(seed))


def drawings(project, name, seed):
    project.add(f"{name}_labeled", values_of(seed))


def one_individual(project, name, seed):
    columns = header(PARTS, individuals=["m1"])
    project.add(name, values_of(seed, columns), columns)


def scorers_in_columns(project, name, seed):
    columns = [*COLUMNS, *header(PARTS, "BK")]
    project.add(name, values_of(seed, columns), columns)


def no_labels(project, name, seed):
    project.add(name, np.full((3, 4), np.nan))


def images_of_another(project, name, seed):
    path = project.add(name, np.full((3, 4), 7.25), lines=[4, 5, 6])
    add_session(project.root, f"{name}_other", COLUMNS, NUMBERS)
    project.rows[f"{project.root}/labeled-data/{name}_other/CollectedData_AB.csv"] = [4, 5, 6]
    cv2.imwrite(str(path.parent / IMAGES[seed % 3]), frame(20))
    path.write_text(path.read_text().replace(f"/{name}/", f"/{name}_other/"))


def other_key(project, name, seed):
    path = project.add(name, values_of(seed), kind="h5")
    frame_of(COLUMNS, IMAGES, values_of(seed), 1).to_hdf(path, key="keypoints", mode="w")


VARIANTS = (
    other_scorer,
    second_scorer,
    h5_alone,
    old_csv,
    damaged_h5,
    damaged,
    likelihood,
    surplus_part,
    unknown_parts,
    semicolons,
    bad_cells,
    missing_images,
    repeated_rows,
    hidden,
    nested,
    drawings,
    one_individual,
    scorers_in_columns,
    no_labels,
    images_of_another,
    other_key,
)


def check_accounts(project):
    source = read(project.root)
    messages = [*source.notes, *(problem.message for problem in source.problems), *source.skipped]
    accounted = {origin for clip in source.clips for origin in clip.origins}
    for path, lines in project.rows.items():
        missing = [line for line in lines if f"{path}:{line}" not in accounted]
        folder = os.path.dirname(path)
        # The folder of a session, the table in it, or the folder that holds a nested session.
        assert not missing or any(
            path in m or f"{folder}:" in m or f"{os.path.dirname(folder)}:" in m for m in messages
        ), (
            path,
            missing,
        )
    known = {f"{path}:{line}" for path, lines in project.rows.items() for line in lines}
    assert accounted <= known
    if source.summary:
        assert f"({len(accounted)} labelled frame" in source.summary
    elif not source.problems:
        assert accounted == known
    # What validation leaves out is named by its row.
    kept = validation.validate(source, "skip")
    left = accounted - {origin for clip in kept.clips for origin in clip.origins}
    assert all(any(origin in message for message in kept.skipped) for origin in left)
    for problem in source.problems:
        assert any(problem.message in message for message in kept.skipped)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(st.lists(st.tuples(st.sampled_from(VARIANTS), st.integers(1, 50)), min_size=1, max_size=6))
def test_no_row_is_dropped_without_a_word(variants):
    with tempfile.TemporaryDirectory() as folder:
        project = Project(os.path.join(folder, "project"))
        plain(project, "first", 0)
        for number, (variant, seed) in enumerate(variants):
            variant(project, f"s{number}", seed)
        check_accounts(project)


def test_each_kind_alone(tmp_path):
    for variant in VARIANTS:
        for seed in (1, 2, 3):
            project = Project(tmp_path / f"{variant.__name__}{seed}")
            plain(project, "first", 0)
            variant(project, "second", seed)
            check_accounts(project)
