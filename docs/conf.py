"""The documentation as a site: `make docs` builds it with Sphinx from the Markdown files that are read in the clone.

The source folder is the clone itself, so that links between `docs/`, `serving/README.md` and the code are the same on
the site and in the clone. Nothing is loaded from other hosts. A page of `docs/` that `docs/index.md` does not list is
listed under "More". A link to a file or heading that does not exist ends the build.
"""

import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["CUDA_VISIBLE_DEVICES"] = ""  # docstrings are read, nothing is computed

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import keras_pose  # noqa: E402 - after the path

project = "keras_pose"
version = release = keras_pose.__version__
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
]
root_doc = "docs/index"
include_patterns = [
    "CHANGELOG.md",
    "README.md",
    "docs/**/*.md",
    "docs/*.md",
    "examples/gestures/README.md",
    "keras_pose/shipped/*/MODEL_CARD.md",
    "serving/README.md",
]
# Not searched for pages, since this takes seconds.
exclude_patterns = [".*", "build", "inspect", "predictions", "runs", "tests", "to_label", "**/__pycache__"]

myst_heading_anchors = 4  # a heading is linked as in the clone's own view: #its-words
myst_enable_extensions = ["dollarmath"]
highlight_language = "text"  # of code without a language

autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_inherit_docstrings = False
autodoc_typehints = "none"  # Args states dtype and shape of each tensor
default_role = "code"  # `name` in a docstring is code
napoleon_numpy_docstring = False
napoleon_custom_sections = [("Call arguments", "params_style")]
python_use_unqualified_type_names = True

html_theme = "furo"
html_title = "keras_pose"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_extra_path = ["_site_root"]  # index.html, which leads to docs/index.html
html_copy_source = False
html_show_copyright = False
html_show_sourcelink = False


def list_other_pages(app, docname, source):
    """Adds the pages of docs/ that the navigation does not name."""
    if docname != root_doc:
        return
    listed = set(source[0].split())
    pages = [name.partition("/")[2] for name in sorted(app.env.found_docs) if name.startswith("docs/")]
    others = [page for page in pages if page not in listed and page != "index"]
    if others:
        source[0] += "\n```{toctree}\n:caption: More\n:hidden:\n\n" + "\n".join(others) + "\n```\n"


def setup(app):
    """Called by Sphinx."""
    app.connect("source-read", list_other_pages)
