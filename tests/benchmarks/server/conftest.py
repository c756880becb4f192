"""Small exports, a server and a model that the tests of the parts share: each load or start costs seconds."""

import contextlib

import pytest
import tensorflow as tf

from benchmarks.server import processes
from tests.helpers import serving_export


@pytest.fixture(scope="session")
def version(tmp_path_factory):
    """pathlib.Path of a small export."""
    path = tmp_path_factory.mktemp("served") / "pose" / "1"
    serving_export.copy_pose_export(tmp_path_factory, path)
    return path


@pytest.fixture(scope="session")
def numbered(tmp_path_factory):
    """pathlib.Path of a model that loads in a moment."""
    path = tmp_path_factory.mktemp("numbered") / "pose" / "1"
    serving_export.write_numbered(path, 1)
    return path


@pytest.fixture(scope="session")
def running(version):
    """(address, process) of a server of the small export."""
    with processes.serve(version) as server:
        yield server


@pytest.fixture(scope="session")
def loaded(version):
    return tf.saved_model.load(str(version))


@pytest.fixture
def one_model(loaded, monkeypatch):
    """Lets a part use the model in memory instead of loading it."""
    monkeypatch.setattr(tf.saved_model, "load", lambda _: loaded)


@pytest.fixture
def one_server(running, monkeypatch):
    """Lets a part use the running server instead of starting one."""
    monkeypatch.setattr(processes, "serve", lambda _: contextlib.nullcontext(running))
