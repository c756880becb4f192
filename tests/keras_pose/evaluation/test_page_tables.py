"""The tables of the page: columns, formats, and marks of differences."""

import re

import pytest

from keras_pose.evaluation import page_tables


def make_figures(distances=("2", "6"), mean=1.234):
    """What `accuracy.score` returns for one joint pair, as far as tables read it."""
    figures = {
        "mean_error_px": mean,
        "accuracy_px": {d: 0.5 + i / 100 for i, d in enumerate(distances)},
        "pck": {"0.1": 0.875},
        "auc": 0.3,
    }
    limits = {
        "mean_error_px": [1, 1.5],
        "accuracy_px": {d: [0.4, 0.6] for d in distances},
        "pck": {"0.1": None},
        "auc": [0.2, 0.4],
    }
    joints = {"left_wrist": {**figures, "median_error_px": 1.1, "num_labelled": 3}, "right_wrist": {**figures}}
    whole = {**figures, "pck": {"reference": "frame", **figures["pck"]}, "median_error_px": 1.0, "jitter_px": None}
    return {
        **whole,
        "num_labelled_joints": 7,
        "per_joint": joints,
        "groups": {"wrist": figures},
        "confidence_intervals": {**limits, "groups": {"wrist": limits}, "per_joint": dict.fromkeys(joints, limits)},
    }


def make_difference(**changes):
    found = {"run": "b", "against": "a", "metric": "mean_error_px", "group": None, "a": 2.0, "b": 3.0}
    found.update({"difference": -1.0, "interval": [-1.5, -0.5], "significant": True})
    return {**found, **changes}


def headings(table):
    """The text of the columns' headings; a number and its unit are kept on one line."""
    found = re.findall(r'<th scope="col">(.*?)</th>', table)
    assert not any(re.search(r"\d (px|%)", heading) for heading in found)
    return [heading.replace("&nbsp;", " ") for heading in found]


def rows(table):
    """The text of each row's cells."""
    body = table[table.index("<tbody>") :]
    return [
        [re.sub("<.*?>", "|", cell) for cell in re.findall(r"<t[hd].*?>(.*?)</t[hd]>", row)]
        for row in re.findall(r"<tr.*?>(.*?)</tr>", body)
    ]


def test_joints_table_has_a_column_per_level_and_a_dash_for_what_is_missing():
    heading, table = page_tables.joint_tables({"run": make_figures()})
    assert heading == "<h2>Joints</h2>"
    assert headings(table) == ["joint", "labelled", "mean error", "median", "within 2 px", "within 6 px", "PCK at 0.1"]
    all_joints, both, left, right = rows(table)
    assert all_joints == ["all joints", "7", "1.23|1.00–1.50|", "1.00", "50.0|40.0–60.0|", "51.0|40.0–60.0|", "87.5"]
    assert both[:4] == ["wrist (both)", "", "1.23|1.00–1.50|", ""]
    assert left[:4] == ["left wrist", "3", "1.23|1.00–1.50|", "1.10"]
    assert right[0] == "right wrist"
    missing = rows(page_tables.joint_tables({"run": make_figures(mean=None)})[1])
    assert missing[0][2] == "–|1.00–1.50|"


def test_many_levels_are_thinned_out_to_five_with_both_ends():
    distances = [str(d) for d in range(1, 10)]
    table = page_tables.joint_tables({"run": make_figures(distances)})[1]
    assert headings(table)[4:-1] == [f"within {d} px" for d in (1, 3, 5, 7, 9)]


def test_tables_of_several_runs_name_each_run_and_escape_its_name():
    scores = {"a<1>": make_figures(), "b": make_figures()}
    parts = page_tables.joint_tables(scores)
    assert parts[0::2] == ["<h2>Joints: a&lt;1&gt;</h2>", "<h2>Joints: b</h2>"]
    table = page_tables.runs_table(scores)
    assert headings(table) == ["run", "mean error", "median", "within 2 px", "within 6 px", "PCK at 0.1", "jitter"]
    assert [row[0] for row in rows(table)] == ["a&lt;1&gt;", "b"]
    assert rows(table)[0][-1] == "–"


@pytest.mark.parametrize(
    ("metric", "difference", "kind"),
    [
        ("mean_error_px", -1.0, "good"),
        ("mean_error_px", 1.0, "bad"),
        ("accuracy_px/6", -0.1, "bad"),
        ("pck/0.1", 0.1, "good"),
        ("auc", 0.1, "good"),
    ],
)
def test_significant_differences_are_good_or_bad_by_the_direction_of_the_measure(metric, difference, kind):
    limits = [difference - 0.01, difference + 0.01]
    table = page_tables.differences_table([make_difference(metric=metric, difference=difference, interval=limits)])
    assert f'<span class="{kind}">' in table
    unmarked = make_difference(metric=metric, difference=difference, interval=limits, significant=False)
    assert '<span class="">' in page_tables.differences_table([unmarked])


def test_differences_are_written_in_the_unit_of_their_measure():
    table = page_tables.differences_table(
        [
            make_difference(),
            make_difference(metric="accuracy_px/6", group="left_wrist", a=0.25, b=0.5, difference=-0.25, interval=None),
            make_difference(metric="auc", a=0.25, b=0.5, difference=0.25, interval=[0.125, 0.375]),
        ]
    )
    assert headings(table) == ["figure", "run", "a", "this run", "difference", "interval"]
    error, accuracy, area = rows(table)
    assert error == ["all joints, mean error", "b", "3.00 px", "2.00 px", "|−1.00 px|", "−1.50 px to −0.50 px"]
    assert accuracy == ["left wrist, within 6 px", "b", "50.0 %", "25.0 %", "|−25.0 points|", "–"]
    assert area[0] == "all joints, area under the accuracy curve"
    assert area[2:] == ["0.500", "0.250", "|+0.250|", "+0.125 to +0.375"]
