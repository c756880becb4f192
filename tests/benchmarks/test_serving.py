"""The benchmark of serving: each part beside the local server with a small export, and what it says of bad ones."""

import contextlib
import json
import random
import sys
import threading
import time

import pytest
import tensorflow as tf

from benchmarks import serving
from benchmarks.common import harness
from benchmarks.server import mutations, processes, request_load, throughput
from keras_pose.exporting import publish
from tests.helpers import serving_export
from tests.helpers.fake_server import answering

pytestmark = pytest.mark.timeout(240)
IMAGE = serving_export.encode(".jpg", 24, 32)


@pytest.fixture(scope="module")
def version(tmp_path_factory):
    """pathlib.Path of a small export."""
    path = tmp_path_factory.mktemp("served") / "pose" / "1"
    serving_export.write_pose_export(path)
    return path


@pytest.fixture(scope="module")
def numbered(tmp_path_factory):
    """pathlib.Path of a model that loads in a moment."""
    path = tmp_path_factory.mktemp("numbered") / "pose" / "1"
    serving_export.write_numbered(path, 1)
    return path


@pytest.fixture(scope="module")
def running(version):
    with processes.serve(version) as server:
        yield server


@pytest.fixture(scope="module")
def loaded(version):
    return tf.saved_model.load(str(version))


@pytest.fixture
def one_model(loaded, monkeypatch):
    """Lets the parts share a model in memory: each load costs seconds."""
    monkeypatch.setattr(serving.tf.saved_model, "load", lambda _: loaded)


@pytest.fixture
def one_server(running, monkeypatch):
    """Lets the parts share a server: each start costs seconds."""
    monkeypatch.setattr(processes, "serve", lambda _: contextlib.nullcontext(running))


class Fake:
    """A server that lists the versions of a folder; `answer` makes (status, JSON or bytes) of a request's number."""

    def __init__(self, answer, pause_s=0.0):
        self.answer, self.pause_s = answer, pause_s

    @contextlib.contextmanager
    def serve(self, version):
        def answer(request):
            if request.method == "GET":
                newest = max(publish.versions(version.parent))
                return 200, {"model_version_status": [{"version": str(newest), "state": "AVAILABLE"}]}
            time.sleep(self.pause_s)
            return self.answer(request.number)

        # A process to ask whether it lives, and how much memory it holds.
        command = [sys.executable, "-c", "import time; time.sleep(60)"]
        with answering(answer) as (url, _), processes.start(command, "/dev/null") as process:
            yield url, process


def find(rows, start) -> harness.Row:
    """Returns the only row whose name begins like this."""
    (row,) = [row for row in rows if row.what.startswith(start)]
    return row


def test_latency(version, one_server, one_model):
    rows = serving.measure_latency(version, quick=True)
    assert [row.what for row in rows] == [
        "direct call, JPEG of 256x256 px",
        "REST, JPEG of 256x256 px",
        "REST, JSON array of pixels, 256x256 px",
        "REST JPEG / direct call",
        "REST JPEG beyond 1.15 direct calls",
        "REST pixels / REST JPEG",
    ]
    assert all(row.value > 0 for row in rows[:4])
    assert [row.target for row in rows] == [None, None, None, None, "<= 5", None]


def test_a_slow_server_is_told(version, one_model, monkeypatch):
    fake = Fake(lambda _: (200, {"outputs": []}), pause_s=0.1)
    monkeypatch.setattr(processes, "serve", fake.serve)
    row = find(serving.measure_latency(version, quick=True), "REST JPEG beyond")
    assert row.holds is False


def test_throughput(version, one_server, one_model):
    rows = throughput.measure_throughput(version, quick=True)
    served = find(rows, "REST, 8 clients at once").value
    direct = find(rows, "direct calls of 8 images").value
    assert find(rows, "served / direct throughput").value == pytest.approx(served / direct, rel=0.5)
    assert find(rows, "memory after 320 requests").value > 100  # TensorFlow alone takes more
    assert find(rows, "growth over the next 960").unit == "MB"


def test_mutated_requests(version, one_server):
    rows = serving.measure_mutated(version, quick=True)
    assert find(rows, "of 300 mutated requests").holds
    assert find(rows, "server alive").holds
    assert find(rows, "slowest").value < mutations.LIMIT_S


def test_wrong_answers_to_mutated_requests_are_counted(version, monkeypatch, capsys):
    wrong = [(500, {"error": "x"}), (200, {"error": "x"}), (400, b"<html>"), (200, {"outputs": [], "more": 1})]
    fake = Fake(lambda count: wrong[count - 1] if count <= len(wrong) else (400, {"error": "no"}))
    monkeypatch.setattr(processes, "serve", fake.serve)
    row = find(serving.measure_mutated(version, quick=True), "of 300 mutated requests")
    assert row.holds is False
    assert row.value == 296
    assert capsys.readouterr().out.count("fault: ") == 4


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ((200, {"predictions": []}), None),
        ((200, {"outputs": {}}), None),
        ((400, {"error": "no"}), None),
        ((404, {"error": "no"}), None),
        ((503, {"error": "no"}), "status 503"),
        ((200, {"error": "no"}), "expected one of"),
        ((400, {"outputs": []}), "expected one of"),
        ((200, []), "expected one of"),
        ((200, b"<html>"), "no JSON"),
        ((400, b""), "no JSON"),
    ],
)
def test_find_fault_judges_an_answer(version, answer, fault):
    with Fake(lambda _: answer).serve(version) as (url, _), request_load.open_session() as session:
        found = mutations.find_fault(session, url, "/v1/models/pose:predict", b"{}")
    assert found == fault or (fault and fault in found)


def test_find_fault_tells_a_server_that_is_gone(version):
    with Fake(lambda _: (200, {})).serve(version) as (url, _):
        pass
    with request_load.open_session() as session:
        assert "no answer" in mutations.find_fault(session, url, "/v1/models/pose:predict", b"{}")


def test_mutations_are_the_same_for_the_same_seed_and_mostly_differ():
    seeds = mutations.valid_requests(IMAGE, IMAGE)
    first, again = ([mutations.mutate(c, seeds, "pose") for _ in range(200)] for c in map(random.Random, (1, 1)))
    assert first == again
    assert len(set(first)) > 150
    assert seeds == mutations.valid_requests(IMAGE, IMAGE)  # not changed in place


def test_versions(numbered):
    rows = serving.measure_versions(numbered, quick=True)
    assert find(rows, "failed requests of ").holds
    assert "during 3 publications and roll-backs" in rows[0].what
    assert find(rows, "answers meanwhile, 4 clients").value > 0
    assert find(rows, "from publication until it alone is served").value < 60


def test_failed_requests_under_load_are_told(numbered, monkeypatch):
    fake = Fake(lambda count: (200, {"outputs": []}) if count > 1 else (500, {"error": "x"}), pause_s=0.01)
    monkeypatch.setattr(processes, "serve", fake.serve)
    row = find(serving.measure_versions(numbered, quick=True), "failed requests of ")
    assert row.holds is False
    assert row.value >= 1


def test_a_request_without_an_answer_is_told(monkeypatch):
    monkeypatch.setattr(request_load, "ANSWER_S", 0.2)
    answer = threading.Event()
    with request_load.Load(lambda _: answer.wait(60), threads=2) as load:
        pass
    answer.set()
    assert load.faults == ["no answer within 0.2 s"] * 2


def test_start(numbered):
    rows = serving.measure_start(numbered, quick=True)
    assert [row.what for row in rows] == [
        "first answer, with warm-up requests",
        "start until ready, with warm-up requests",
        "first answer, without warm-up requests",
        "start until ready, without warm-up requests",
    ]
    assert all(row.value > 0 for row in rows)


def test_the_command_writes_the_rows_of_the_parts_asked_for(version, one_server, tmp_path, capsys):
    path = tmp_path / "rows.json"
    serving.main(["--quick", "--only=mutated", f"--base_path={version.parent}", f"--json={path}"])
    assert [row["what"] for row in json.loads(path.read_text())["rows"]][1] == "server alive after them"
    assert "of 300 mutated requests" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["--only=latency,speed"], "received speed"),
        (["--base_path=/nowhere"], "--base_path=/nowhere: no version lies there"),
    ],
)
def test_wrong_flags_end_the_command(flags, says, capsys):
    with pytest.raises(SystemExit) as ended:
        serving.main(flags)
    assert ended.value.code == 2
    assert says in capsys.readouterr().err
