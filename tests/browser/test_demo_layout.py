"""Narrow screens, dark mode, keyboard and screen readers."""

import pytest

from tests.browser import actions

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", [360, 480, 820, 1280])
def test_nothing_is_wider_than_the_screen(stub, open_page, width):
    page = open_page(stub.url, viewport={"width": width, "height": 740})
    actions.wait_until_connected(page)
    actions.choose_file(page, actions.make_image_file(height=300, width=900))
    actions.wait_for_joints(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    beyond = page.evaluate(
        "[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 0.5)"
        ".map(e => e.outerHTML.slice(0, 80))"
    )
    assert beyond == []


def test_the_canvas_follows_the_window(stub, open_page):
    page = open_page(stub.url)
    actions.wait_until_connected(page)
    actions.choose_file(page, actions.make_image_file(height=64, width=96))
    before = actions.wait_for_joints(page)
    page.set_viewport_size({"width": 400, "height": 800})
    page.wait_for_function("document.getElementById('canvas').width < 400")
    after = actions.wait_for_joints(page)
    scale = actions.read_pixels(page).shape[1] / 96
    assert after[0]["x"] == pytest.approx(10.5 * scale, abs=0.05)
    assert after[0]["x"] < before[0]["x"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_contrast(stub, open_page, scheme):
    page = open_page(stub.url, color_scheme=scheme)
    actions.wait_until_connected(page)
    ratios = page.evaluate(
        """() => {
          const style = getComputedStyle(document.documentElement);
          const light = (name) => {
            const hex = style.getPropertyValue(name).trim();
            const [r, g, b] = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255)
              .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const pairs = [["text", "page"], ["text", "card"], ["quiet", "card"], ["quiet", "page"],
            ["on-accent", "accent"], ["problem", "problem-back"]];
          return pairs.map((pair) => pair.map((name) => light(`--${name}`)).sort((a, b) => b - a))
            .map(([a, b]) => (a + 0.05) / (b + 0.05));
        }"""
    )
    assert min(ratios) >= 4.5
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, background[4:-1].split(","))) < 384) == (scheme == "dark")


def test_every_control_is_reached_by_tab_and_shows_it(stub, open_page, tmp_path):
    page = open_page(stub.url)
    actions.wait_until_connected(page)
    actions.choose_file(page, actions.write_video(tmp_path / "clip.webm", num_frames=5))
    actions.wait_for_joints(page)
    reached = []
    for _ in range(14):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.type"))
        outline = page.evaluate(
            """() => {
              const e = document.activeElement;
              return getComputedStyle(e.id === "file" ? document.querySelector("label[for=file]") : e).outlineStyle;
            }"""
        )
        assert outline != "none", reached[-1]
        if reached[-1] == "submit":
            break
    wanted = ["stage", "back", "pause", "forward", "file", "camera", "threshold", "download", "address", "model"]
    assert reached == [*wanted, "version", "submit"]


def test_every_control_has_a_name(stub, open_page):
    page = open_page(stub.url)
    actions.wait_until_connected(page)
    unnamed = page.evaluate(
        """[...document.querySelectorAll("button, input, output")].filter((e) =>
             !e.textContent.trim() && !e.labels?.length && !e.getAttribute("aria-label")).map((e) => e.id)"""
    )
    assert unnamed == []
    assert page.get_attribute("html", "lang") == "en"
    actions.choose_file(page, actions.make_image_file())
    actions.wait_for_joints(page)
    assert page.get_attribute("#canvas", "aria-label") == "96 × 64 px, 3 of 3 joints drawn"


def test_the_page_keeps_its_own_content_policy(stub, open_page, tmp_path):
    page = open_page(stub.url, bypass_csp=False)
    page.get_by_text("Connected: pose, version 7").wait_for()
    actions.choose_file(page, actions.make_image_file())
    page.get_by_role("img", name="3 of 3 joints drawn").wait_for()
    actions.choose_file(page, actions.write_video(tmp_path / "clip.webm", num_frames=5))
    page.get_by_role("img", name="160 × 120 px, 3 of 3 joints drawn").wait_for()
