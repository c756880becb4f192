"""Scripts for clusters: they parse, their commands have these flags, and they say to each worker who it is."""

import http.server
import json
import os
import re
import stat
import subprocess
import threading
import urllib.request

import pytest
import yaml

from keras_pose import options
from keras_pose.analysis.config import PredictConfig
from keras_pose.annotating.config import AnnotateConfig
from keras_pose.cluster.config import PartConfig
from keras_pose.runs.config import TrainConfig
from keras_pose.sharding.config import PrepareConfig
from tests import conftest
from tests.helpers import front

FOLDER = conftest.ROOT / "examples" / "cluster"
DOC = conftest.ROOT / "docs" / "cluster.md"
SCRIPTS = sorted(FOLDER.glob("*.slurm"))
MANIFESTS = sorted(FOLDER.glob("*.yml"))
COMMANDS = {
    "train": TrainConfig,
    "predict": PredictConfig,
    "annotate": AnnotateConfig,
    "prepare": PrepareConfig,
}


def commands_of(text):
    """Yields (command, its flags without dashes) of each line that runs a command of this project."""
    text = re.sub(r"\\\n", " ", text)
    for line in text.splitlines():
        match = re.search(
            r"(?:python (?:-m keras_pose )?|keras-pose )(train|predict|annotate|prepare)(?:\.py)?\s(.*)", line
        )
        if match:
            yield match[1], re.findall(r"(?:^|\s)--(\w+)", match[2])


def pods(path):
    """Returns the (first) container of each Job and Deployment of a manifest."""
    found = [document for document in yaml.safe_load_all(path.read_text(encoding="utf-8")) if "spec" in document]
    templates = [document["spec"]["template"]["spec"] for document in found if "template" in document["spec"]]
    return [template["containers"][0] for template in templates]


def all_texts():
    yield from (path.read_text(encoding="utf-8") for path in [*SCRIPTS, DOC])
    for path in MANIFESTS:
        for container in pods(path):
            yield " ".join(container["args"])


def test_all_files_are_described():
    text = DOC.read_text(encoding="utf-8")
    for path in FOLDER.iterdir():
        assert f"../examples/cluster/{path.name}" in text, path.name


def test_commands_have_the_flags_that_scripts_and_docs_use():
    found = [(command, flags) for text in all_texts() for command, flags in commands_of(text)]
    assert {command for command, _ in found} == set(COMMANDS)
    for command, flags in found:
        known = {flag.name for flag in options.flags_of(COMMANDS[command])} | {"flagfile"}
        assert flags
        assert {name.removeprefix("no") if name not in known else name for name in flags} <= known, (command, flags)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_is_valid_and_asks_slurm_for_what_it_uses(path):
    subprocess.run(["bash", "-n", str(path)], check=True)
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    first_command = next(n for n, line in enumerate(lines) if line and not line.startswith("#"))
    assert not [line for line in lines[first_command:] if line.startswith("#SBATCH")]  # Slurm would not read them
    asked = dict(re.findall(r"^#SBATCH --([\w-]+)(?:=(.*))?$", text, re.MULTILINE))
    if "SLURM_ARRAY_TASK_ID" in text:
        assert asked["array"] == f"1-{re.search(r'PARTS:-([0-9]+)', text)[1]}"
    assert "requeue" in asked


def write_program(folder, name, text):
    path = folder / name
    path.write_text(f"#!/usr/bin/env bash\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def run_script(tmp_path):
    """Runs a script with Slurm's programs and `python` replaced by ones that say how they were called."""
    write_program(tmp_path, "python", 'printf "%s\\n" "$TF_CONFIG" "$@"; exit "${CODE:-0}"')
    write_program(tmp_path, "srun", 'while [[ $1 == --* ]]; do shift; done; exec "$@"')
    write_program(tmp_path, "scontrol", 'printf "node-1\\nnode-2\\n"')
    write_program(tmp_path, "sleep", "exit 0")

    def run(command, **environment):
        path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
        fixed = {**os.environ, "TF_CONFIG": "", "PATH": path, "SLURM_SUBMIT_DIR": str(tmp_path)}
        done = subprocess.run(command, env={**fixed, **environment}, capture_output=True, text=True, timeout=30)
        return done.returncode, done.stdout.splitlines()

    return run


def test_each_job_of_an_array_takes_its_part(run_script):
    command = ["bash", str(FOLDER / "predict_array.slurm"), "runs/my run", "my videos", "out"]
    code, said = run_script(command, SLURM_ARRAY_TASK_ID="3", SLURM_CPUS_PER_TASK="2")
    assert code == 0
    assert {"--run_dir=runs/my run", "--video=my videos", "--part=3/16", "--out_dir=out/part-3"} <= set(said)
    _, said = run_script(command, SLURM_ARRAY_TASK_ID="100", SLURM_CPUS_PER_TASK="2", PARTS="100")
    assert "--part=100/100" in said


def test_each_worker_of_slurm_knows_the_others_and_starts_again_if_one_is_lost(run_script):
    command = ["bash", str(FOLDER / "train_workers.slurm"), "my.flags", "runs/my run"]
    slurm = {"SLURM_JOB_ID": "20007", "SLURM_JOB_NODELIST": "node-[1-2]", "SLURM_PROCID": "1"}
    code, said = run_script(command, **slurm)
    assert code == 0
    expected = {"cluster": {"worker": ["node-1:20007", "node-2:20007"]}, "task": {"type": "worker", "index": 1}}
    assert json.loads(said[0]) == expected
    assert said[1:] == ["train.py", "--flagfile=my.flags", "--run_dir=runs/my run"]
    code, said = run_script(command, **slurm, CODE="75")
    assert (code, said.count("train.py")) == (75, 5)
    code, said = run_script(command, **slurm, CODE="1")
    assert (code, said.count("train.py")) == (1, 1)


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_a_manifest_is_complete(path):
    for container in pods(path):
        mounted = {mount["name"] for mount in container["volumeMounts"]}
        [document] = [d for d in yaml.safe_load_all(path.read_text(encoding="utf-8")) if d["kind"] != "Service"]
        template = document["spec"]["template"]["spec"]
        assert mounted == {volume["name"] for volume in template["volumes"]}
        if document["kind"] == "Job":
            assert document["spec"]["completionMode"] == "Indexed"
            assert document["spec"]["completions"] == document["spec"]["parallelism"]


def test_jobs_run_what_the_image_of_the_dockerfile_has():
    for path in MANIFESTS:
        text = path.read_text(encoding="utf-8")
        for place in re.findall(r"/opt/keras_pose/([\w./-]+)", text):
            assert (conftest.ROOT / place).exists(), place
            assert f"COPY {place.split('/')[0]} " in (conftest.ROOT / "Dockerfile").read_text(encoding="utf-8")
        assert not re.search(r"python (?!-m keras_pose )", " ".join(pods(path)[0]["args"]))


def test_each_pod_takes_its_part(run_script):
    [container] = pods(FOLDER / "predict_job.yml")
    _, said = run_script([*container["command"], *container["args"]], JOB_COMPLETION_INDEX="15")
    assert {"--part=16/16", "--out_dir=/data/poses/part-15"} <= set(said)


def test_each_worker_of_kubernetes_knows_the_others(run_script):
    path = FOLDER / "train_job.yml"
    [container] = pods(path)
    service, job = yaml.safe_load_all(path.read_text(encoding="utf-8"))
    _, said = run_script([*container["command"], *container["args"]], JOB_COMPLETION_INDEX="1")
    config = json.loads(said[0])
    name = job["metadata"]["name"]
    hosts = [f"{name}-{index}.{service['metadata']['name']}:2222" for index in range(job["spec"]["completions"])]
    assert config == {"cluster": {"worker": hosts}, "task": {"type": "worker", "index": 1}}
    assert job["spec"]["template"]["spec"]["subdomain"] == service["metadata"]["name"]
    assert service["spec"]["selector"] == {"job-name": name}


class Server(http.server.ThreadingHTTPServer):
    """Answers every request with its own name."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):  # noqa: N802
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", str(len(self.server.name)))
            self.send_header("Connection", "close")  # a connection that is kept would outlive the server
            self.end_headers()
            self.wfile.write(self.server.name.encode())

        def log_message(self, *_):
            pass

    def __init__(self, name):
        super().__init__(("127.0.0.1", 0), self.Handler)
        self.name = name
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def stop(self):
        self.shutdown()
        self.server_close()


def test_the_balancer_uses_both_servers_and_leaves_out_one_that_is_lost(tmp_path):
    front.skip_without_nginx()
    servers = [Server("one"), Server("two")]
    text = (FOLDER / "balancer.conf").read_text(encoding="utf-8")
    changes = [(f"127.0.0.1:851{n}", f"127.0.0.1:{server.server_port}") for n, server in enumerate(servers, 1)]

    def ask(address):
        request = urllib.request.Request(f"{address}/v1/models/pose:predict", b"{}", method="POST")
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read().decode()

    with front.run_config(tmp_path, text, [*changes, (" /tmp/", f" {tmp_path}/")], "127.0.0.1:8501") as address:
        assert {ask(address) for _ in range(8)} == {"one", "two"}
        servers[0].stop()
        assert {ask(address) for _ in range(8)} == {"two"}
    servers[1].stop()


def test_the_part_of_the_example_is_what_the_flag_takes():
    assert "`--part=3/16` is the third of 16 parts, videos number 3, 19, 35, …" in DOC.read_text(encoding="utf-8")
    assert PartConfig("3/16").choose(range(1, 41)) == [3, 19, 35]
