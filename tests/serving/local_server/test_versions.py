import threading

import pytest

from serving.local_server.errors import ServingError
from serving.local_server.model_config import ModelConfig, read_model_configs
from serving.local_server.rest_paths import ModelChoice, parse_path
from serving.local_server.version_folders import find_versions
from serving.local_server.versions import ModelVersions

NEWEST = ModelChoice("toy")


def publish(base, version, content="good"):
    folder = base / str(version)
    folder.mkdir(exist_ok=True)
    (folder / "saved_model.pb").write_text(content)
    return folder


def load(folder, version):
    with open(f"{folder}/saved_model.pb") as file:
        if file.read() != "good":
            raise ValueError("broken on purpose")
    return f"servable {version}"


def states(model):
    return {item["version"]: item["state"] for item in model.status(NEWEST)["model_version_status"]}


def answer(model, choice=NEWEST):
    with model.use(choice) as servable:
        return servable


@pytest.fixture
def model(tmp_path):
    return ModelVersions(ModelConfig("toy", str(tmp_path), labels={"stable": 1}), load)


def test_only_numbered_folders_with_a_model_are_versions(tmp_path):
    publish(tmp_path, "007")
    publish(tmp_path, "v8")
    publish(tmp_path, "-9")
    (tmp_path / "10").mkdir()
    (tmp_path / "11").write_text("no folder")
    assert find_versions(tmp_path) == {7: str(tmp_path / "007")}


@pytest.mark.parametrize("given", ["export", "export/pose/1"])
def test_a_folder_without_versions_is_named_once_with_the_one_that_may_be_meant(tmp_path, given, caplog):
    (tmp_path / "export" / "pose").mkdir(parents=True)
    publish(tmp_path / "export" / "pose", 1)
    model = ModelVersions(ModelConfig("toy", str(tmp_path / given)), load)
    model.poll()
    model.poll()
    (record,) = caplog.records
    assert f"no version to serve in {tmp_path / given}:" in record.getMessage()
    assert f"did you mean {tmp_path / 'export' / 'pose'}?" in record.getMessage()


def test_a_new_version_takes_over_and_a_removed_one_gives_back(tmp_path, model):
    publish(tmp_path, 1)
    model.poll()
    assert answer(model) == "servable 1"
    newer = publish(tmp_path, 2)
    model.poll()
    assert answer(model) == "servable 2"
    assert states(model) == {"1": "END", "2": "AVAILABLE"}
    (newer / "saved_model.pb").unlink()
    model.poll()
    assert answer(model) == "servable 1"
    assert states(model) == {"1": "AVAILABLE", "2": "END"}


def test_a_broken_version_never_replaces_a_good_one_and_is_tried_again_when_its_files_change(tmp_path, model):
    publish(tmp_path, 1)
    model.poll()
    publish(tmp_path, 2, "bad")
    model.poll()
    assert answer(model) == "servable 1"
    status = model.status(ModelChoice("toy", 2))["model_version_status"][0]
    assert status["state"] == "END"
    assert "broken on purpose" in status["status"]["error_message"]
    publish(tmp_path, 2, "good")
    model.poll()
    assert answer(model) == "servable 2"


def test_the_old_version_answers_while_the_new_one_loads(tmp_path):
    loading, go_on = threading.Event(), threading.Event()

    def slow_load(folder, version):
        if version == 2:
            loading.set()
            assert go_on.wait(10)
        return load(folder, version)

    model = ModelVersions(ModelConfig("toy", str(tmp_path)), slow_load)
    publish(tmp_path, 1)
    model.poll()
    publish(tmp_path, 2)
    thread = threading.Thread(target=model.poll, daemon=True)
    thread.start()
    try:
        assert loading.wait(10)
        assert states(model) == {"1": "AVAILABLE", "2": "LOADING"}
        assert answer(model) == "servable 1"
    finally:
        go_on.set()
        thread.join(10)
    assert answer(model) == "servable 2"


def test_unloading_waits_for_running_requests(tmp_path, model):
    publish(tmp_path, 1)
    model.poll()
    with model.use(NEWEST):
        publish(tmp_path, 2)
        model.poll()
        assert states(model) == {"1": "UNLOADING", "2": "AVAILABLE"}
        assert answer(model) == "servable 2"
    assert states(model) == {"1": "END", "2": "AVAILABLE"}


def test_everything_stays_where_the_folder_cannot_be_listed(tmp_path):
    base = tmp_path / "base"
    base.mkdir()
    publish(base, 1)
    model = ModelVersions(ModelConfig("toy", str(base)), load)
    model.poll()
    base.rename(tmp_path / "elsewhere")
    model.poll()
    assert answer(model) == "servable 1"


def test_policy_and_labels_choose_versions(tmp_path):
    for version in (1, 2, 3):
        publish(tmp_path, version)
    model = ModelVersions(ModelConfig("toy", str(tmp_path), 0, (1, 3), {"stable": 1, "next": 2}), load)
    model.poll()
    assert states(model) == {"1": "AVAILABLE", "3": "AVAILABLE"}
    assert answer(model, ModelChoice("toy", label="stable")) == "servable 1"
    for choice, code in [(ModelChoice("toy", label="next"), 404), (ModelChoice("toy", label="no"), 400)]:
        with pytest.raises(ServingError) as caught:
            answer(model, choice)
        assert caught.value.http_status == code
    model.configure(ModelConfig("toy", str(tmp_path), 0, None, {"next": 2}))
    model.poll()
    assert answer(model, ModelChoice("toy", label="next")) == "servable 2"


def test_unknown_versions_are_not_found(tmp_path, model):
    with pytest.raises(ServingError, match="any versions of model toy"):
        model.status(NEWEST)
    publish(tmp_path, 1)
    model.poll()
    with pytest.raises(ServingError, match=r"Servable not found for request: Specific\(toy, 5\)"):
        answer(model, ModelChoice("toy", 5))
    with pytest.raises(ServingError, match="Could not find version 5 of model toy"):
        model.status(ModelChoice("toy", 5))


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/v1/models/pose", (ModelChoice("pose"), "status")),
        ("GET", "/V1/models/pose/versions/12/metadata", (ModelChoice("pose", 12), "metadata")),
        ("POST", "/v1/models/a%20b:predict", (ModelChoice("a b"), "predict")),
        ("POST", "/v1/models/pose/labels/s%2Ft:classify", (ModelChoice("pose", None, "s/t"), "classify")),
    ],
)
def test_paths_are_read(method, path, expected):
    assert parse_path(method, path) == expected


@pytest.mark.parametrize(
    ("method", "path", "part"),
    [
        ("GET", "/v1/models", "Missing model name"),
        ("GET", "/v1/models/pose:predict", "Malformed request: GET /v1/models/pose:predict"),
        ("POST", "/v1/models/pose", "Malformed request"),
        ("PUT", "/v1/models/pose", "Malformed request: PUT"),
        ("POST", "/v1/models/pose/versions/x:predict", "Malformed request"),
        ("GET", "/v1/models/pose/versions/9999999999999999999", "to numeric"),
        ("GET", "/v1/models/%ff", "Failed to decode"),
    ],
)
def test_malformed_paths_are_bad_requests(method, path, part):
    with pytest.raises(ServingError) as caught:
        parse_path(method, path)
    assert caught.value.http_status == 400
    assert part in caught.value.message


def test_a_configuration_file_is_read(tmp_path):
    file = tmp_path / "models.config"
    file.write_text(
        'model_config_list { config { name: "a" base_path: "/a" version_labels { key: "stable" value: 4 } '
        'model_version_policy { specific { versions: 4 } } } config { name: "b" base_path: "/b" } }'
    )
    configs = read_model_configs(file)
    assert configs["a"] == ModelConfig("a", "/a", 0, (4,), {"stable": 4})
    assert configs["b"].choose([3, 1, 2]) == [3]


@pytest.mark.parametrize(
    "text",
    ["model_config_list {", "", 'model_config_list { config { name: "a" } }', "model_config_list { nonsense: 1 }"],
)
def test_a_wrong_configuration_names_the_file(tmp_path, text):
    file = tmp_path / "models.config"
    file.write_text(text)
    with pytest.raises(ValueError, match="models.config"):
        read_model_configs(file)
