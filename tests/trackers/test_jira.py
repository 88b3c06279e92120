"""The clients of Jira Cloud and Jira Data Center, with answers of the shapes that Atlassian documents."""

from base64 import b64encode
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from bot.settings import Secret
from bot.trackers.adf import document, paragraph
from bot.trackers.jira import Jira, JiraCloud, JiraDataCenter
from bot.trackers.tracker import (
    Account,
    IssueContent,
    TrackerBusy,
    TrackerRefused,
    TrackerUnreachable,
)
from bot.trackers.tracker_http import TrackerAnswer
from tests.trackers.desks import JIRA_SITE
from tests.trackers.fake_jira import START, FakeJira
from tests.trackers.fake_transport import TOKEN, Asked, FakeTransport, answer
from tests.trackers.tracker_contract import CONTENT as EXAMPLE
from tests.trackers.tracker_contract import MARK

SITE = JIRA_SITE
CONTENT = replace(EXAMPLE, assignee="ben", labels=("security", "two words"))
BEGIN = "— Maintained by the threat model bot: MI-3 in TM-7 —"
END = "— End of MI-3 in TM-7. The bot overwrites edits between these lines. —"
WIKI = f"""\
{BEGIN}

* [Open the mitigation in the threat model|https://bot.example/cards/TM-7/MI-3]
* Threat: No rate limit
* Band: High

{END}"""
PLAIN = f"""\
{BEGIN}
Open the mitigation in the threat model (https://bot.example/cards/TM-7/MI-3)
Threat: No rate limit
Band: High
{END}"""


def client(server: FakeJira, answers: Callable[[Asked], TrackerAnswer] | None = None, **more: Any) -> Jira:
    transport = FakeTransport(answers or server)
    given: dict[str, Any] = {"url": f"{SITE}/", "project": "refill", "token": Secret(TOKEN), **more}
    given["clock"] = lambda: server.now
    if server.cloud:
        return JiraCloud(transport, login="threatmodel@example.com", **given)
    return JiraDataCenter(transport, **given)


both = pytest.mark.parametrize("cloud", [True, False], ids=["cloud", "data_center"])


def test_each_product_has_its_own_way_to_sign_in() -> None:
    headers: dict[bool, str] = {}
    for cloud in (True, False):
        server = FakeJira(cloud=cloud)

        def give(asked: Asked, server: FakeJira = server) -> TrackerAnswer:
            headers[server.cloud] = asked.headers["authorization"]
            return server(asked)

        client(server, give).find(MARK)
    basic = b64encode(f"threatmodel@example.com:{TOKEN}".encode()).decode()
    assert headers == {True: f"Basic {basic}", False: f"Bearer {TOKEN}"}


@both
def test_a_new_issue_has_the_text_and_the_fields_of_the_mitigation(cloud: bool) -> None:
    server = FakeJira(cloud=cloud)
    jira = client(server)
    created = jira.create(MARK, CONTENT)
    assert (created.key, created.url) == ("REFILL-1", f"{SITE}/browse/REFILL-1")
    assert created.text == (PLAIN if cloud else WIKI)
    assert created.assignee == Account(id="ben", name="Ben Berger", email="ben@example.com")
    assert created.updated == START + timedelta(minutes=1)
    labels = ["threat-model", "threat-model-0123456789ab", "security", "two_words"]
    assert server.issues["REFILL-1"]["labels"] == labels
    assert jira.search_delay == 600


def test_cloud_gets_a_document_in_which_no_text_is_markup() -> None:
    server = FakeJira(cloud=True)
    client(server).create(
        MARK, IssueContent(subject="MI-3 in TM-7", title="X", lines=("*b* [~ben]",), link="https://b")
    )
    link = {"type": "link", "attrs": {"href": "https://b"}}
    first = {"type": "text", "text": "Open the mitigation in the threat model", "marks": [link]}
    assert server.issues["REFILL-1"]["description"] == {
        "type": "doc",
        "version": 1,
        "content": [
            paragraph(BEGIN),
            {
                "type": "bulletList",
                "content": [
                    {"type": "listItem", "content": [{"type": "paragraph", "content": [first]}]},
                    {"type": "listItem", "content": [paragraph("*b* [\N{WORD JOINER}~\N{WORD JOINER}ben]")]},
                ],
            },
            paragraph(END),
        ],
    }


def test_an_update_in_cloud_keeps_the_nodes_of_people() -> None:
    server = FakeJira(cloud=True)
    jira = client(server)
    jira.create(MARK, CONTENT)
    panel = {"type": "panel", "attrs": {"panelType": "info"}, "content": [paragraph("Please before Friday.")]}
    mention = {"type": "paragraph", "content": [{"type": "mention", "attrs": {"id": "ben", "text": "@Ben"}}]}
    ours = server.issues["REFILL-1"]["description"]["content"]
    server.change("REFILL-1", description=document([panel, *ours, mention]))
    issue = jira.update("REFILL-1", MARK, IssueContent(subject=CONTENT.subject, title="Encrypt all backups"))
    nodes = server.issues["REFILL-1"]["description"]["content"]
    assert nodes == [panel, paragraph(BEGIN), paragraph(END), mention]
    assert issue.text == f"Please before Friday.\n{BEGIN}\n{END}\n@Ben"
    assert (issue.title, issue.due) == ("Encrypt all backups", CONTENT.due)
    assert issue.assignee == Account(id="ben", name="Ben Berger", email="ben@example.com")
    for description, rest in ((document([panel]), [panel]), (document([]), []), (None, [])):
        server.change("REFILL-1", description=description)
        jira.update("REFILL-1", MARK, CONTENT)
        assert server.issues["REFILL-1"]["description"] == document([*ours, *rest])


@both
def test_fields_that_jira_refuses_do_not_keep_the_rest_from_it(cloud: bool) -> None:
    found: dict[object, object] = {}
    wanted: dict[tuple[str, str], tuple[str | None, str | None]] = {
        ("", "ben"): ("2027-01-15", "ben"),
        ("", "gone"): ("2027-01-15", None),
        ("duedate", "ben"): (None, "ben"),
        ("duedate", "gone"): (None, None),
    }
    for without, assignee in wanted:
        for way in ("create", "update"):
            server = FakeJira(cloud=cloud)
            server.screen.pop(without, None)
            content = IssueContent(subject="S", title="T", due=date(2027, 1, 15), assignee=assignee)
            jira = client(server)
            jira.create(MARK, content if way == "create" else IssueContent(subject="S", title="T"))
            if way == "update":
                jira.update("REFILL-1", MARK, content)
            issue = server.issues["REFILL-1"]
            person = issue.get("assignee")
            found[without, assignee] = (issue.get("duedate"), person and next(iter(person.values())))
    assert found == wanted


@both
def test_other_refusals_are_told_in_jiras_words(cloud: bool) -> None:
    server = FakeJira(cloud=cloud)
    server.screen.pop("labels")
    with pytest.raises(TrackerRefused, match="labels: Field 'labels' cannot be set"):
        client(server).create(MARK, CONTENT)
    assert server.issues == {}


@both
def test_a_creation_whose_issue_cannot_be_read_may_have_succeeded(cloud: bool) -> None:
    for status in (404, 401, 403, 429, 500):
        server = FakeJira(cloud=cloud)

        def give(asked: Asked, server: FakeJira = server, status: int = status) -> TrackerAnswer:
            is_read = asked.method == "GET" and "/issue/REFILL" in asked.path
            return answer(status=status) if is_read else server(asked)

        with pytest.raises(TrackerUnreachable):
            client(server, give).create(MARK, CONTENT)
        assert len(server.issues) == 1


@both
def test_a_conflicting_change_is_tried_again(cloud: bool) -> None:
    server = FakeJira(cloud=cloud)
    client(server).create(MARK, CONTENT)

    def give(asked: Asked) -> TrackerAnswer:
        return answer(status=409) if asked.method == "PUT" else server(asked)

    with pytest.raises(TrackerBusy):
        client(server, give).update("REFILL-1", MARK, replace(CONTENT, title="Other"))


@both
def test_a_duplicate_is_closed_with_the_resolution_that_says_so(cloud: bool) -> None:
    server = FakeJira(cloud=cloud)
    jira = client(server)
    for _ in range(2):
        jira.create(MARK, CONTENT)
    for _ in range(2):
        jira.close_duplicate("REFILL-2", "REFILL-1")
    assert (server.issues["REFILL-2"]["status"], jira.read("REFILL-2").reason) == ("Won't Do", "Duplicate")
    assert len(server.comments) == 1
    server.resolutions = []
    jira.create(MARK, CONTENT)
    jira.close_duplicate("REFILL-3", "REFILL-1")
    assert jira.read("REFILL-3").reason == "Won't Do"


@both
def test_changes_come_in_pages_and_from_ten_minutes_before_the_moment(cloud: bool) -> None:
    server = FakeJira(cloud=cloud)
    jira = client(server)
    for number in range(1, 131):
        jira.create(f"{number:012x}", CONTENT)
    server.change("REFILL-7", labels=["threat-model"])
    found = [issue.key for issue in jira.changed(server.now - timedelta(minutes=110, seconds=30))]
    # The last 121 minutes, of which one is that of the issue whose mark is gone.
    assert found == [f"REFILL-{number}" for number in range(10, 131)]
    assert [issue.key for issue in jira.changed(server.now + timedelta(days=1))] == [
        f"REFILL-{number}" for number in range(121, 131)
    ]
    assert len(list(jira.changed(START.replace(year=2000)))) == 129


@both
def test_a_project_with_a_new_key_keeps_its_issues(cloud: bool) -> None:
    server = FakeJira(cloud=cloud)
    jira = client(server)
    jira.create(MARK, CONTENT)
    server.change("REFILL-1", key="PAY-1", project="PAY")
    issue = jira.read("REFILL-1")
    assert (issue.key, issue.url) == ("REFILL-1", f"{SITE}/browse/PAY-1")


@both
def test_an_account_that_sees_nothing_does_not_make_issues_missing(cloud: bool) -> None:
    server = FakeJira(cloud=cloud)
    jira = client(server)
    jira.create(MARK, CONTENT)
    server.can_browse = False
    # With an expired token, Jira Cloud answers as to people who are not signed in.
    server.signed_in = False
    for call in (lambda: jira.read("REFILL-1"), lambda: jira.find(MARK), lambda: list(jira.changed(START))):
        with pytest.raises(TrackerRefused) as raised:
            call()
        assert raised.value.unauthorized


@both
def test_the_project_says_who_can_read_it_and_what_the_account_lacks(cloud: bool) -> None:
    def checked(**changes: object) -> tuple[bool, list[str]]:
        server = FakeJira(cloud=cloud)
        for name, value in changes.items():
            setattr(server, name, value)
        found = client(server).project()
        assert (found.name, found.account.id, found.account.name) == ("Refill", "bot", "Threat Model")
        return found.public, list(found.problems)

    held = FakeJira(cloud=cloud).permissions
    screen = FakeJira(cloud=cloud).screen
    before = "The screen on which issues of the type Task are created"
    assert checked() == (False, [])
    assert checked(public=True) == (True, [])
    assert checked(permissions=held - {"EDIT_ISSUES", "SCHEDULE_ISSUES"}) == (
        False,
        ["The account lacks these permissions in the project: edit issues, schedule issues."],
    )
    assert checked(screen={**screen, "customfield_1": "Severity"}) == (
        False,
        [f"{before} requires: Severity. Make that optional."],
    )
    fewer = {name: label for name, label in screen.items() if name not in ("labels", "duedate")}
    assert checked(screen=fewer) == (False, [f"{before} lacks: Labels, Due date."])


def test_the_page_of_a_sign_in_does_not_make_a_project_public() -> None:
    for page in (
        answer(b"<html>Sign in</html>"),
        answer([]),
        answer(status=302, headers={"location": "https://sso"}),
    ):
        server = FakeJira(cloud=False)

        def give(asked: Asked, server: FakeJira = server, page: TrackerAnswer = page) -> TrackerAnswer:
            return server(asked) if "authorization" in asked.headers else page

        assert not client(server, give).project().public
