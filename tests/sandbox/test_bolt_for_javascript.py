"""The npm package @slack/bolt talks to the sandbox as it talks to Slack."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.sandbox.api import Sandbox

APP = Path(__file__).parent / "witness" / "app.js"
BOLT = "@slack/bolt@^4"
INSTALL_SECONDS = 240


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "threatmodel-bot" / "witness"


@pytest.fixture(scope="module")
def modules() -> Path:
    """Where @slack/bolt is installed: outside the repository, and fetched only when asked for."""
    if shutil.which("node") is None:
        pytest.skip("node is missing: install Node.js 18 or newer to hear this witness")
    cache = _cache()
    if (cache / "node_modules" / "@slack" / "bolt").is_dir():
        return cache
    if os.environ.get("THREATMODEL_NODE_WITNESS") != "1":
        pytest.skip("@slack/bolt is not installed: set THREATMODEL_NODE_WITNESS=1 and npm fetches it once")
    cache.mkdir(parents=True, exist_ok=True)
    fetch = ["npm", "install", "--prefix", str(cache), "--no-audit", "--no-fund", "--ignore-scripts", BOLT]
    subprocess.run(fetch, check=True, timeout=INSTALL_SECONDS, capture_output=True)
    return cache


@pytest.fixture
def witnessed(modules: Path) -> Iterator[Sandbox]:
    """A workspace that grants every scope, with the JavaScript bot connected."""
    with Sandbox().start() as there:
        settings = {
            "PATH": os.environ["PATH"],
            "WITNESS_MODULES": str(modules),
            "SLACK_API_URL": there.url,
            "SLACK_BOT_TOKEN": there.bot_token,
            "SLACK_APP_TOKEN": there.app_token,
        }
        with subprocess.Popen(["node", str(APP)], env=settings, stdout=subprocess.DEVNULL) as app:
            try:
                there.wait_for_connection(20)
                yield there
            finally:
                app.kill()


def test_a_javascript_bot_takes_a_command_opens_a_modal_and_posts(witnessed: Sandbox) -> None:
    ana = witnessed.person("ana")
    assert ana.command("#house", "/small form").acked
    witnessed.wait_until(lambda: ana.modal is not None)
    ana.fill("Name", "Lamp")
    submitted = ana.submit()
    assert submitted is not None
    assert submitted.acked
    witnessed.wait_until(lambda: [one.plain for one in ana.sees("#house")] == ["wrote Lamp"])
    assert [one.edited for one in ana.sees("#house")] == [True]
    _nothing_was_refused(witnessed)


def test_a_javascript_bot_receives_joins_and_uploads_a_file_also_after_a_reconnect(
    witnessed: Sandbox,
) -> None:
    witnessed.ask_to_reconnect()
    witnessed.wait_until(lambda: len(witnessed.calls_of("apps.connections.open")) == 2)
    witnessed.wait_for_connection(20)
    witnessed.invite("eve", "#house")
    witnessed.wait_until(lambda: witnessed.person("ana").sees("#house"))
    file = witnessed.person("ana").sees("#house")[0].files[0]
    assert (file.name, witnessed.workspace.files.text(file.id)) == ("welcome.txt", "Come in.")
    _nothing_was_refused(witnessed)


def _nothing_was_refused(witnessed: Sandbox) -> None:
    assert not [call for call in witnessed.api_calls if not call.answer["ok"]]
