"""The layout: rooms that import only downwards, tests at mirrored places, public functions that are annotated."""

import ast
import pathlib

import pytest

from tests import conftest

PACKAGE = "keras_pose"
# From the ground up: a module may import its own room and the rooms below, never a room beside or above.
FLOORS = (
    {
        "files",
        "locks",
        "lock_owner",
        "hdf5_file",
        "skeleton",
        "side_names",
        "geometry",
        "options",
        "console",
        "ending",
        "extras",
        "words",
        "autograph",
        "shipped",
    },
    {"heatmaps", "flow", "media", "confidence", "cluster"},
    {"pooling", "poses"},
    {"models", "data"},
    {"runs"},
    {"inference"},
    {"viz", "tracking"},
    {"evaluation", "exporting", "analysis", "caffe"},
    {"choosing"},
    {"training", "labelling", "inspection", "sharding", "showing"},
    {"annotating"},
    {"cli"},
)
FLOOR_OF = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
# Rooms on the ground floor are single modules, which may use each other.
GROUND = FLOORS[0]
# Modules without a test file of their own: entry points without logic, and the synthetic signers, tested together.
EXEMPT_NAMES = {"__init__", "__main__"}
EXEMPT_FOLDERS = {pathlib.PurePath(PACKAGE, "data", "synthetic")}
# Functions of TensorFlow that read a path as a pattern.
MAKE_PATTERNS = {"matching_files", "get_matching_files", "list_files", "latest_checkpoint", "checkpoint_exists"}
# The one module that makes a pattern of a text: `--video` may be a pattern, which the user wrote as one.
PATTERN_MODULES = {f"{PACKAGE}.analysis.video_list"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def modules(*tops):
    return [path for top in tops for path in sorted((conftest.ROOT / top).rglob("*.py"))]


def dotted(path):
    parts = path.relative_to(conftest.ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path, nested=True):
    """Names of modules that a file imports: `a.b` for `from a import b` if that is a module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = ast.walk(tree) if nested else tree.body
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                place = conftest.ROOT.joinpath(*full.split("."))
                yield full if place.with_suffix(".py").exists() or place.is_dir() else node.module


def room(name):
    """The room of a module of the package; None for other modules and for the package itself."""
    parts = name.split(".")
    return parts[1] if parts[0] == PACKAGE and len(parts) > 1 and parts[1] != "__main__" else None


def test_every_room_has_a_floor():
    rooms = {room(dotted(path)) for path in modules(PACKAGE)} - {None}
    assert rooms == set(FLOOR_OF)


@pytest.mark.parametrize("path", modules(PACKAGE), ids=dotted)
def test_imports_go_down(path):
    own = room(dotted(path))
    for name in imports(path):
        other = room(name)
        if own is None or other in (None, own) or {own, other} <= GROUND:
            continue
        assert FLOOR_OF[other] < FLOOR_OF[own], f"{dotted(path)} imports {name}, which is beside or above it"


def test_no_module_is_imported_by_what_it_imports():
    """Cycles among modules, by the imports that run when a module is loaded."""
    names = {dotted(path): path for path in modules(PACKAGE, "serving")}
    graph = {name: {n for n in imports(path, nested=False) if n in names} for name, path in names.items()}
    finished = set()
    open_path = []

    def visit(name):
        if name in finished:
            return
        assert name not in open_path, f"cycle: {' -> '.join([*open_path[open_path.index(name) :], name])}"
        open_path.append(name)
        for other in sorted(graph[name] - {name}):
            visit(other)
        open_path.pop()
        finished.add(name)

    for name in sorted(graph):
        visit(name)


@pytest.mark.parametrize(
    ("top", "foreign"),
    [
        ("serving", {PACKAGE, "benchmarks", "examples", "tests"}),
        (PACKAGE, {"serving", "benchmarks", "examples", "tests"}),
        ("benchmarks", {"tests"}),
        ("examples", {"benchmarks", "serving", "tests"}),
    ],
)
def test_what_is_shipped_apart_stands_alone(top, foreign):
    for path in modules(top):
        for name in imports(path):
            if dotted(path).startswith("serving.client.") and room(name) == "media":
                continue  # one room decides orientation, range of values and endings, for the client too
            assert name.split(".")[0] not in foreign, f"{dotted(path)} imports {name}"


def test_no_test_file_imports_another():
    for path in modules("tests"):
        if path.name.startswith("test_"):
            for name in imports(path):
                assert not name.rpartition(".")[2].startswith("test_"), f"{dotted(path)} imports {name}"


def mirrored(path):
    place = path.relative_to(conftest.ROOT)
    return pathlib.PurePath("tests", place.parent, f"test_{place.name}")


def test_every_module_has_a_test_file_at_the_mirrored_place():
    missing = [
        str(mirrored(path))
        for path in modules(PACKAGE, "serving")
        if path.stem not in EXEMPT_NAMES
        and path.relative_to(conftest.ROOT).parent not in EXEMPT_FOLDERS
        and not (conftest.ROOT / mirrored(path)).exists()
    ]
    assert missing == []


def test_durations_come_from_a_clock_that_nobody_sets():
    """`time.time` jumps if the clock of the machine is set; `time.monotonic` and `time.perf_counter` do not."""
    readers = {
        f"{path.relative_to(conftest.ROOT)}:{node.lineno}"
        for path in modules(PACKAGE, "serving", "benchmarks")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr in {"time", "time_ns"}
        and isinstance(node.value, ast.Name)
        and node.value.id == "time"
    }
    assert readers == set()


def test_graphs_are_made_without_autograph():
    """Nothing needs it, and rewriting the functions of a training takes a fifth of the time of a tiny one."""
    made = []
    with_autograph = []
    for path in modules(PACKAGE):
        nodes = [*ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
        without = [
            node.func
            for node in nodes
            if isinstance(node, ast.Call)
            and any(word.arg == "autograph" and ast.unparse(word.value) == "False" for word in node.keywords)
        ]
        attributes = [node for node in nodes if isinstance(node, ast.Attribute) and node.attr == "function"]
        found = [node for node in attributes if ast.unparse(node.value) == "tf"]
        made += found
        with_autograph += [f"{path.relative_to(conftest.ROOT)}:{node.lineno}" for node in found if node not in without]
    assert len(made) > 10
    assert with_autograph == []


def test_layers_are_called_without_autograph():
    """Keras 2 gives the layers of others to AutoGraph."""
    layers = [
        (f"{path.relative_to(conftest.ROOT)}: {node.name}", node)
        for path in modules(PACKAGE)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and any(ast.unparse(base).endswith("Layer") for base in node.bases)
    ]
    assert len(layers) > 10
    for name, node in layers:
        calls = [part for part in node.body if isinstance(part, FUNCTIONS) and part.name == "call"]
        assert [ast.unparse(decorator) for call in calls for decorator in call.decorator_list] == [
            "without_autograph"
        ], name


def public_functions(tree):
    """Functions and methods that others may call: (name, node, whether it is a method)."""
    for node in tree.body:
        if isinstance(node, FUNCTIONS) and not node.name.startswith("_"):
            yield node.name, node, False
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            for item in node.body:
                if isinstance(item, FUNCTIONS) and (
                    not item.name.startswith("_") or item.name in ("__init__", "__call__", "__iter__", "__len__")
                ):
                    yield f"{node.name}.{item.name}", item, True


def bare_parts(node, is_method):
    """Names of arguments without an annotation, and "return" if the result has none."""
    arguments = [*node.args.posonlyargs, *node.args.args]
    static = any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in node.decorator_list)
    if is_method and not static:
        arguments = arguments[1:]
    arguments += node.args.kwonlyargs
    bare = [argument.arg for argument in arguments if argument.annotation is None]
    return bare + (["return"] if node.returns is None else [])


def test_public_functions_are_annotated():
    found = [
        f"{dotted(path)}.{name}: {', '.join(bare_parts(node, method))}"
        for path in modules(PACKAGE, "serving")
        for name, node, method in public_functions(ast.parse(path.read_text(encoding="utf-8")))
        if bare_parts(node, method)
    ]
    assert found == []


def made_of_patterns(tree):
    """Yields the lines of a file that can make a pattern of a path: glob, fnmatch, and functions of that kind."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names = [alias.name for alias in node.names] + [getattr(node, "module", None) or ""]
            if {name.split(".")[0] for name in names} & {"glob", "fnmatch"}:
                yield node.lineno
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name = node.func.attr
            first = node.args[0] if node.args else None
            made = name in {"glob", "rglob"} and not isinstance(first, ast.Constant)
            if made or name in MAKE_PATTERNS:
                yield node.lineno


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("import glob", 1),
        ("from glob import glob", 1),
        ("import fnmatch as f", 1),
        ("folder.glob(f'{name}.csv')", 1),
        ("folder.rglob(pattern)", 1),
        ("tf.io.gfile.glob(path)", 1),
        ("tf.train.latest_checkpoint(folder)", 1),
        ("tf.data.Dataset.list_files(path)", 1),
        ("folder.rglob('*.py')", 0),
        ("import os\nos.listdir(folder)", 0),
    ],
)
def test_patterns_are_recognised(source, count):
    assert len(list(made_of_patterns(ast.parse(source)))) == count


@pytest.mark.parametrize("top", [PACKAGE, "serving", "benchmarks", "examples"])
def test_no_pattern_is_made_of_a_path(top):
    """A folder may be called `run [lr=1e-3]`: as a pattern, it would match other folders and not itself."""
    found = [
        f"{dotted(path)}:{line}"
        for path in modules(top)
        if dotted(path) not in PATTERN_MODULES
        for line in made_of_patterns(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert found == []
