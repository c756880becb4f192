"""Runs a notebook from top to bottom, as its users do, in a folder of its own.

`python -m tests.helpers.notebooks examples/your_video.ipynb` runs it and keeps what it shows in the file, with a digest
of the code that was run: after a change of code, run it again.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import sys
import tempfile

import nbformat
from nbclient import NotebookClient

from tests import conftest

DIGEST = "outputs_are_of"
_LIMIT_S = 600  # of a cell


def digest_code(notebook: nbformat.NotebookNode) -> str:
    """Returns the SHA-256 of the code of all cells."""
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    return hashlib.sha256("\0".join(code).encode()).hexdigest()


def run(notebook: nbformat.NotebookNode, folder: str | os.PathLike[str], **environment: str) -> None:
    """Runs all cells; what they show is in `notebook` afterwards.

    Args:
      notebook: the notebook.
      folder: working folder, in which it finds the project by PYTHONPATH.
      environment: further variables of the environment.

    Raises:
      nbclient.exceptions.CellExecutionError: if a cell fails; the message has cell and traceback.
    """
    paths = [str(conftest.ROOT), os.environ.get("PYTHONPATH", "")]
    variables = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        **environment,
    }
    # The kernel is this interpreter, whatever kernels are installed for the user.
    client = NotebookClient(notebook, timeout=_LIMIT_S, resources={"metadata": {"path": os.fspath(folder)}})
    client.create_kernel_manager()
    client.km.kernel_spec.argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    with contextlib.closing(asyncio.new_event_loop()) as loop:
        loop.run_until_complete(client.async_execute(env=variables))


def join_streams(outputs: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """Returns the outputs of a cell, with lines of text that follow each other in one output."""
    joined: list[nbformat.NotebookNode] = []
    for output in outputs:
        if joined and output.output_type == joined[-1].output_type == "stream" and output.name == joined[-1].name:
            joined[-1].text += output.text
        else:
            joined.append(output)
    return joined


def main(path: str) -> None:
    """Runs a notebook and keeps what it shows."""
    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        run(notebook, folder)
    for cell in notebook.cells:
        cell.metadata.clear()  # times, which differ in each run
        if cell.cell_type == "code":
            cell.outputs = join_streams(cell.outputs)
    notebook.metadata[DIGEST] = digest_code(notebook)
    nbformat.write(notebook, path)


if __name__ == "__main__":
    main(*sys.argv[1:])
