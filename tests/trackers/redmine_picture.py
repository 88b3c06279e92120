"""Take the picture of an issue in Redmine again: `python -m tests.trackers.redmine_picture`."""

from datetime import date
from pathlib import Path

from playwright.sync_api import sync_playwright

from bot.settings import Secret
from bot.trackers.redmine import Redmine
from bot.trackers.tracker import IssueContent
from bot.trackers.tracker_http import UrllibTransport
from deploy import environment
from tests.trackers.redmine_server import PASSWORD, redmine

PICTURE = Path("deploy/pictures/redmine-issue.png")
CONTENT = IssueContent(
    subject="MI-3 in TM-7, workspace 5f3a9c",
    title="Require multi-factor authentication for administrators",
    lines=("Threat TH-4: No multi-factor authentication for administrators (High risk)",),
    link="https://bot.example.org/cards/TM-7/MI-3",
    due=date(2027, 1, 15),
    assignee="7",
)


def main() -> None:
    with redmine() as server, sync_playwright() as playwright:
        transport = UrllibTransport(allowed={"127.0.0.1"})
        client = Redmine(transport, url=server.url, project="payments", token=Secret(server.bot_key))
        issue = client.create("0123456789ab", CONTENT)
        browser = playwright.chromium.launch(executable_path=str(environment.chromium()))
        page = browser.new_page(viewport={"width": 1000, "height": 700})
        page.goto(f"{server.url}/login")
        page.fill("#username", "ben")
        page.fill("#password", PASSWORD)
        page.click("#login-submit")
        page.goto(f"{server.url}/issues/{issue.key.removeprefix('#')}")
        page.locator("#content .issue.details").screenshot(path=PICTURE)
        browser.close()
        transport.close()


if __name__ == "__main__":
    main()
