"""The house rules that a reader of docs/architecture.md relies on, held by reading the source."""

import ast
import re
from pathlib import Path

import pytest

SQL = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE FROM|PRAGMA|BEGIN|CREATE TABLE) ")
SOURCE = Path(__file__).parents[1] / "src" / "dataforge"

# Lower number = lower layer; a module imports from its own room and from lower layers only.
LAYERS = {
    "errors": 0,
    "registry": 1,
    "records": 2,
    "markdown": 2,
    "durations": 2,
    "tables": 4,
    "rows": 4,
    "workspace": 3,
    "objects": 3,
    "task": 4,
    "items": 4,
    "feed": 5,
    "policy": 4,
    "price": 5,
    "issue": 5,
    "platforms": 6,
    "aggregation": 6,
    "metrics": 7,
    "datasets": 7,
    "learning": 7,
    "postprocessing": 8,
    "runs": 7,
    "server": 7,
    "simulation": 8,
    "notebook": 9,
    "demo": 9,
    "cli": 10,
    "__main__": 11,
}
# Rooms inside runs, lowest first.
RUNS = ("core", "quality", "driving", "handle")
STRANGERS = [("runs", "server"), ("simulation", "server"), ("platforms", "aggregation")]


def room(module: str) -> str:
    return module.removeprefix("dataforge.").split(".")[0].lstrip("_") if module != "dataforge" else "dataforge"


def modules() -> list[Path]:
    return sorted(path for path in SOURCE.rglob("*.py") if path != SOURCE / "__init__.py")


def imported(path: Path) -> set[str]:
    """Rooms of the package that a file imports, wherever in the file the import stands."""
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "dataforge":
            rooms |= (
                {room(f"dataforge.{alias.name}") for alias in node.names}
                if node.module == "dataforge"
                else {room(node.module)}
            )
        elif isinstance(node, ast.Import):
            rooms |= {room(alias.name) for alias in node.names if alias.name.startswith("dataforge.")}
    return rooms - {"version__"}


def own_room(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py").lstrip("_") or "__main__"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_point_down(path: Path) -> None:
    here = "__main__" if path.name == "__main__.py" and path.parent == SOURCE else own_room(path)
    assert here in LAYERS, f"say in this test which layer {here!r} belongs to"
    for other in imported(path) - {here}:
        assert LAYERS[other] <= LAYERS[here], f"{path.name} imports {other}, which lies above it"
        assert (here, other) not in STRANGERS, f"{here} and {other} may not know each other"
        assert (other, here) not in STRANGERS, f"{here} and {other} may not know each other"


def test_rooms_of_runs_import_from_those_below_them_only() -> None:
    for path in (SOURCE / "runs").rglob("*.py"):
        own = path.relative_to(SOURCE / "runs").parts[0]
        for name in re.findall(r"dataforge\.runs\.(\w+)", path.read_text("utf-8")):
            assert RUNS.index(name) <= RUNS.index(own), f"{path.relative_to(SOURCE)} imports {name}"


def test_aggregation_stands_alone() -> None:
    for path in (SOURCE / "aggregation").rglob("*.py"):
        assert imported(path) <= {"aggregation", "errors", "registry"}, path.name


def test_there_are_no_import_cycles_between_modules() -> None:
    graph = {}
    for path in modules():
        name = ".".join(("dataforge", *path.relative_to(SOURCE).with_suffix("").parts)).removesuffix(".__init__")
        graph[name] = module_imports(path) - {name}
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join((*trail, name))
        if name not in done:
            for other in sorted(graph.get(name, ())):
                visit(other, (*trail, name))
            done.add(name)

    for name in graph:
        visit(name, ())


def module_imports(path: Path) -> set[str]:
    """Modules of ours that a file imports when it is loaded (imports inside functions wait until called)."""
    names = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("dataforge"):
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                inside = SOURCE.joinpath(*whole.split(".")[1:])
                names.add(whole if inside.with_suffix(".py").exists() or inside.is_dir() else node.module)
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names if alias.name.startswith("dataforge")}
    return names


def test_issue_and_server_know_sqlite_by_their_store_only() -> None:
    inside = SOURCE / "issue" / "sqlite"
    for path in (*(SOURCE / "issue").rglob("*.py"), *(SOURCE / "server").rglob("*.py")):
        if inside not in path.parents:
            names = {alias.name for node in ast.walk(ast.parse(path.read_text("utf-8"))) for alias in names_of(node)}
            assert "sqlite3" not in names, f"{path.name} imports sqlite3; ask the store instead"


def names_of(node: ast.AST) -> list[ast.alias]:
    return node.names if isinstance(node, ast.Import | ast.ImportFrom) else []


def test_the_server_writes_no_sql() -> None:
    for path in (SOURCE / "server").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not SQL.match(node.value), f"{path.name}: {node.value!r} belongs into the store"
