"""The server's process: models from flags, threads, and versions that change while it runs."""

import concurrent.futures
import shutil
import signal
import sys
import time

import pytest
import requests

from benchmarks.server import processes, publishing, request_load

pytest.importorskip("tensorflow")
from serving.local_server.__main__ import parse_arguments  # noqa: E402
from serving.local_server.server import build_manager, choose_intra_op_threads  # noqa: E402
from tests.helpers import serving_servers, tiny, toy_server  # noqa: E402 - imports TensorFlow

CONFIG = 'model_config_list { config { name: "hand" base_path: "/hand" } config { name: "pose" base_path: "/pose" } }'


@pytest.fixture(scope="module")
def exports(tmp_path_factory):
    """Folder with versions 1 and 2 under "made", and version 1 under "toy"."""
    folder = tmp_path_factory.mktemp("exports")
    toy_server.save(folder / "made" / "1", 2.0)
    toy_server.save(folder / "made" / "2", 3.0)
    shutil.copytree(folder / "made" / "1", folder / "toy" / "1")
    return folder


def test_publishing_and_rolling_back_loses_no_request(exports):
    def ask(session):
        answer = session.post(f"{server}:predict", data='{"instances": [[1, 1]]}', timeout=20)
        assert answer.status_code == 200, answer.text
        return answer.text

    def wait_for(version):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            items = requests.get(server, timeout=20).json()["model_version_status"]
            if [item["version"] for item in items if item["state"] == "AVAILABLE"] == [version]:
                return
            time.sleep(0.05)
        raise AssertionError(f"version {version} did not become the only one: {items}")

    flags = [f"--model_base_path={exports / 'toy'}", "--file_system_poll_wait_seconds=0.1"]
    with toy_server.run(*flags) as server, request_load.Load(ask, threads=2) as load:
        publishing.publish(exports / "made" / "2", exports / "toy", 2)
        wait_for("2")
        shutil.rmtree(exports / "toy" / "2")
        wait_for("1")
    assert load.faults == []
    assert load.seen == {'{"predictions":[[2.0,2.0]]}', '{"predictions":[[3.0,3.0]]}'}


@pytest.mark.parametrize(
    ("wanted", "num_cores", "threads"),
    [(0, 1, 1), (0, 2, 1), (0, 3, 0), (0, 64, 0), (2, 2, 2), (6, 64, 6)],
)
def test_an_operation_has_one_thread_if_the_workers_need_the_cores(wanted, num_cores, threads):
    assert choose_intra_op_threads(wanted, num_cores, {}) == threads


@pytest.mark.parametrize(("wanted", "threads"), [(0, 0), (3, 3)])
def test_the_environment_sets_the_threads_if_no_flag_does(wanted, threads):
    assert choose_intra_op_threads(wanted, 2, {"TF_NUM_INTRAOP_THREADS": "2"}) == threads


def test_a_model_has_the_name_of_its_folder_or_of_the_flag(tmp_path):
    (tmp_path / "pose").mkdir()
    flags = [f"--model_base_path={tmp_path / 'pose'}"]
    assert build_manager(parse_arguments(flags)).names == ["pose"]
    assert build_manager(parse_arguments([*flags, "--model_name=other"])).names == ["other"]


def test_several_folders_are_several_models(tmp_path):
    flags = []
    for name in ("upper_body", "pose"):
        (tmp_path / name).mkdir()
        flags.append(f"--model_base_path={tmp_path / name}")
    manager = build_manager(parse_arguments(flags))
    assert sorted(manager.names) == ["pose", "upper_body"]
    assert manager.model("upper_body").config.base_path == str(tmp_path / "upper_body")


def test_labels_at_the_start_need_a_flag(tmp_path):
    pytest.importorskip("tensorflow_serving")
    file = tmp_path / "models.config"
    file.write_text(CONFIG.replace('"/hand"', '"/hand" version_labels { key: "stable" value: 1 }'))
    flags = [f"--model_config_file={file}"]
    with pytest.raises(ValueError, match=r"models.config: Request to assign label to version 1 of model hand"):
        build_manager(parse_arguments(flags))
    flags.append("--allow_version_labels_for_unavailable_models=true")
    assert build_manager(parse_arguments(flags)).names == ["hand", "pose"]


def test_a_folder_flag_overrides_the_configuration_file(tmp_path):
    pytest.importorskip("tensorflow_serving")
    (tmp_path / "models.config").write_text(CONFIG)
    flags = [f"--model_config_file={tmp_path / 'models.config'}", f"--model_base_path={tmp_path}"]
    manager = build_manager(parse_arguments([*flags, "--model_name=pose"]))
    assert manager.names == ["hand", "pose"]
    assert manager.model("pose").config.base_path == str(tmp_path)
    assert manager.model("hand").config.base_path == "/hand"
    with pytest.raises(ValueError, match="expected the model 'nope' of --model_base_path, received hand, pose"):
        build_manager(parse_arguments([*flags, "--model_name=nope"]))


def start(*flags):
    """Returns (exit status, output) of a server that ends at once."""
    return tiny.run([sys.executable, "-m", "serving.local_server", "--rest_api_port=0", *flags])


def test_the_server_ends_if_a_model_has_no_version_that_loads(tmp_path):
    (tmp_path / "1").write_text("a plain file")
    status, output = start(f"--model_base_path={tmp_path}", "--model_name=pose", "--strict")
    assert status == 255
    assert "error: model pose did not become available: version 1: " in output


def send_slow_request(pool, url):
    """Sends a request that takes 2 s; returns its future after 1 s."""
    answer = pool.submit(toy_server.post, f"{url}:predict", {"signature_name": "sleep", "inputs": 2.0})
    time.sleep(1.0)
    return answer


def test_the_port_opens_when_there_is_a_version_and_strictly_sigterm_ends_running_requests(exports, tmp_path):
    folder = tmp_path / "toy"
    log = tmp_path / "log"
    folder.mkdir()
    with serving_servers.hold_port() as port:
        url = f"http://127.0.0.1:{port}/v1/models/toy"
        command = [sys.executable, "-m", "serving.local_server", f"--rest_api_port={port}", "--strict"]
        flags = [f"--model_base_path={folder}", "--file_system_poll_wait_seconds=0.1"]
        with serving_servers.start([*command, *flags], log) as process:
            deadline = time.monotonic() + 60
            while "no version to serve" not in log.read_text():
                assert time.monotonic() < deadline
                time.sleep(0.05)
            with pytest.raises(requests.ConnectionError):
                requests.get(url, timeout=20)
            shutil.copytree(exports / "made" / "1", tmp_path / "copy")
            (tmp_path / "copy").rename(folder / "1")
            assert processes.wait_for_url(process, log) in url
            with concurrent.futures.ThreadPoolExecutor(1) as pool:
                answer = send_slow_request(pool, url)
                process.terminate()
                assert process.wait(20) == -signal.SIGTERM
            assert isinstance(answer.exception(), requests.ConnectionError)


def test_sigterm_lets_running_requests_finish(exports):
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        with toy_server.run(f"--model_base_path={exports / 'toy'}") as url:
            answer = send_slow_request(pool, url)
        assert answer.result().status_code == 200
