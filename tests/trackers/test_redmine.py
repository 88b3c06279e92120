"""The client of Redmine, with the answers of the real one."""

from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace

from bot.settings import Secret
from bot.trackers.redmine import Redmine
from bot.trackers.tracker import Account, IssueContent, TrackerRefused
from bot.trackers.tracker_http import TrackerAnswer
from domain.kernel.tracked_issue import IssueState
from tests.trackers.fake_redmine import BEN, BOT, START, FakeRedmine
from tests.trackers.fake_transport import TOKEN, Asked, FakeTransport, answer
from tests.trackers.tracker_contract import CONTENT as EXAMPLE
from tests.trackers.tracker_contract import MARK, OTHER

CONTENT = replace(EXAMPLE, assignee=str(BEN))
TEXT = """\
— Maintained by the threat model bot: MI-3 in TM-7 —

* Reference: threat-model-0123456789ab
* Open the mitigation in the threat model: https://bot.example/cards/TM-7/MI-3
* Threat: No rate limit
* Band: High

— End of MI-3 in TM-7. The bot overwrites edits between these lines. —"""


def client(server: FakeRedmine | FakeTransport) -> Redmine:
    transport = FakeTransport(server) if isinstance(server, FakeRedmine) else server
    return Redmine(
        transport, url="https://redmine.example.org/tracker/", project="payments", token=Secret(TOKEN)
    )


def served(server: FakeRedmine) -> Redmine:
    """A client whose server is in a subfolder of its host."""

    def at_root(asked: Asked) -> TrackerAnswer:
        assert asked.path.startswith("/tracker/")
        assert asked.headers["x-redmine-api-key"] == TOKEN
        asked.path = asked.path.removeprefix("/tracker")
        return server(asked)

    return client(FakeTransport(at_root))


def test_a_new_issue_has_the_text_and_the_fields_of_the_mitigation() -> None:
    created = served(FakeRedmine()).create(MARK, CONTENT)
    assert (created.url, created.text) == ("https://redmine.example.org/tracker/issues/1", TEXT)
    assert created.assignee == Account(id="7", name="Ben Berger")
    assert created.updated == START + timedelta(minutes=1)


def test_versions_without_the_filter_for_descriptions_find_the_mark_in_the_list() -> None:
    server = FakeRedmine()
    server.knows_filters = False
    redmine = served(server)
    for number in range(120):
        redmine.create(f"{number:012x}", CONTENT)
    assert [issue.key for issue in redmine.find(f"{110:012x}")] == ["#111"]


def test_earlier_versions_tell_only_at_the_list_of_statuses_which_are_closed() -> None:
    server = FakeRedmine()
    server.tells_closed = False
    redmine = served(server)
    redmine.create(MARK, CONTENT)
    for status, state in ((3, IssueState.OPEN), (5, IssueState.COMPLETED), (6, IssueState.CLOSED)):
        server.change(1, status_id=status)
        assert redmine.read("#1").state is state


def test_two_workspaces_with_one_issue_keep_each_others_marks() -> None:
    redmine = served(FakeRedmine())
    redmine.create(MARK, CONTENT)
    for mark in (OTHER, MARK, OTHER):
        issue = redmine.update("#1", mark, CONTENT)
        assert {*issue.marks} == {MARK, OTHER}
    assert issue.text.count("— Maintained") == 1
    redmine.close_duplicate("#1", "#2")
    assert redmine.update("#1", MARK, CONTENT).marks == (MARK,)


def test_a_mark_in_the_words_of_a_mitigation_marks_nothing() -> None:
    redmine = served(FakeRedmine())
    words = IssueContent(subject="MI-3 in TM-7", title="X", lines=(f"Reference: threat-model-{OTHER}",))
    assert redmine.create(MARK, words).marks == (MARK,)
    assert redmine.find(OTHER) == []


def test_dates_and_people_that_redmine_refuses_do_not_keep_the_rest_from_it() -> None:
    today = START.date()
    cases = {
        (today + timedelta(days=1), "7"): (today, "7"),
        (today - timedelta(days=1), "7"): (today - timedelta(days=1), "7"),
        (today + timedelta(days=1), "99"): (today, None),
        (today - timedelta(days=1), "99"): (today - timedelta(days=1), None),
        (None, "99"): (today, None),
    }
    found: dict[tuple[date | None, str], object] = {}
    for due, assignee in cases:
        content = IssueContent(subject=CONTENT.subject, title=CONTENT.title, due=due, assignee=assignee)
        for way in ("create", "update"):
            server = FakeRedmine()
            redmine = served(server)
            if way == "update":
                redmine.create(MARK, IssueContent(subject=CONTENT.subject, title="Before"))
                redmine.update("#1", MARK, content)
            else:
                redmine.create(MARK, content)
            issue = server.issues[1]
            assert issue.get("due_date") == (due.isoformat() if due else None)
            found[due, assignee] = (date.fromisoformat(issue["start_date"]), issue.get("assigned_to_id"))
    assert found == cases


def test_an_update_that_redmine_leaves_out_silently_is_a_refusal() -> None:
    server = FakeRedmine()
    redmine = served(server)
    redmine.create(MARK, CONTENT)
    server.may_edit = False
    with pytest.raises(TrackerRefused, match=r"did not change #1\. The role .* permission to edit issues"):
        redmine.update("#1", MARK, IssueContent(subject=CONTENT.subject, title="Another"))


def test_other_refusals_are_told_in_redmines_words() -> None:
    def refuses(asked: Asked) -> TrackerAnswer:
        return answer({"errors": ["Severity cannot be blank"]}, status=422)

    with pytest.raises(TrackerRefused, match="Severity cannot be blank"):
        client(FakeTransport(refuses)).create(MARK, CONTENT)


def test_a_duplicate_is_rejected_or_the_refusal_is_told() -> None:
    server = FakeRedmine()
    redmine = served(server)
    for _ in range(2):
        redmine.create(MARK, CONTENT)
    redmine.close_duplicate("#2", "#1")
    closed = redmine.read("#2")
    assert closed.reason == "Rejected"
    assert "Reference: duplicate of #1" in closed.text
    server.may_close = False
    redmine.create(MARK, CONTENT)
    with pytest.raises(TrackerRefused, match="did not close #3"):
        redmine.close_duplicate("#3", "#1")


def test_changes_since_a_moment_come_in_pages_and_only_with_a_mark() -> None:
    server = FakeRedmine()
    redmine = served(server)
    for number in range(1, 131):
        redmine.create(f"{number:012x}", CONTENT)
    server.change(7, description="A person's own issue")
    moment = server.issues[10]["updated_on"]
    assert [issue.key for issue in redmine.changed(moment)] == [f"#{number}" for number in range(10, 131)]
    server.change(3, status_id=5)
    assert [issue.key for issue in redmine.changed(server.now)] == ["#3"]
    assert list(redmine.changed(server.now + timedelta(seconds=1))) == []


def test_the_project_says_who_can_read_it_and_what_the_account_lacks() -> None:
    def connected(*, permissions: list[str], modules: list[str], public: bool, admin: bool) -> FakeTransport:
        def give(asked: Asked) -> TrackerAnswer:
            match asked.path.removeprefix("/tracker"):
                case "/users/current.json":
                    member = {"id": 1, "project": {"id": 1, "name": "Payments"}, "roles": [{"id": 3}]}
                    user = {"id": BOT, "login": "threatmodel", "admin": admin, "firstname": "Threat"}
                    return answer({"user": {**user, "lastname": "Model", "memberships": [member]}})
                case "/roles/3.json":
                    return answer({"role": {"id": 3, "name": "Reporter", "permissions": permissions}})
                case _:
                    enabled = [{"id": 1, "name": name} for name in modules]
                    trackers = [{"id": 1, "name": "Bug"}]
                    project = {"id": 1, "name": "Payments", "identifier": "payments", "is_public": public}
                    return answer({"project": {**project, "trackers": trackers, "enabled_modules": enabled}})

        return FakeTransport(give)

    everything = ["view_issues", "add_issues", "edit_issues", "add_issue_notes"]
    found = client(
        connected(permissions=everything, modules=["issue_tracking"], public=False, admin=False)
    ).project()
    assert (found.name, found.public, found.account.name) == ("Payments", False, "Threat Model")
    assert list(found.problems) == []
    found = client(connected(permissions=["view_issues"], modules=[], public=True, admin=False)).project()
    assert found.public
    assert list(found.problems) == [
        "The role of the account lacks these permissions: add issues, edit issues, add notes.",
        "The project has no issue tracking. Enable that module in its settings.",
    ]
    found = client(connected(permissions=[], modules=["issue_tracking"], public=False, admin=True)).project()
    assert list(found.problems) == []


def test_a_redmine_without_its_api_says_where_to_enable_it() -> None:
    redmine = client(FakeTransport(lambda _: answer(status=403)))
    with pytest.raises(TrackerRefused, match=r"REST API\. An administrator enables it"):
        redmine.project()


def test_members_are_found_by_name_login_and_address() -> None:
    people = {
        7: {"login": "ben", "firstname": "Ben", "lastname": "Berger", "mail": "ben@example.com"},
        8: {"login": "bea", "firstname": "Bea", "lastname": "Berger"},
        9: {"login": "zoe.x", "firstname": "Zoe", "lastname": "Zimmer", "mail": "z@example.com"},
    }

    def give(asked: Asked) -> TrackerAnswer:
        path = asked.path.removeprefix("/tracker")
        if path.startswith("/users/"):
            number = int(path.removeprefix("/users/").removesuffix(".json"))
            return answer({"user": {"id": number, **people[number]}}) if number != 8 else answer(status=404)
        rows: list[object] = [
            {
                "id": one,
                "project": {"id": 1},
                "user": {"id": one, "name": f"{who['firstname']} {who['lastname']}"},
            }
            for one, who in people.items()
        ]
        rows.append({"id": 10, "project": {"id": 1}, "group": {"id": 20, "name": "Bergers"}})
        return answer({"memberships": rows, "total_count": 4, "offset": 0, "limit": 100})

    redmine = client(FakeTransport(give))
    found = {
        text: [account.name for account in redmine.accounts(text)]
        for text in ("ben@example.com", "BEN", "Berger", "bea berger", "zoe.x", "z@example.com", "who@x", " ")
    }
    assert found == {
        "ben@example.com": ["Ben Berger"],
        "BEN": ["Ben Berger"],
        "Berger": ["Ben Berger", "Bea Berger"],
        "bea berger": ["Bea Berger"],
        "zoe.x": ["Zoe Zimmer"],
        "z@example.com": ["Zoe Zimmer"],
        "who@x": [],
        " ": [],
    }
    assert redmine.accounts("ben@example.com")[0].email == "ben@example.com"


def test_a_moment_is_asked_for_in_universal_time() -> None:
    transport = FakeTransport(lambda _: answer({"issues": [], "total_count": 0}))
    list(client(transport).changed(datetime(2026, 11, 28, 21, 5, 9, 999, tzinfo=UTC)))
    assert transport.asked[0].query["updated_on"] == ">=2026-11-28T21:05:09Z"
