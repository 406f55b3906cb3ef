"""The pictures of the README, made anew from the demo: `make demo`, then `python docs/pictures/make.py`.

It needs Debian's chromium, and a font with Chinese characters for the annex.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

HERE = Path(__file__).resolve().parent
DEMO = HERE.parents[1] / "demo"
WIDTH, HEIGHT = 1200, 860


def main() -> None:
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.goto((DEMO / "report.html").as_uri())
        page.wait_for_load_state("networkidle")
        page.screenshot(path=HERE / "page.png")
        browser.close()
    with tempfile.TemporaryDirectory() as folder:
        asked = ["report", str(DEMO / "guangxi"), "--pdf", folder, "--no-letters", "--lang", "zh"]
        subprocess.run(["allocator", *asked], check=True)
        (annex,) = Path(folder).glob("附件.pdf")
        subprocess.run(["pdftoppm", "-r", "80", "-png", "-singlefile", str(annex), str(HERE / "annex")], check=True)


if __name__ == "__main__":
    main()
