"""Installations as the doctor may find them: broken modules, missing packages, other requirements."""

import importlib
import importlib.metadata

import pytest


@pytest.fixture
def broken_import(monkeypatch):
    """Makes the import of a module fail: `broken_import(name, error)`."""
    real = importlib.import_module

    def arrange(name, error):
        def fake(module, *args):
            if module == name:
                raise error
            return real(module, *args)

        monkeypatch.setattr(importlib, "import_module", fake)

    return arrange


@pytest.fixture
def versions(monkeypatch):
    """Replaces what is installed: `versions({"keras": "2.15.0"})`."""

    def arrange(installed):
        def fake(name):
            if name not in installed:
                raise importlib.metadata.PackageNotFoundError(name)
            return installed[name]

        monkeypatch.setattr(importlib.metadata, "version", fake)

    return arrange


@pytest.fixture
def project(tmp_path):
    """A folder with requirements of two stacks: Keras 2 by this Python's choice, and Keras 3."""
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements.txt").write_text("# both\n-r requirements/common.txt\nkeras==2.15.0  # classic\n")
    (tmp_path / "requirements" / "common.txt").write_text('json>=1\nabsent; python_version < "3"\n')
    (tmp_path / "requirements" / "current.txt").write_text("-r common.txt\nkeras==3.15.*\n")
    return tmp_path
