"""The command that measures serving: its parts and its flags."""

import json

import pytest

from benchmarks import serving
from benchmarks.common.rows import Row


def test_the_command_writes_the_rows_of_the_parts_asked_for(tmp_path, monkeypatch, capsys):
    version = tmp_path / "pose" / "12"
    for name in ("2", "12", ".writing-13"):
        (tmp_path / "pose" / name).mkdir(parents=True)
    monkeypatch.setitem(serving.PARTS, "mutated", lambda path, quick: [Row(f"{path}, {quick}", 1, "")])
    path = tmp_path / "rows.json"
    serving.main(["--quick", "--only=mutated", f"--base_path={tmp_path / 'pose'}", f"--json={path}"])
    assert [row["what"] for row in json.loads(path.read_text())["rows"]] == [f"{version}, True"]
    assert str(version) in capsys.readouterr().out


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["--only=latency,speed"], "received speed"),
        (["--base_path=/nowhere"], "--base_path=/nowhere: it contains no version"),
    ],
)
def test_wrong_flags_end_the_command(flags, says, capsys):
    with pytest.raises(SystemExit) as ended:
        serving.main(flags)
    assert ended.value.code == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        ([], "--run_dir: expected a run to export, but {} is not inside one"),
        (["--run_dir=/nowhere"], "--run_dir: expected a run to export, received /nowhere"),
    ],
)
def test_a_run_that_is_not_there_ends_the_command_before_any_part(tmp_path, monkeypatch, flags, says, capsys):
    version = tmp_path / "pose" / "1"
    version.mkdir(parents=True)
    monkeypatch.setitem(serving.PARTS, "latency", lambda *_: pytest.fail("was run"))
    with pytest.raises(SystemExit) as ended:
        serving.main(["--only=latency,kills", f"--base_path={version.parent}", *flags])
    assert ended.value.code == 2
    assert says.format(version) in capsys.readouterr().err
