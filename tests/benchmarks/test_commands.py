"""Every command of the benchmarks explains itself."""

import importlib
import pkgutil

import pytest

import benchmarks

COMMANDS = [module.name for module in pkgutil.iter_modules(benchmarks.__path__) if not module.ispkg]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_help_for_every_argument(name, capsys):
    command = importlib.import_module(f"benchmarks.{name}")
    with pytest.raises(SystemExit) as ended:
        command.main(["--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert "--quick" in shown
    assert f"python -m benchmarks.{name}" in command.__doc__
