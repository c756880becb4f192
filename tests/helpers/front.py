"""nginx with the project's configuration in front of a server of this machine."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time

import pytest

from tests import conftest
from tests.helpers import serving_servers

KEY = "0123456789abcdef"
START_S = 20
_NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


def skip_without_nginx():
    """Skips the test if nginx is not installed."""
    if _NGINX is None:
        pytest.skip("nginx is not installed; Debian: apt-get install nginx-light")


def write_config(folder, server, listen, changes=()):
    """Writes serving/nginx.conf with this machine's addresses and files in place of those of the containers.

    Args:
      folder: pathlib.Path for it and everything that nginx writes.
      server: address of the server behind it, such as "127.0.0.1:8501".
      listen: address to listen on.
      changes: pairs of texts, old and new.

    Returns:
      Its path.
    """
    (folder / "keys").write_text(f'"Bearer {KEY}" alice;\n"Bearer other-{KEY}" bob;\n')
    text = (conftest.ROOT / "serving" / "nginx.conf").read_text(encoding="utf-8")
    replaced = [
        (" /tmp/", f" {folder}/"),
        ("serving:8501", server),
        ("listen 8080;", f"listen {listen};"),
        ("/run/secrets/serving_keys", str(folder / "keys")),
        ("access_log /dev/stdout", f"access_log {folder}/access.log"),
        ("error_log stderr", f"error_log {folder}/error.log"),
    ]
    for old, new in (*replaced, *changes):
        assert old in text, old
        text = text.replace(old, new)
    path = folder / "nginx.conf"
    path.write_text(text, encoding="utf-8")
    return path


def check_config(path):
    """Checks the syntax as `nginx -t` does; returns its messages."""
    done = subprocess.run([_NGINX, "-t", "-e", "stderr", "-c", str(path)], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return done.stderr


@contextlib.contextmanager
def run(folder, server, changes=()):
    """Runs nginx in front of a server; yields its address. The arguments are those of `write_config`."""
    with serving_servers.hold_port() as port:
        pass
    path = write_config(folder, server, f"127.0.0.1:{port}", changes)
    with _running(path, port) as address:
        yield address


@contextlib.contextmanager
def run_config(folder, text, changes, listen):
    """Runs nginx with another configuration; yields its address.

    Args:
      folder: pathlib.Path for the configuration.
      text: the configuration.
      changes: pairs of texts, old and new.
      listen: the address in it that nginx listens on; a free one takes its place.
    """
    with serving_servers.hold_port() as port:
        pass
    for old, new in (*changes, (listen, f"127.0.0.1:{port}")):
        assert old in text, old
        text = text.replace(old, new)
    path = folder / "nginx.conf"
    path.write_text(text, encoding="utf-8")
    check_config(path)
    with _running(path, port) as address:
        yield address


@contextlib.contextmanager
def _running(path, port):
    # Started by root, nginx would leave its work to a user that cannot enter the test's folder.
    directives = "daemon off;" + (" user root;" if os.geteuid() == 0 else "")
    process = subprocess.Popen([_NGINX, "-e", "stderr", "-c", str(path), "-g", directives])
    try:
        deadline = time.monotonic() + START_S
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            assert process.poll() is None, "nginx ended"
            assert time.monotonic() < deadline, "nginx did not start"
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(START_S)
        finally:
            process.kill()
