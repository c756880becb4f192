"""The benchmark of serving: each part beside the local server with a small export, and what it says of bad ones."""

import contextlib
import http.server
import json
import random
import shutil
import sys
import threading
import time

import pytest
import serving_export
import tensorflow as tf
from exported_runs import ROOT

from benchmarks import harness, serving, serving_kills, serving_mutations, serving_process
from keras_pose.exporting import publish

pytestmark = pytest.mark.timeout(240)
IMAGE = serving_export.encode(".jpg", 24, 32)

# Publishes a copy of a SavedModel file by file, slowly: whole, or (torn) where it can be seen.
_WRITER = """
import os, shutil, sys, time

kind, source, folder = sys.argv[1:]

def write(target):
    for name in ("saved_model.pb", "fingerprint.pb", "variables/variables.index"):
        os.makedirs(os.path.dirname(os.path.join(target, name)), exist_ok=True)
        shutil.copy(os.path.join(source, name), os.path.join(target, name))
        time.sleep(0.2)
    shutil.copytree(source, target, dirs_exist_ok=True)

if kind == "torn":
    write(os.path.join(folder, str(len(os.listdir(folder)) + 1)))
else:
    from keras_pose.exporting import publish

    with publish.new_version(folder) as (_, hidden):
        write(hidden)
"""


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
    with serving.serve(version) as server:
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
    monkeypatch.setattr(serving, "serve", lambda _: contextlib.nullcontext(running))


class Fake:
    """A server that lists the versions of a folder; `answer` makes (status, JSON or bytes) of a request's number."""

    def __init__(self, answer, pause_s=0.0):
        self.answer, self.pause_s, self.count, self.lock = answer, pause_s, 0, threading.Lock()

    @contextlib.contextmanager
    def serve(self, version):
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 10
            disable_nagle_algorithm = True

            def do_GET(self):
                newest = max(publish.versions(version.parent))
                self.send(200, {"model_version_status": [{"version": str(newest), "state": "AVAILABLE"}]})

            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                with fake.lock:
                    fake.count += 1
                    status, body = fake.answer(fake.count)
                time.sleep(fake.pause_s)
                self.send(status, body)

            def send(self, status, body):
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                with contextlib.suppress(ConnectionError):
                    self.send_response(status)
                    self.send_header("Content-Length", str(len(data)))
                    self.end_headers()
                    self.wfile.write(data)

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        # A process to ask whether it lives, and how much memory it holds.
        with serving_process.start([sys.executable, "-c", "import time; time.sleep(60)"], "/dev/null") as process:
            try:
                yield f"http://127.0.0.1:{server.server_address[1]}", process
            finally:
                server.shutdown()
                server.server_close()


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
    fake = Fake(lambda _: (200, {"outputs": []}), pause_s=0.03)
    monkeypatch.setattr(serving, "serve", fake.serve)
    row = find(serving.measure_latency(version, quick=True), "REST JPEG beyond")
    assert row.holds is False
    assert row.value > 20


def test_throughput(version, one_server, one_model):
    rows = serving.measure_throughput(version, quick=True)
    served = find(rows, "REST, 8 clients at once").value
    direct = find(rows, "direct calls of 8 images").value
    assert find(rows, "served / direct throughput").value == pytest.approx(served / direct, rel=0.5)
    assert find(rows, "memory after 320 requests").value > 100  # TensorFlow alone takes more
    assert find(rows, "growth over the next 960").unit == "MB"


def test_mutated_requests(version, one_server):
    rows = serving.measure_mutated(version, quick=True)
    assert find(rows, "of 300 mutated requests").holds
    assert find(rows, "server alive").holds
    assert find(rows, "slowest").value < serving_mutations.LIMIT_S


def test_wrong_answers_to_mutated_requests_are_counted(version, monkeypatch, capsys):
    wrong = [(500, {"error": "x"}), (200, {"error": "x"}), (400, b"<html>"), (200, {"outputs": [], "more": 1})]
    fake = Fake(lambda count: wrong[count] if count < len(wrong) else (400, {"error": "no"}))
    monkeypatch.setattr(serving, "serve", fake.serve)
    row = find(serving.measure_mutated(version, quick=True), "of 300 mutated requests")
    assert row.holds is False
    assert row.value == 297
    assert capsys.readouterr().out.count("fault: ") == 3


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
    with Fake(lambda _: answer).serve(version) as (url, _), serving.serving_load.open_session() as session:
        found = serving_mutations.find_fault(session, url, "/v1/models/pose:predict", b"{}")
    assert found == fault or (fault and fault in found)


def test_find_fault_tells_a_server_that_is_gone(version):
    with Fake(lambda _: (200, {})).serve(version) as (url, _):
        pass
    with serving.serving_load.open_session() as session:
        assert "no answer" in serving_mutations.find_fault(session, url, "/v1/models/pose:predict", b"{}")


def test_mutations_are_the_same_for_the_same_seed_and_mostly_differ():
    seeds = serving_mutations.valid_requests(IMAGE, IMAGE)
    first, again = (
        [serving_mutations.mutate(c, seeds, "pose") for _ in range(200)] for c in map(random.Random, (1, 1))
    )
    assert first == again
    assert len(set(first)) > 150
    assert seeds == serving_mutations.valid_requests(IMAGE, IMAGE)  # not changed in place


def test_versions(numbered):
    rows = serving.measure_versions(numbered, quick=True)
    assert find(rows, "failed requests of ").holds
    assert "during 3 publications and roll-backs" in rows[0].what
    assert find(rows, "answers meanwhile, 4 clients").value > 0
    assert find(rows, "from publication until it alone is served").value < 60


def test_failed_requests_under_load_are_told(numbered, monkeypatch):
    fake = Fake(lambda count: (200, {"outputs": []}) if count % 7 else (500, {"error": "x"}), pause_s=0.01)
    monkeypatch.setattr(serving, "serve", fake.serve)
    row = find(serving.measure_versions(numbered, quick=True), "failed requests of ")
    assert row.holds is False
    assert row.value >= 1


def test_start(numbered):
    rows = serving.measure_start(numbered, quick=True)
    assert [row.what for row in rows] == [
        "first answer, with warm-up requests",
        "start until ready, with warm-up requests",
        "first answer, without warm-up requests",
        "start until ready, without warm-up requests",
    ]
    assert all(row.value > 0 for row in rows)


def kill(kind, numbered, folder, count):
    folder.mkdir()
    command = [sys.executable, "-c", _WRITER, kind, str(numbered), str(folder)]
    return serving_kills.kill_exports(command, folder, IMAGE, count, random.Random(0))


def test_kills_of_an_export_that_publishes_whole_versions(numbered, tmp_path):
    seen = kill("whole", numbered, tmp_path / "pose", 6)
    rows = seen.rows()
    assert seen.faults == []
    assert find(rows, "incomplete versions").holds
    assert seen.kills + seen.finished == 6
    assert seen.kills >= 1
    assert publish.versions(tmp_path / "pose") == list(range(1, seen.published + 3))
    assert [path.name for path in (tmp_path / "pose").glob(".*")] == []


def test_kills_of_an_export_that_is_seen_half_written_are_told(numbered, tmp_path):
    seen = kill("torn", numbered, tmp_path / "pose", 6)
    assert any("lacks, or has beyond the first version: " in fault for fault in seen.faults)
    assert find(seen.rows(), "incomplete versions").holds is False


def test_kills_find_what_else_can_be_wrong(numbered, tmp_path):
    folder = tmp_path / "pose"
    for number in (1, 2, 3):
        shutil.copytree(numbered, folder / str(number))
        if number == 1:
            watch = serving_kills._Watch(folder, IMAGE)
    (folder / "2" / "saved_model.pb").write_bytes(b"half")
    shutil.rmtree(folder / "3")
    serving_export.write_numbered(folder / "3", 3)
    (folder / "writing-4").mkdir()
    (folder / ".writing-5").mkdir()
    faults = watch.find_faults()
    assert [fault.split(":")[0] for fault in faults] == ["writing-4 can be seen", "version 2", "version 3"]
    assert "cannot be loaded and asked" in faults[1]
    assert "answers otherwise than the first version" in faults[2]
    (folder / "1" / "variables" / "variables.index").write_bytes(b"")
    assert "version 1: its files have changed" in watch.find_faults()


def test_the_part_kills_exports_the_run_that_the_versions_lie_in(numbered, tmp_path, monkeypatch):
    asked = {}

    def note(command, model_dir, image, count, chooser):
        asked.update(command=command, model_dir=model_dir, count=count)
        return serving_kills.Kills(whole_s=1.0)

    monkeypatch.setattr(serving_kills, "kill_exports", note)
    (tmp_path / "export").mkdir()
    (tmp_path / "flags.txt").touch()
    shutil.copytree(numbered.parent, tmp_path / "export" / "pose")
    for run_dir, expected in ((None, tmp_path), (str(ROOT / "runs" / "x"), ROOT / "runs" / "x")):
        serving.measure_kills(tmp_path / "export" / "pose" / "1", quick=True, run_dir=run_dir)
        assert asked["command"][1:3] == ["export.py", f"--run_dir={expected.resolve()}"]
        assert asked["command"][3] == f"--export_dir={asked['model_dir'].parent}"
        assert asked["count"] == 2
    with pytest.raises(ValueError, match="--run_dir: expected a run to export"):
        serving.measure_kills(numbered, quick=True)


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
