"""Takes the README's picture anew: `python -m tests.picture`."""

import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from deploy.environment import chromium

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "deploy/pictures/card.png"

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def main() -> None:
    """Open the sandbox with the House in it, wait for the card, and take its picture."""
    browser = chromium()
    if browser is None:
        sys.exit("python -m tests.picture: no Chromium here (Debian: apt-get install chromium)")
    command = [sys.executable, "-m", "bot", "sandbox", "--house", "--port", "0", "--data"]
    with (
        tempfile.TemporaryDirectory() as data,
        subprocess.Popen([*command, data], cwd=ROOT, stdout=subprocess.PIPE, text=True) as sandbox,
    ):
        try:
            assert sandbox.stdout is not None
            address = sandbox.stdout.readline().partition(": ")[2].strip()
            take(address, browser)
        finally:
            sandbox.terminate()
    sys.stdout.write(f"the picture is in {PICTURE.relative_to(ROOT)}\n")


def take(address: str, browser: Path) -> None:
    """Look at the page as Ana and write what a person would see."""
    with sync_playwright() as playwright:
        window = playwright.chromium.launch(executable_path=browser, args=FLAGS)
        page = window.new_page(viewport={"width": 1200, "height": 900}, device_scale_factor=1.5)
        page.goto(f"{address}/?as=ana")
        page.get_by_text("house", exact=True).first.click()
        page.get_by_text("The House").first.wait_for()
        page.wait_for_timeout(1500)  # fonts and the last coalesced update of the card
        PICTURE.parent.mkdir(exist_ok=True)
        page.screenshot(path=PICTURE)
        window.close()


if __name__ == "__main__":
    main()
