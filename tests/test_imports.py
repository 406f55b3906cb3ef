"""What is imported when: the API by name, nothing heavy for help, nothing inside from the package's root."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from tests.test_shape import files, tree

import allocator

ROOT = Path(allocator.__file__).parent
HEAVY = {"pydantic", "duckdb", "numpy", "pandas", "ortools", "highspy", "rich", "ruamel", "yaml"}


def run(program):
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "program", ["import allocator", "from allocator.cli.main import main; main(['--help']); main(['--version'])"]
)
def test_nothing_heavy_is_imported_for_nothing(program):
    loaded = run(f"import sys\n{program}\nprint('MODULES', *{{name.partition('.')[0] for name in sys.modules}})")
    modules = set(loaded.rpartition("MODULES")[2].split())
    assert "allocator" in modules
    assert modules & HEAVY == set()


def test_a_name_of_the_api_is_the_function_even_where_a_folder_has_its_name():
    # Python itself sets the attribute to the folder once that is imported; both orders must give the function.
    run(
        "import sys, types\n"
        "room = types.ModuleType('allocator.solve'); room.solve = lambda: 'a plan'\n"
        "import allocator\n"
        "sys.modules['allocator.solve'] = allocator.__dict__['solve'] = room\n"
        "assert allocator.solve() == 'a plan'\n"
        "from allocator import solve\n"
        "assert solve() == 'a plan'\n"
        "from allocator.solve import solve as again\n"
        "assert again is solve\n"
    )


@pytest.mark.parametrize("name", allocator.__all__)
def test_every_name_of_the_api_is_there(name):
    assert name in dir(allocator)
    assert callable(getattr(allocator, name))


def test_an_unknown_name_is_an_error():
    with pytest.raises(AttributeError, match="lood"):
        _ = allocator.lood  # type: ignore[attr-defined]  # that is the test


def test_nothing_inside_imports_from_the_root():
    found = []
    for path in files():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Import):
                bad = "allocator" in [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                bad = node.module == "allocator" or node.level > 0
            else:
                continue
            if bad:
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert found == []


def test_every_module_says_what_it_is_for():
    empty = [str(path.relative_to(ROOT)) for path in files() if not ast.get_docstring(tree(path))]
    assert empty == []


def test_every_dependency_is_pinned():
    project = tomllib.loads((ROOT.parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pins = [line.partition("==")[0].lower() for line in (ROOT.parents[1] / "constraints.txt").read_text().splitlines()]
    extras = project["optional-dependencies"]
    wanted = {
        re.split(r"[>\[]", name)[0].lower() for name in project["dependencies"] + extras["dev"] + extras["outputs"]
    }
    assert wanted - {"allocator"} <= set(pins)
