"""The configuration files of TensorFlow Serving: they parse as in the server, and agree with the docs."""

import shutil
import subprocess

import pytest
import yaml
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, text_format, wrappers_pb2

from tests import conftest

FOLDER = conftest.ROOT / "serving"
LIMIT_S = 60
_FIELD = descriptor_pb2.FieldDescriptorProto


def make_message(name, fields):
    """Returns a new message class: tensorflow-serving-api holds no protos for batching and monitoring.

    Args:
      name: str, its name.
      fields: list of (name, number, type, repeated); a type is a scalar type or the full name of a message.
    """
    file = descriptor_pb2.FileDescriptorProto(
        name=f"test_{name}.proto", package="test", syntax="proto3", dependency=[wrappers_pb2.DESCRIPTOR.name]
    )
    message = file.message_type.add(name=name)
    for field, number, kind, repeated in fields:
        label = _FIELD.LABEL_REPEATED if repeated else _FIELD.LABEL_OPTIONAL
        added = message.field.add(name=field, number=number, label=label)
        if isinstance(kind, str):
            added.type = _FIELD.TYPE_MESSAGE
            added.type_name = kind
        else:
            added.type = kind
    pool = descriptor_pool.Default()
    pool.Add(file) if hasattr(pool, "Add") else pool.AddSerializedFile(file.SerializeToString())
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"test.{name}"))


def parse(name, message):
    """Parses a text proto into a message; as in the server, an unknown field is an error."""
    return text_format.Parse((FOLDER / name).read_text(encoding="utf-8"), message)


def compose(name):
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))["services"]["serving"]


def flags(service):
    return dict(word.lstrip("-").partition("=")[::2] for word in service["command"].split() if word.startswith("--"))


def test_models_have_versions_and_labels():
    pytest.importorskip("tensorflow_serving")
    from tensorflow_serving.config import model_server_config_pb2

    (model,) = parse("models.config", model_server_config_pb2.ModelServerConfig()).model_config_list.config
    assert (model.name, model.base_path, model.model_platform) == ("pose", "/models/pose", "tensorflow")
    assert model.model_version_policy.WhichOneof("policy_choice") == "all"
    assert dict(model.version_labels) == {"stable": 1, "canary": 1}


def test_batching_follows_the_rules_of_the_server():
    number = ".google.protobuf.Int64Value"
    message = make_message(
        "BatchingParameters",
        [
            ("max_batch_size", 1, number, False),
            ("batch_timeout_micros", 2, number, False),
            ("max_enqueued_batches", 3, number, False),
            ("num_batch_threads", 4, number, False),
            ("thread_pool_name", 5, ".google.protobuf.StringValue", False),
            ("allowed_batch_sizes", 6, _FIELD.TYPE_INT64, True),
            ("pad_variable_length_inputs", 7, _FIELD.TYPE_BOOL, False),
        ],
    )
    batching = parse("batching.config", message())
    sizes = list(batching.allowed_batch_sizes)
    assert sizes == sorted(set(sizes))
    assert sizes[0] == 0  # without it, an empty batch ends the server
    assert sizes[-1] == batching.max_batch_size.value == 32
    assert 0 < batching.batch_timeout_micros.value <= 20_000
    assert batching.num_batch_threads.value >= 1
    assert not batching.pad_variable_length_inputs


def test_metrics_are_enabled():
    inner = make_message("PrometheusConfig", [("enable", 1, _FIELD.TYPE_BOOL, False), ("path", 2, 9, False)])
    file = descriptor_pb2.FileDescriptorProto(
        name="test_monitoring.proto", package="test", syntax="proto3", dependency=["test_PrometheusConfig.proto"]
    )
    field = file.message_type.add(name="MonitoringConfig").field.add(name="prometheus_config", number=1, label=1)
    field.type = _FIELD.TYPE_MESSAGE
    field.type_name = "." + inner.DESCRIPTOR.full_name
    pool = descriptor_pool.Default()
    pool.Add(file) if hasattr(pool, "Add") else pool.AddSerializedFile(file.SerializeToString())
    message = message_factory.GetMessageClass(pool.FindMessageTypeByName("test.MonitoringConfig"))
    monitoring = parse("monitoring.config", message()).prometheus_config
    assert monitoring.enable
    assert monitoring.path == "/monitoring/prometheus/metrics"


def test_ports_are_local_and_mounts_read_only():
    service = compose("docker-compose.yml")
    assert sorted(service["ports"]) == ["127.0.0.1:8500:8500", "127.0.0.1:8501:8501"]
    assert [mount["target"] for mount in service["volumes"]] == ["/models", "/config"]
    assert all(mount["read_only"] for mount in service["volumes"])
    assert service["image"] == "tensorflow/serving:${SERVING_TAG:-2.15.1}"


@pytest.mark.parametrize("name", ["docker-compose.yml", "docker-compose.gpu.yml"])
def test_flags_name_mounted_files(name):
    given = flags(compose(name))
    for flag in ("model_config_file", "monitoring_config_file"):
        assert (FOLDER / given[flag].removeprefix("/config/")).is_file()
    # Needed for labels in the file, because no version is loaded when the server starts.
    assert given["allow_version_labels_for_unavailable_models"] == "true"


def test_gpu_variant_adds_to_the_flags_and_bounds_memory():
    plain = flags(compose("docker-compose.yml"))
    gpu = flags(compose("docker-compose.gpu.yml"))
    assert gpu.pop("per_process_gpu_memory_fraction") == "${GPU_MEMORY_FRACTION:-0.5}"
    assert gpu == plain
    service = compose("docker-compose.gpu.yml")
    assert service["image"].endswith("-gpu")
    assert service["environment"]["TF_FORCE_GPU_ALLOW_GROWTH"] == "true"
    assert service["deploy"]["resources"]["reservations"]["devices"][0]["capabilities"] == ["gpu"]


@pytest.mark.parametrize(
    "names", [["docker-compose.yml", *more] for more in ([], ["docker-compose.gpu.yml"], ["docker-compose.front.yml"])]
)
def test_docker_accepts_the_files(names, tmp_path):
    docker = shutil.which("docker")
    plugin = [docker or "docker", "compose", "version"]
    if docker is None or subprocess.run(plugin, capture_output=True, timeout=LIMIT_S).returncode:
        pytest.skip("docker's compose plugin is not installed")
    command = [docker, "compose", *(part for name in names for part in ("-f", str(FOLDER / name))), "config"]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "EXPORT_DIR": str(tmp_path), "SERVING_TAG": "2.19.1"}
    environment["SERVING_KEYS"] = "/dev/null"
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=LIMIT_S)
    assert done.returncode == 0, done.stderr
    service = yaml.safe_load(done.stdout)["services"]["serving"]
    assert service["image"].startswith("tensorflow/serving:2.19.1")
    assert "" not in service["command"]
