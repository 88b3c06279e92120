"""The client of Jira Data Center with a stand-in for its server, and with a library as the second opinion."""

import socket
import threading
from collections.abc import Generator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from typing import Any, NamedTuple

import pytest
import uvicorn

from bot.settings import Secret
from bot.trackers.jira import JiraDataCenter
from bot.trackers.tracker import IssueContent, IssueMissing
from bot.trackers.tracker_http import UrllibTransport
from domain.kernel.tracked_issue import IssueState
from tests.depth import deep_only
from tests.trackers.fake_transport import TOKEN
from tests.trackers.jira_desk import StandInDesk
from tests.trackers.tracker_contract import broken_behaviours

pytestmark = deep_only

CONTENT = IssueContent(
    subject="MI-3 in TM-7",
    title="Encrypt the backups",
    lines=("Threat: *Unprotected* backups [~ben]",),
    link="https://bot.example.org/card?model=TM-7",
    due=date(2027, 1, 15),
    assignee="ben",
    labels=("security",),
)
MARK = "0123456789ab"


class StandIn(NamedTuple):
    """A running jira820, and its issues."""

    url: str
    world: Any

    def emptied(self) -> str:
        """Remove all issues; return the URL."""
        self.world.issues.clear()
        self.world.reindex()
        return self.url


@pytest.fixture(scope="module")
def stand_in() -> Generator[StandIn]:
    """A running jira820, a stand-in for Jira Data Center 8.20, with one project without issues."""
    jira820: Any = import_module("jira820")
    config: Any = import_module("jira820.config")
    store: Any = import_module("jira820.store")
    world = store.Store(config.Config(project_key="REFILL", project_name="Refill"), seed=False)
    world.users = {"ben": {"name": "ben", "displayName": "Ben Berger"}}
    world.reindex()
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        server = uvicorn.Server(uvicorn.Config(jira820.make_app(store=world), log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            # Connections wait in the socket until the server accepts them.
            yield StandIn(f"http://127.0.0.1:{listening.getsockname()[1]}", world)
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture
def site(stand_in: StandIn) -> str:
    return stand_in.emptied()


@pytest.fixture
def client(site: str) -> Generator[JiraDataCenter]:
    transport = UrllibTransport(allowed={"127.0.0.1"})
    yield JiraDataCenter(transport, url=site, project="REFILL", token=Secret(TOKEN))
    transport.close()


def oracle(site: str) -> Any:
    return import_module("jira").JIRA(server=site, token_auth=TOKEN, get_server_info=False)


def test_the_client_keeps_the_contract(stand_in: StandIn) -> None:
    transport = UrllibTransport(allowed={"127.0.0.1"})
    people = oracle(stand_in.url)
    broken = broken_behaviours({"Jira": lambda: StandInDesk(stand_in.emptied(), transport, people)})
    transport.close()
    # It ignores additions to labels, has no search for people, and is open to all.
    assert sorted(broken) == [
        "Jira: an_account_can_be_assigned",
        "Jira: an_issue_of_a_person_gets_the_mark",
        "Jira: an_issue_that_was_created_twice_is_closed",
        "Jira: the_project_is_checked",
    ]


def test_a_library_reads_what_the_client_wrote_and_the_client_what_people_did(
    site: str, client: JiraDataCenter
) -> None:
    theirs = oracle(site)
    created = client.create(MARK, CONTENT)
    shown = theirs.issue(created.key)
    assert shown.fields.summary == "Encrypt the backups"
    assert shown.fields.issuetype.name == "Task"
    assert shown.fields.duedate == "2027-01-15"
    assert shown.fields.assignee.displayName == "Ben Berger"
    assert shown.fields.labels == ["threat-model", f"threat-model-{MARK}", "security"]
    assert shown.fields.description == created.text
    assert [issue.key for issue in client.find(MARK)] == [created.key]
    assert list(client.find("ba9876543210")) == []

    theirs.transition_issue(shown, "To Done", fields={"resolution": {"name": "Done"}})
    seen = client.read(created.key)
    assert (seen.state, seen.reason) == (IssueState.COMPLETED, "Done")
    theirs.transition_issue(shown, "To Reopened")
    assert client.read(created.key).state is IssueState.OPEN
    theirs.transition_issue(shown, "To Done", fields={"resolution": {"name": "Won't Do"}})
    seen = client.read(created.key)
    assert (seen.state, seen.reason) == (IssueState.CLOSED, "Won't Do")
    assert [issue.key for issue in client.changed(datetime.now(tz=UTC) - timedelta(days=1))] == [created.key]

    shown.update(fields={"description": f"h2. Ours first\r\n\r\n{created.text}", "duedate": "2027-03-04"})
    assert client.read(created.key).due == date(2027, 3, 4)
    changed = IssueContent(subject=CONTENT.subject, title="Encrypt all backups", due=date(2027, 2, 1))
    updated = client.update(created.key, MARK, changed)
    assert updated.text.startswith("h2. Ours first\n\n— Maintained")
    assert (updated.title, updated.due, updated.assignee and updated.assignee.id) == (
        "Encrypt all backups",
        date(2027, 2, 1),
        "ben",
    )
    shown.delete()
    with pytest.raises(IssueMissing):
        client.read(created.key)


def test_a_duplicate_is_closed_and_names_the_original(site: str, client: JiraDataCenter) -> None:
    first, second = (client.create(MARK, CONTENT) for _ in range(2))
    client.close_duplicate(second.key, first.key)
    closed = client.read(second.key)
    assert (closed.state, closed.reason) == (IssueState.CLOSED, "Duplicate")
    comments = [comment.body for comment in oracle(site).comments(second.key)]
    assert comments == [f"This issue was created twice. It is continued in {first.key}."]
