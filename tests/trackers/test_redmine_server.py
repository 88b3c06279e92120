"""The client of Redmine with a real Redmine, and with a library for it as the second opinion."""

import re
from collections.abc import Callable, Generator
from datetime import UTC, date, datetime, timedelta
from html import unescape
from importlib import import_module
from typing import Any

import pytest

from bot.settings import Secret
from bot.trackers.redmine import Redmine
from bot.trackers.text_defusing import JOINER, defused
from bot.trackers.tracker import IssueContent, IssueMissing, TrackerRefused
from bot.trackers.tracker_http import UrllibTransport
from domain.kernel.tracked_issue import IssueState
from tests.depth import deep_only
from tests.trackers.redmine_desk import RealRedmineDesk
from tests.trackers.redmine_server import RedmineServer, redmine
from tests.trackers.tracker_contract import broken_behaviours

pytestmark = deep_only

BEN = "7"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
HOSTILE = (
    "*bold* _it_ -gone- +ins+ ^sup^ ~sub~ %span% ??cite?? @code@ ==no== `c` ~~s~~ 2*3*4 __init__ $x$",
    '"text":http://evil.example !http://evil.example/x.png! [a](http://evil.example) ![a](//evil.example/x)',
    "<b>x</b> <script>alert(1)</script> <pre>x</pre> </li></ul> <!-- --> ]]> &amp; &#64; \\* a\\b",
    "@ben #1 [[Wiki]] {{toc}} {{macro(x)}} r1 commit:abc user:ben attachment:x.png version:1",
    "http://evil.example/a_b*c www.evil.example ben@evil.example https://evil.example",
    *("h1. Head", "1. one", "1) one", "p(note). x", "p{color:red}. y", "bq. quote", "fn1. x", "pre. x"),
    *(
        "# item",
        "- item",
        "* item",
        "+ item",
        "> quote",
        "|a|b|",
        "=====",
        "---",
        "~~~",
        "```x",
        "- [ ] task",
    ),
    *("[^1]: x", "[1] x[1]", ": def", "    indented", "two-factor, 50% of it's 1.5 (c) x=y? Done!"),
)


@pytest.fixture(scope="module")
def server() -> Generator[RedmineServer]:
    with redmine() as started:
        yield started


@pytest.fixture
def connections() -> Generator[UrllibTransport]:
    opened = UrllibTransport(allowed={"127.0.0.1"})
    yield opened
    opened.close()


@pytest.fixture
def client(server: RedmineServer, connections: UrllibTransport) -> Callable[..., Redmine]:
    def connected(key: str = server.bot_key, *, project: str = "payments") -> Redmine:
        return Redmine(connections, url=server.url, project=project, token=Secret(key))

    return connected


def oracle(server: RedmineServer, key: str) -> Any:
    return import_module("redminelib").Redmine(server.url, key=key)


def content(number: int, **more: Any) -> IssueContent:
    return IssueContent(subject=f"MI-{number} in TM-7", title=f"Encrypt backup {number}", **more)


def mark(number: int) -> str:
    return f"{number:012x}"


def test_the_client_keeps_the_contract(server: RedmineServer, connections: UrllibTransport) -> None:
    library = import_module("redminelib")
    assert broken_behaviours({"Redmine": lambda: RealRedmineDesk(server, connections, library)}) == {}


def test_a_library_reads_what_the_client_wrote_and_the_client_what_people_did(
    server: RedmineServer, client: Callable[..., Redmine]
) -> None:
    ours, theirs = client(), oracle(server, server.ben_key)
    began = datetime.now(tz=UTC) - timedelta(seconds=2)
    created = ours.create(mark(1), content(1, due=date(2020, 2, 3), assignee=BEN, lines=("Due soon",)))
    number = int(created.key.removeprefix("#"))

    shown = theirs.issue.get(number)
    assert (shown.subject, shown.due_date, str(shown.assigned_to)) == (
        "Encrypt backup 1",
        date(2020, 2, 3),
        "Ben Berger",
    )
    assert shown.description.replace("\r\n", "\n") == created.text
    assert [
        issue.id
        for issue in theirs.issue.filter(project_id="payments", description=f"~threat-model-{mark(1)}")
    ] == [number]

    assert theirs.issue.update(number, status_id=5, due_date=date(2027, 5, 6), notes="Done in #1.")
    seen = ours.read(created.key)
    assert (seen.state, seen.reason, seen.due) == (IssueState.COMPLETED, "Closed", date(2027, 5, 6))
    assert [issue.key for issue in ours.changed(began) if mark(1) in issue.marks] == [created.key]
    assert list(ours.changed(datetime.now(tz=UTC) + timedelta(hours=1))) == []

    # Only a manager may reopen or reject an issue in Redmine's own workflow.
    manager = oracle(server, server.bot_key)
    assert manager.issue.update(number, status_id=2)
    assert ours.read(created.key).state is IssueState.OPEN
    assert manager.issue.update(number, status_id=6, description=f"Mine first.\n\n{created.text}")
    rejected = ours.read(created.key)
    assert (rejected.state, rejected.reason) == (IssueState.CLOSED, "Rejected")
    updated = ours.update(created.key, mark(1), content(1, due=date(2027, 8, 9)))
    assert updated.text.startswith("Mine first.\n\n— Maintained")
    assert "Due soon" not in updated.text
    assert (updated.due, updated.assignee and updated.assignee.id) == (date(2027, 8, 9), BEN)

    assert manager.issue.delete(number)
    with pytest.raises(IssueMissing):
        ours.read(created.key)
    with pytest.raises(IssueMissing):
        ours.update(created.key, mark(1), content(1))


def test_an_issue_that_was_moved_to_another_project_is_missing(
    server: RedmineServer, client: Callable[..., Redmine]
) -> None:
    ours = client()
    created = ours.create(mark(2), content(2))
    assert oracle(server, server.bot_key).issue.update(
        int(created.key.removeprefix("#")), project_id="website"
    )
    with pytest.raises(IssueMissing):
        ours.update(created.key, mark(2), content(2, lines=("An unfixed hole",)))
    assert "unfixed" not in client(project="website").read(created.key).text


def test_text_of_people_is_only_text_in_both_formats(
    server: RedmineServer, client: Callable[..., Redmine]
) -> None:
    link = "https://bot.example.org/a_b-c/~x?y=1&z=*2*"
    created = client().create(mark(4), content(4, lines=HOSTILE, link=link))
    wanted = [defused(line).replace(JOINER, "") for line in HOSTILE]
    for text_format in ("textile", "common_mark"):
        server.configure("text_formatting", text_format)
        page = server.page(f"/issues/{created.key.removeprefix('#')}")
        assert f"&#39;{text_format}&#39;" in page
        shown = page.split('id="issue_description_wiki"')[1].split("</ul>")[0]
        lines = [unescape(one).replace(JOINER, "") for one in re.findall(r"<li>([^\n]*)</li>", shown)]
        assert lines[-len(wanted) :] == wanted, text_format
        assert len(re.findall(r"<(?!/?(?:li|p|ul)\b)", shown)) == 2, f"only our own link, in {text_format}"
        href = re.findall(r'href="([^"]+)"', shown)
        assert [unescape(one) for one in href] == ["https://bot.example.org/a%5Fb-c/%7Ex?y=1&z=%2A2%2A"]


def test_the_project_and_its_people(server: RedmineServer, client: Callable[..., Redmine]) -> None:
    project = client().project()
    assert (project.name, project.public, project.account.name) == ("Payments", False, "Threat Model")
    assert list(project.problems) == []
    assert client(project="website").project().public
    assert list(client(server.admin_key).project().problems) == []
    for key, unauthorized in ((server.eve_key, False), ("0" * 40, True)):
        with pytest.raises(TrackerRefused) as raised:
            client(key).project()
        assert raised.value.unauthorized is unauthorized
        with pytest.raises(TrackerRefused):
            client(key).find(mark(9))
        assert key not in str(raised.value)
    assert [account.id for account in client().accounts("Berger")] == [BEN]
    assert [account.id for account in client().accounts("ben@example.com")] == [BEN]


def test_an_api_that_is_disabled_is_named(server: RedmineServer, client: Callable[..., Redmine]) -> None:
    server.configure("rest_api_enabled", "0")
    try:
        with pytest.raises(TrackerRefused, match="An administrator enables it"):
            client().project()
    finally:
        server.configure("rest_api_enabled", "1")
    assert client().project().account.name == "Threat Model"


def test_a_role_without_permissions_is_named(server: RedmineServer, client: Callable[..., Redmine]) -> None:
    theirs = oracle(server, server.admin_key)
    member = theirs.project_membership.create(project_id="payments", user_id=8, role_ids=[5])
    try:
        reporter = client(server.eve_key)
        assert list(reporter.project().problems) == [
            "The role of the account lacks these permissions: edit issues."
        ]
        created = reporter.create(mark(5), content(5))
        with pytest.raises(TrackerRefused, match="permission to edit issues"):
            reporter.update(created.key, mark(5), content(6))
    finally:
        theirs.project_membership.delete(member.id)
    with pytest.raises(TrackerRefused):
        reporter.read(created.key)
