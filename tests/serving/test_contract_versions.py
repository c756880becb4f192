"""Versions that change while requests run: a new one takes over until it is withdrawn, a broken one changes nothing."""

from __future__ import annotations

import time

import pytest

from benchmarks.server import publishing, request_load

pytest.importorskip("tensorflow")
from tests.helpers import (
    serving_export,  # noqa: E402 - imports TensorFlow
    serving_servers,  # noqa: E402
)

pytestmark = pytest.mark.timeout(300)
BODY = {"inputs": {"image_bytes": ["x"]}}


@pytest.fixture(scope="module")
def numbered(tmp_path_factory):
    """Folders of SavedModels by the number that they return."""
    folder = tmp_path_factory.mktemp("numbered")
    for number in (1, 2):
        serving_export.write_numbered(folder / str(number), number)
    return {number: folder / str(number) for number in (1, 2)}


@pytest.fixture(params=serving_servers.OWN_KINDS)
def kind(request):
    return request.param


def number_of(server, which=""):
    response = server.predict(BODY, which)
    assert response.status_code == 200, response.text
    return response.json()["outputs"]["scores"][0][0]


def open_load(server):
    return request_load.Load(lambda session: number_of(server), threads=3)


def wait_for_answer(server, number, limit_s=serving_servers.START_S):
    """Waits until a version answers new requests."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        if number_of(server) == number:
            return
        time.sleep(0.02)
    raise TimeoutError(f"version {number} did not answer within {limit_s} s")


def test_publishing_and_rolling_back_lose_no_request(kind, numbered, tmp_path):
    base_path = tmp_path / "pose"
    base_path.mkdir()
    publishing.publish(numbered[1], base_path, 1)
    with serving_servers.open_server(kind, base_path) as server, open_load(server) as load:
        wait_for_answer(server, 1)
        for _ in range(2):
            publishing.publish(numbered[2], base_path, 2)
            wait_for_answer(server, 2)
            server.wait_for(1, None)  # only the latest is kept
            assert server.predict(BODY, "/versions/1").status_code == 404
            publishing.withdraw(base_path, 2)
            wait_for_answer(server, 1)
            server.wait_for(2, None)
        assert server.process.poll() is None
    assert load.faults == []
    assert load.seen == {1.0, 2.0}
    assert len(load.answers_s) > 20


def test_a_broken_version_never_takes_over(kind, numbered, tmp_path):
    base_path = tmp_path / "pose"
    base_path.mkdir()
    publishing.publish(numbered[1], base_path, 1)
    with serving_servers.open_server(kind, base_path) as server, open_load(server) as load:
        (tmp_path / "broken").mkdir()
        (tmp_path / "broken" / "saved_model.pb").write_bytes(b"not a model")
        publishing.publish(tmp_path / "broken", base_path, 2)
        (base_path / ".writing-3").mkdir()  # an incomplete export
        (base_path / "notes").mkdir()
        deadline = time.monotonic() + 3
        while time.monotonic() < deadline:
            assert number_of(server) == 1
        assert server.states()[1] == "AVAILABLE"
        assert server.states().get(2) != "AVAILABLE"
        assert not {3} & set(server.states())
    assert load.faults == []
    assert load.seen == {1.0}


def test_labels_choose_among_loaded_versions(kind, numbered, tmp_path):
    base_path = tmp_path / "pose"
    base_path.mkdir()
    for number in (1, 2):
        publishing.publish(numbered[number], base_path, number)
    with serving_servers.open_server(kind, base_path, {"stable": 1, "canary": 2}) as server:
        server.wait_for(1)
        answers = {which: number_of(server, which) for which in ("", "/labels/stable", "/labels/canary", "/versions/1")}
    assert answers == {"": 2, "/labels/stable": 1, "/labels/canary": 2, "/versions/1": 1}
