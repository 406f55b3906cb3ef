"""Without the libraries of the extra `outputs` everything else works, and what needs them says what to install."""

import subprocess
import sys

import pytest
from tests.publish.shared import TUTORIAL, tutorial_run

BLOCKED = """
import importlib.abc, importlib.util, sys
GONE = {"xlsxwriter", "docx", "typst", "jinja2", "pypinyin", "fontTools", "brotli", "openpyxl", "lxml"}
class Gone(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in GONE:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Gone())
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name.split(".")[0] in GONE else found(name, package)
from allocator.cli.main import main
for words in eval(sys.argv[1]):
    print(words[0], *words[2:3], "ended with", int(main(words)), flush=True)
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """How each command ended without them, and what was said."""
    here, run = tmp_path_factory.mktemp("without"), str(tutorial_run())
    asked = [["report", run, option, str(here / "x")] for option in ("--out", "--xlsx", "--docx", "--pdf")]
    asked += [["workbook", str(TUTORIAL), "-o", str(here / "x.xlsx")]]
    asked += [["validate", str(TUTORIAL)], ["show", run], ["dossier", run, "--unit", "oak"]]
    asked = [[*words, "--lang", "en"] for words in asked]
    done = subprocess.run([sys.executable, "-c", BLOCKED, repr(asked)], capture_output=True, text=True, timeout=240)
    assert "Traceback" not in done.stderr and list(here.iterdir()) == []
    return done


def test_what_needs_them_says_what_to_install(told):
    assert told.stderr.count('pip install "allocator[outputs]"') == 5
    assert told.stdout.count("ended with 2") == 5


def test_everything_else_works(told):
    assert told.stdout.count("ended with 0") == 3
