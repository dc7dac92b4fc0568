"""The house rules that a program can check: who imports whom, what stands nowhere, what says what it is."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import PROJECT

SERVER = sorted((PROJECT / "server").rglob("*.py"))
PYTHON = [PROJECT / "run.py", *SERVER, *sorted((PROJECT / "tests").rglob("*.py"))]
STATIC = [
    path
    for path in sorted((PROJECT / "static").rglob("*"))
    if path.suffix in (".js", ".css", ".html", ".json", ".svg") and "vendor" not in path.parts
]


def name(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def imports(path: Path) -> Iterator[str]:
    """Yield the modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module or ""


def test_imports_run_one_way():
    """The contracts of pyproject.toml hold."""
    program = Path(sys.executable).with_name("lint-imports")
    checked = subprocess.run([program, "--no-cache"], cwd=PROJECT, capture_output=True, text=True)

    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("path", sorted((PROJECT / "server/game").glob("*.py")), ids=name)
def test_the_game_imports_the_standard_library_alone(path):
    """And of that nothing that knows time, chance, threads or a disk."""
    impure = {
        "time",
        "datetime",
        "random",
        "secrets",
        "threading",
        "sqlite3",
        "os",
        "io",
        "socket",
        "asyncio",
    }
    for module in imports(path):
        top = module.partition(".")[0]
        assert top in sys.stdlib_module_names or top == "__future__", module
        assert top not in impure, module


def test_one_file_knows_eventlet():
    """When its time is over, one file changes."""
    libraries = {"eventlet", "greenlet"}
    knowing = [path for path in SERVER if libraries & {module.split(".")[0] for module in imports(path)}]
    assert [name(path) for path in knowing] == ["server/runtime.py"]


@pytest.mark.parametrize("path", SERVER, ids=name)
def test_a_module_says_what_it_is(path):
    """In the first line of its docstring."""
    assert ast.get_docstring(ast.parse(path.read_text("utf-8"))) or path.stat().st_size == 0


@pytest.mark.parametrize("path", SERVER, ids=name)
def test_nothing_is_printed_hidden_or_left_for_later(path):
    """No `print`, no exception swallowed whole, no note of what is still to do."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id != "print"
        if isinstance(node, ast.ExceptHandler):
            is_broad = node.type is None or (isinstance(node.type, ast.Name) and "Exception" in node.type.id)
            is_silent = all(isinstance(line, ast.Pass) for line in node.body)
            assert not (is_broad and is_silent), f"line {node.lineno}"
    assert not re.search(r"\b(TODO|FIXME|XXX|HACK)\b", path.read_text("utf-8"))


def test_no_test_sleeps():
    """A test waits for what it wants to see, or for a moment that the server has announced."""
    tests = [path for path in PYTHON if "tests" in path.parts and path != Path(__file__)]
    assert [
        name(path) for path in tests if re.search(r"\b(time|asyncio)\.sleep\(", path.read_text("utf-8"))
    ] == []


@pytest.mark.parametrize("path", STATIC, ids=name)
def test_no_page_asks_another_host_for_anything(path):
    """Names of XML's own and addresses in comments are asked for by nobody."""
    text = re.sub(
        r"/\*.*?\*/|^\s*//.*$|<!--.*?-->", "", path.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE
    )
    addresses = re.findall(r"""(?:https?:|wss?:)?//[\w.-]+\.\w+[^\s"'`)]*""", text)

    assert [address for address in addresses if "www.w3.org" not in address] == []


@pytest.mark.parametrize("path", [path for path in STATIC if path.suffix == ".js"], ids=name)
def test_text_from_people_goes_in_as_text(path):
    """No HTML is made from strings, and no string is run."""
    text = path.read_text("utf-8")
    for forbidden in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "new Function",
    ):
        assert forbidden not in text


@pytest.mark.parametrize("path", [path for path in STATIC if path.suffix == ".js"], ids=name)
def test_nothing_needs_a_secure_context(path):
    """A school's network has none."""
    text = path.read_text("utf-8")
    for forbidden in ("crypto.subtle", "randomUUID", "serviceWorker"):
        assert forbidden not in text
