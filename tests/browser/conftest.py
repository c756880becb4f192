"""Fixtures: the system's Chromium, driven by Playwright, and pages that fail the test on errors in their console."""

from __future__ import annotations

import shutil
import urllib.parse

import pytest

from tests.browser import stub_server

WAIT_MS = 20_000
# Waiting for a condition evaluates text, which the page's content policy forbids. test_demo_layout.py tests the policy.
DEFAULTS = {"viewport": {"width": 1280, "height": 900}, "bypass_csp": True}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]


@pytest.fixture(scope="session")
def chromium():
    """The browser. If it or Playwright is not installed, the test is skipped."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("chromium is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS, headless=True, timeout=60_000)
        try:
            yield browser
        finally:
            browser.close()


@pytest.fixture
def stub():
    """A `stub_server.Stub`, which also serves the page."""
    with stub_server.open_stub() as server:
        yield server


@pytest.fixture
def open_page(chromium):
    """A function that opens the page of a server.

    Its arguments: open_page(url, query="", network_errors=False, path="/demo/", **context options).

    At the end of the test, the page must have logged no error, and must have sent requests to this machine only. With
    `network_errors`, errors about failed requests are allowed.
    """
    opened = []

    def open_one(url, query="", network_errors=False, path="/demo/", **options):
        context = chromium.new_context(**{**DEFAULTS, **options})
        context.set_default_timeout(WAIT_MS)
        page = context.new_page()
        errors = []
        hosts = set()
        page.on("console", lambda m: errors.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda request: hosts.add(urllib.parse.urlsplit(request.url).hostname))
        opened.append((context, errors, hosts, network_errors))
        page.goto(f"{url}{path}{query}")
        return page

    yield open_one
    for context, errors, hosts, network_errors in opened:
        context.close()
        if network_errors:
            errors = [e for e in errors if "Failed to load resource" not in e and "CORS policy" not in e]
        assert errors == []
        assert hosts - {None, ""} <= {"127.0.0.1"}  # None: blob: and data:
