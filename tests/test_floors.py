"""Imports only go down (DESIGN.md, "Floors"), and only the task folders know a benchmark's name."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FLOORS = (
    {"contract", "errors", "canonical", "yamls"},
    {"differences"},
    {"statistics"},
    {"reported", "journal", "grading", "sandbox", "datasource"},
    {"endpoint"},
    {"agentic"},
    {"tasks"},
    {"runner"},
    {"report", "exports"},
    {"publish"},
    {"commands"},
    {"cli"},
)
LEVEL = {part: level for level, parts in enumerate(FLOORS) for part in parts}
FOR_TASKS = FLOORS[0] | {"datasource", "grading", "agentic"}
HEAVY = {"openai", "datasets", "pandas", "lm_eval", "tenacity", "rich", "pyarrow", "scipy", "nltk", "numpy"}
FILES = sorted([*ROOT.glob("harness/**/*.py"), *ROOT.glob("tasks/**/*.py")])
TASKS = sorted(path.parent.name for path in ROOT.glob("tasks/*/card.yaml"))


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(source: str, module: str, *, is_package: bool = False) -> Iterator[str]:
    """Every module that ``source`` imports at any depth; ``from a import b`` gives ``a.b``."""
    package = module.split(".") if is_package else module.split(".")[:-1]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else []
            start = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{start}.{alias.name}" for alias in node.names)


def part_of(module: str) -> str:
    """``harness.journal.store`` belongs to ``journal``, ``tasks.ifeval.task`` to ``tasks/ifeval``; others to ""."""
    top, _, rest = module.partition(".")
    name = rest.partition(".")[0]
    if top == "tasks":
        return f"tasks/{name}" if name in TASKS else "tasks"
    return name if top == "harness" and name in LEVEL else ""


def fault(importer: str, target: str) -> str | None:
    """Why a module of the part ``importer`` may not import from the part ``target``; None if it may."""
    if not target or target == importer:
        return None
    above, below = LEVEL[importer.partition("/")[0]], LEVEL[target.partition("/")[0]]
    if importer == "statistics":
        return "statistics imports nothing of ours"
    if below >= above:
        return f"{target} is not on a floor below {importer}"
    if importer.startswith("tasks") and target not in FOR_TASKS:
        return f"a task knows only {', '.join(sorted(FOR_TASKS))}"
    return None


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import harness.journal.store as s", "harness.journal.store"),
        ("from harness import endpoint", "harness.endpoint"),
        ("def f():\n    from harness.cli import main", "harness.cli.main"),
        ("from . import faults", "harness.endpoint.faults"),
        ("from ..journal.store import Journal", "harness.journal.store.Journal"),
    ],
)
def test_every_form_of_import_is_seen(source: str, expected: str) -> None:
    assert list(imported(source, "harness.endpoint.ask")) == [expected]


def test_a_package_resolves_relative_imports_from_itself() -> None:
    assert list(imported("from .ask import Ask", "harness.endpoint", is_package=True)) == ["harness.endpoint.ask.Ask"]


@pytest.mark.parametrize(
    ("importer", "target", "allowed"),
    [
        ("endpoint", "journal", True),
        ("journal", "endpoint", False),
        ("journal", "datasource", False),
        ("statistics", "errors", False),
        ("contract", "errors", False),
        ("tasks/ifeval", "grading", True),
        ("tasks/ifeval", "endpoint", False),
        ("tasks/ifeval", "tasks/gpqa_diamond", False),
        ("tasks/ifeval", "journal", False),
        ("cli", "report", True),
        ("report", "cli", False),
    ],
)
def test_the_rule(importer: str, target: str, allowed: bool) -> None:
    assert (fault(importer, target) is None) == allowed


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_imports_only_go_down(path: Path) -> None:
    module = module_of(path)
    importer = part_of(module)
    if module in ("harness", "tasks"):
        importer = "contract"
    assert importer, f"{module} is on no floor: give it one in DESIGN.md and here"
    found = imported(path.read_text(encoding="utf-8"), module, is_package=path.name == "__init__.py")
    faults = [f"{name}: {why}" for name in found if (why := fault(importer, part_of(name)))]
    assert faults == []


def test_the_local_server_starts_without_anything_of_ours() -> None:
    source = (ROOT / "harness/endpoint/local/server.py").read_text(encoding="utf-8")
    tops = {name.partition(".")[0] for name in imported(source, "harness.endpoint.local.server")}
    assert tops - set(sys.stdlib_module_names) == {"xllamacpp"}


def spoken(path: Path) -> Iterator[str]:
    """The string constants of a module but its docstrings, or a template's text."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        yield text
        return
    tree = ast.parse(text)
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in bare:
            yield node.value


def test_only_task_folders_name_a_benchmark() -> None:
    names = re.compile(rf"\b({'|'.join(TASKS)})\b")
    folders = ("runner", "report", "endpoint", "statistics", "journal")
    files = [
        path for folder in folders for path in ROOT.glob(f"harness/{folder}/**/*") if path.suffix in (".py", ".j2")
    ]
    named = [
        f"{path.relative_to(ROOT)}: {text[:80]!r}"
        for path in [*files, *ROOT.glob("harness/cli/*.py")]
        for text in spoken(path)
        if names.search(text)
    ]
    assert TASKS
    assert named == []


@pytest.mark.parametrize("arguments", [["--help"], ["tasks"]])
def test_quick_commands_load_nothing_heavy(arguments: list[str], tmp_path: Path) -> None:
    code = (
        f"import sys; sys.argv[1:] = {arguments!r}\n"
        "from harness.cli import main\n"
        "try: sys.exit(main())\n"
        f"finally: print(sorted({HEAVY!r} & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr.strip().splitlines()[-1:]) == (0, ["[]"]), done.stderr
    assert done.stdout
