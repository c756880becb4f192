"""The models that the server of the page offers: buttons, and the one that the page begins with."""

import pytest

from tests.browser import actions

pytestmark = pytest.mark.browser


def test_a_button_connects_to_another_model(stub, open_page):
    stub.models = ["pose", "upper_body"]
    page = open_page(stub.url)
    actions.wait_until_connected(page)
    assert page.locator("#offered button").all_inner_texts() == ["pose", "upper_body"]
    assert page.get_attribute("#offered button >> nth=0", "aria-pressed") == "true"
    page.click("#offered button >> text=upper_body")
    page.wait_for_function("document.getElementById('status').textContent.includes('Connected: upper_body')")
    assert page.input_value("#model") == "upper_body"
    assert [page.get_attribute(f"#offered button >> nth={n}", "aria-pressed") for n in (0, 1)] == ["false", "true"]


@pytest.mark.parametrize("width", [320, 1280])
def test_many_models_fit_on_the_screen(stub, open_page, width):
    stub.models = ["pose", *(f"a_model_of_a_long_name_{n}" for n in range(8))]
    page = open_page(stub.url, viewport={"width": width, "height": 740})
    actions.wait_until_connected(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_without_a_choice_there_are_no_buttons(stub, open_page):
    page = open_page(stub.url)
    actions.wait_until_connected(page)
    assert page.is_hidden("#offered")


def test_the_page_begins_with_a_model_that_is_there(stub, open_page):
    stub.models = ["upper_body"]
    page = open_page(stub.url)
    actions.wait_until_connected(page)
    assert "upper_body" in page.inner_text("#status")


def test_the_address_chooses_before_the_server_does(stub, open_page):
    stub.models = ["pose", "upper_body"]
    page = open_page(stub.url, "?model=upper_body")
    actions.wait_until_connected(page)
    assert "upper_body" in page.inner_text("#status")
