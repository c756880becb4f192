"""What is said about a source before it is used."""

from keras_pose.data import data_notes
from keras_pose.data.source import Source
from keras_pose.skeleton import UPPER_BODY


def shown(source, path=""):
    lines = []
    data_notes.echo_data_problems(source, lines.append, path)
    return lines


def test_the_summary_is_a_warning_and_comes_first():
    source = Source([], UPPER_BODY, summary="read 2 of 12 sessions", skipped=("a.csv:3: bad",), notes=("n",))
    assert shown(source) == ["warning: read 2 of 12 sessions", "left out: a.csv:3: bad", "note: n"]


def test_long_lists_are_cut_and_the_file_has_them_whole(tmp_path):
    path = tmp_path / "run" / data_notes.FILE_NAME
    skipped = tuple(f"a.csv:{i}: bad" for i in range(25))
    notes = tuple(f"note {i}" for i in range(8))
    lines = shown(Source([], UPPER_BODY, skipped=skipped, notes=notes, name="project"), str(path))
    assert lines[0] == "left out: a.csv:0: bad"
    assert sum(line.startswith("left out: ") for line in lines) == 20
    assert sum(line.startswith("note: ") for line in lines) == 5
    assert lines[-1] == (f"… and 5 more labels left out (25 in all), 3 more notes on the data; the whole list: {path}")
    written = path.read_text().splitlines()
    assert written[0] == "data: project"
    assert [line for line in written if line.startswith("left out")] == [f"left out: {text}" for text in skipped]
    assert [line for line in written if line.startswith("note")] == [f"note: {text}" for text in notes]


def test_a_source_without_problems_is_silent_and_removes_an_older_list(tmp_path):
    path = tmp_path / data_notes.FILE_NAME
    assert shown(Source([], UPPER_BODY), str(path)) == []
    assert not path.exists()
    path.write_text("older")
    assert shown(Source([], UPPER_BODY), str(path)) == []
    assert not path.exists()
