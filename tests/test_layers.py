"""The house rules that a reader of docs/architecture.md relies on, held by reading the source.

The pictures in that page are the rules. A fenced block named `layers` draws the house, one named `layers runs` the
inside of that room. Each line is a floor, and imports point down. On one floor, rooms that `·` joins are neighbours
and may use each other; rooms set apart by spaces are strangers. Lines of `never` forbid what the floors would allow.
"""

import ast
import gc
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "dataforge"
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
SQL = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE FROM|PRAGMA|BEGIN|CREATE TABLE) ")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")


@dataclass(frozen=True)
class Picture:
    """Rooms by their dotted names, each with its floor (0 is the ground) and its group on that floor."""

    whole: str
    rooms: dict[str, tuple[int, int]]
    never: frozenset[tuple[str, str]]

    def room_of(self, module: str) -> str | None:
        """The drawn room that a module stands in, None if it stands in none."""
        parts = module.split(".")
        names = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
        return next((name for name in names if name in self.rooms), None)

    def allows(self, here: str, there: str) -> bool:
        if (here, there) in self.never:
            return False
        floor, group = self.rooms[here]
        other_floor, other_group = self.rooms[there]
        return other_floor < floor or (other_floor, other_group) == (floor, group)


def pictures() -> Iterator[Picture]:
    for inside, block in re.findall(r"^```layers *(\S*)\n(.*?)^```", ARCHITECTURE, re.MULTILINE | re.DOTALL):
        whole = ".".join(filter(None, ("dataforge", inside)))
        lines = [line.strip() for line in block.splitlines() if line.strip()]
        floors = [re.split(r"\s{2,}", line) for line in reversed(lines) if not line.startswith("never")]
        rooms = {
            f"{whole}.{name.strip()}": (floor, group)
            for floor, groups in enumerate(floors)
            for group, names in enumerate(groups)
            for name in names.split("·")
        }
        forbidden = re.findall(r"(\S+) → (\S+)", " ".join(line for line in lines if line.startswith("never")))
        never = frozenset((f"{whole}.{here}", f"{whole}.{there}") for here, there in forbidden)
        assert {room for pair in never for room in pair} <= rooms.keys()
        yield Picture(whole, rooms, never)


def module_name(path: Path) -> str:
    return ".".join(("dataforge", *path.relative_to(SOURCE).with_suffix("").parts)).removesuffix(".__init__")


PICTURES = list(pictures())
MODULES = {module_name(path): path for path in sorted(SOURCE.rglob("*.py"))}
PACKAGES = {name for name, path in MODULES.items() if path.name == "__init__.py"}


@cache
def trees() -> dict[str, ast.Module]:
    """What the modules say; they live to the end, and to walk them in search of garbage takes longer than to parse."""
    gc.disable()
    try:
        return {name: ast.parse(path.read_text("utf-8")) for name, path in MODULES.items()}
    finally:
        gc.freeze()
        gc.enable()


@cache
def imports(module: str) -> list[tuple[str, str | None]]:
    """The modules of ours that a module imports, wherever it does so, each with the name taken from it."""
    found: list[tuple[str, str | None]] = []
    for node in ast.walk(trees()[module]):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "dataforge":
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                found.append((whole, None) if whole in MODULES else (str(node.module), alias.name))
        elif isinstance(node, ast.Import):
            found += [(alias.name, None) for alias in node.names if alias.name.split(".")[0] == "dataforge"]
    return found


def folder(module: str) -> str:
    return module if module in PACKAGES else module.rpartition(".")[0]


def each_picture() -> list[object]:
    return [pytest.param(picture, id=picture.whole) for picture in PICTURES]


@pytest.mark.parametrize("picture", each_picture())
def test_imports_point_down(picture: Picture) -> None:
    wrong = [
        f"{module} imports {other}"
        for module in MODULES
        if (here := picture.room_of(module)) is not None
        for other, _ in imports(module)
        if (there := picture.room_of(other)) not in (None, here) and not picture.allows(here, str(there))
    ]
    assert not wrong, "the picture in docs/architecture.md forbids:\n" + "\n".join(wrong)


@pytest.mark.parametrize("picture", each_picture())
def test_every_module_stands_in_a_drawn_room(picture: Picture) -> None:
    homeless = [
        module for module in MODULES if module.startswith(f"{picture.whole}.") and picture.room_of(module) is None
    ]
    assert not homeless, f"docs/architecture.md draws no room for {homeless}"


@pytest.mark.parametrize("picture", each_picture())
def test_every_drawn_room_is_there(picture: Picture) -> None:
    assert [room for room in picture.rooms if room not in MODULES] == []


def test_the_house_and_its_large_rooms_are_drawn() -> None:
    drawn = {picture.whole for picture in PICTURES}
    assert drawn >= {"dataforge", "dataforge.issue", "dataforge.runs", "dataforge.aggregation"}


def test_aggregation_stands_alone() -> None:
    for module in MODULES:
        if module.startswith("dataforge.aggregation"):
            rooms = {other.split(".")[1] for other, _ in imports(module) if other != "dataforge"}
            known = {"arguments", "cards", "errors", "files", "geometry", "intervals", "registry"}
            assert rooms <= known | {"aggregation"}, module


def test_issue_and_the_server_know_no_database_but_the_store() -> None:
    for module, tree in trees().items():
        inside = module.startswith("dataforge.issue.sqlite")
        if module.startswith(("dataforge.issue", "dataforge.server")) and not inside:
            nodes = list(ast.walk(tree))
            texts = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
            modules = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
            assert [text for text in texts if SQL.match(text)] == [], f"{module}: this belongs into the store"
            assert "sqlite3" not in modules, module


def test_what_is_private_is_used_in_its_own_folder_only() -> None:
    wrong = [
        f"{module} imports {other}{'' if name is None else f': {name}'}"
        for module in MODULES
        for other, name in imports(module)
        for home in private_homes(other, name)
        if folder(module) != home
    ]
    assert not wrong, "\n".join(wrong)


def private_homes(module: str, name: str | None) -> Iterator[str]:
    """The folders of what is private in an imported name: each part that begins with an underscore."""
    parts = module.split(".")
    for place, part in enumerate(parts):
        if part.startswith("_") and not part.startswith("__"):
            yield ".".join(parts[:place])
    if name is not None and name.startswith("_") and not name.startswith("__"):
        yield folder(module)


def test_a_function_that_only_its_own_file_uses_is_private() -> None:
    used = {one for tree in chain(trees().values(), parsed_tests()) for one in names_used(tree)}
    wrong = [
        f"{module}: {node.name}"
        for module, tree in trees().items()
        for public in [public_names(tree)]
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and node.name not in public
        and (module, node.name) not in used
    ]
    assert not wrong, "give these an underscore, or name them in __all__:\n" + "\n".join(wrong)


def parsed_tests() -> Iterator[ast.Module]:
    folders = ("tests", "benchmarks", "examples", "scripts")
    texts = (path.read_text("utf-8") for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return (ast.parse(text) for text in texts if "dataforge" in text)


def names_used(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Names that a file takes out of modules of ours: imported, or by a dot behind an imported module."""
    modules, dotted = {}, []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "dataforge":
            for alias in node.names:
                modules[alias.asname or alias.name] = f"{node.module}.{alias.name}"
                yield str(node.module), alias.name
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            dotted.append((node.value.id, node.attr))
    for name, attribute in dotted:
        if name in modules:
            yield modules[name], attribute


def public_names(tree: ast.Module) -> set[str]:
    """What a module's `__all__` lists."""
    return {
        str(element.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and any(getattr(target, "id", "") == "__all__" for target in node.targets)
        for element in ast.walk(node.value)
        if isinstance(element, ast.Constant)
    }


def test_there_are_no_import_cycles_between_modules() -> None:
    graph = {
        module: {other for other, _ in imports(module) if other in MODULES} - {module, "dataforge"}
        for module in MODULES
    }
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join((*trail[trail.index(name) :], name))
        if name not in done:
            for other in sorted(graph[name]):
                visit(other, (*trail, name))
            done.add(name)

    for name in graph:
        visit(name, ())


def test_what_is_imported_is_declared_and_what_is_needed_is_imported() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needed = set(distributions(project["dependencies"]))
    extras = {name for lines in project["optional-dependencies"].values() for name in distributions(lines)}
    homes = packages_distributions()
    imported = {home.lower() for name in foreign_imports() for home in homes.get(name, [name])}
    # A notebook's kernel brings the one, and the other is imported only when it calls: nobody else is asked for them.
    assert imported - needed - extras == {"ipython", "scikit-learn"}, "name what is imported in pyproject.toml"
    assert needed - imported == set(), "nothing imports what pyproject.toml names"


def distributions(requirements: Iterable[str]) -> Iterator[str]:
    """What packages are called that lines such as `dask[dataframe]>=2024.8` ask for."""
    for line in requirements:
        yield re.split(r"[^\w.-]", line, maxsplit=1)[0].lower()


def foreign_imports() -> set[str]:
    """Names of packages of others that any module of ours imports, wherever it does so."""
    found = set()
    for tree in trees().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and not node.level:
                found.add(str(node.module))
            elif isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
    return {name.partition(".")[0] for name in found} - sys.stdlib_module_names - {"dataforge"}


@pytest.mark.parametrize("page", [ARCHITECTURE, CONTRIBUTING], ids=["architecture", "contributing"])
def test_every_folder_is_named(page: str) -> None:
    folders = {path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*") if path.is_dir() and tracked(path)}
    assert [folder for folder in sorted(folders) if not re.search(rf"\b{re.escape(folder)}\b", page)] == []


def tracked(path: Path) -> bool:
    return any(path.rglob("*.py")) or any(path.rglob("*.sql"))


@pytest.mark.parametrize("room", ["runs/handle", "server"])
def test_what_is_told_of_a_large_room_names_modules_that_it_has(room: str) -> None:
    table = ARCHITECTURE.partition(f"| of `{room}` | modules |\n")[2].partition("\n\n")[0]
    rows = [line.split("|")[1:3] for line in table.splitlines()[1:]]
    named = 0
    for place, told in rows:
        inside = re.findall(r"`([a-z/]+)`", place)[0] if "`" in place else room
        modules = re.findall(r"`([a-z_]+)`", told)
        there = {path.stem for path in (SOURCE / inside).glob("*.py")}
        assert not (gone := set(modules) - there), f"docs/architecture.md tells of {sorted(gone)} in {inside}"
        assert len(modules) == len(set(modules))
        named += len(modules)
    assert named > 20
