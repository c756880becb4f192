"""Error messages name the cause and the remedy."""

import socket

import pytest

from tests.browser import actions, stub_server

pytestmark = pytest.mark.browser


def _closed_port():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


def test_no_server(stub, open_page):
    page = open_page(stub.url, f"?server=http://127.0.0.1:{_closed_port()}", network_errors=True)
    kind, text = actions.wait_for_problem(page)
    assert kind == "unreachable"
    assert "--rest_api_port" in text
    assert page.get_attribute("#problem", "role") == "alert"
    assert page.inner_text("#status") == "Not connected."


def test_a_server_that_does_not_allow_other_origins(stub, open_page):
    with stub_server.open_stub() as other:
        page = open_page(stub.url, f"?server={other.url}", network_errors=True)
        kind, text = actions.wait_for_problem(page)
    assert kind == "cors"
    assert "--rest_api_enable_cors_support" in text


def test_no_such_model(stub, open_page):
    page = open_page(stub.url, "?model=hand", network_errors=True)
    kind, text = actions.wait_for_problem(page)
    assert kind == "missing"
    assert 'model "hand"' in text
    page.fill("#model", "pose")
    page.press("#model", "Enter")
    actions.wait_until_connected(page)
    assert page.is_hidden("#problem")


def test_a_model_that_takes_no_image_files(stub, open_page):
    stub.input_dtype = "DT_FLOAT"
    kind, text = actions.wait_for_problem(open_page(stub.url))
    assert kind == "model"
    assert "image_bytes (DT_FLOAT)" in text


def test_a_server_of_something_else(stub, open_page):
    page = open_page(stub.url, f"?server={stub.url}/demo/index.html%23")
    kind, text = actions.wait_for_problem(page)
    assert kind == "answer"
    assert "not as TensorFlow Serving does" in text


@pytest.mark.parametrize(
    ("name", "mime_type", "data"),
    [
        ("notes.txt", "text/plain", b"words"),
        ("broken.png", "image/png", b"\x89PNG\r\n\x1a\n and no more"),
        ("empty.jpg", "image/jpeg", b""),
        ("broken.mp4", "video/mp4", b"no video" * 50),
    ],
)
def test_a_file_that_is_neither_image_nor_video(stub, open_page, name, mime_type, data):
    page = open_page(stub.url)
    actions.wait_until_connected(page)
    actions.choose_file(page, {"name": name, "mimeType": mime_type, "buffer": data})
    kind, text = actions.wait_for_problem(page)
    assert kind == "file"
    assert name in text
    assert stub.bodies == []
    actions.choose_file(page, actions.make_image_file())
    actions.wait_for_joints(page)
    assert page.is_hidden("#problem")


def test_an_image_too_large_for_the_server(stub, open_page):
    stub.failure = (413, "request is larger than 1 MB")
    page = open_page(stub.url, network_errors=True)
    actions.wait_until_connected(page)
    actions.choose_file(page, actions.make_image_file())
    kind, text = actions.wait_for_problem(page)
    assert kind == "refused"
    assert "larger than 1 MB" in text
    assert page.is_visible("#canvas")  # the image is shown even so


@pytest.mark.parametrize("address", ["localhost", "http://", "ftp://127.0.0.1"])
def test_an_invalid_address(stub, open_page, address):
    page = open_page(stub.url)
    actions.wait_until_connected(page)
    page.fill("#address", address)
    page.eval_on_selector("#server", "form => { form.noValidate = true; form.requestSubmit(); }")
    kind, text = actions.wait_for_problem(page)
    assert kind == "address"
    assert address in text


def test_text_of_a_server_is_never_markup(stub, open_page):
    stub.failure = (400, "<img src=x onerror=alert(1)>")
    page = open_page(stub.url, network_errors=True)
    actions.wait_until_connected(page)
    actions.choose_file(page, actions.make_image_file())
    _, text = actions.wait_for_problem(page)
    assert "<img src=x" in text
    assert page.locator("#problem img").count() == 0
