"""Linear: what the contract of all trackers does not say."""

import pytest

from bot.settings import Secret
from bot.trackers.linear import Linear
from bot.trackers.tracker import (
    TrackerBusy,
    TrackerFault,
    TrackerRefused,
    TrackerUnreachable,
)
from bot.trackers.tracker_http import TrackerAnswer
from domain.kernel.tracked_issue import IssueState
from tests.trackers.desks import LinearDesk
from tests.trackers.fake_transport import TOKEN, Asked, answer, answers
from tests.trackers.tracker_contract import CONTENT, MARK, OTHER


def operations(desk: LinearDesk) -> list[str]:
    """The names of the operations that were asked for."""
    return [one.content["query"].split("(")[0].split()[1] for one in desk.transport.asked]


def test_the_team_and_its_labels_are_asked_for_once() -> None:
    desk = LinearDesk()
    desk.tracker.create(MARK, CONTENT)
    assert operations(desk) == ["Team", "Labels", "CreateLabel", "CreateLabel", "CreateLabel", "Create"]
    labels = [one.content["variables"]["input"] for one in desk.transport.asked[2:5]]
    assert {label["name"]: "description" in label for label in labels} == {
        "threat-model": True,
        f"threat-model-{MARK}": True,
        "security": False,
    }
    desk.transport.asked.clear()
    desk.tracker.create(OTHER, CONTENT)
    assert operations(desk) == ["Labels", "CreateLabel", "Create"]


def test_labels_of_the_team_and_of_the_workspace_are_used() -> None:
    desk = LinearDesk()
    shared, own = desk.fake.label("Security", team=None), desk.fake.label("Threat-Model")
    issue = desk.tracker.create(MARK, CONTENT)
    assert desk.fake.issues[1]["labelIds"][0] == own
    assert desk.fake.issues[1]["labelIds"][2] == shared
    # Another team's label with that name is not.
    assert "LB-other" not in desk.fake.issues[1]["labelIds"]
    assert issue.marks == (MARK,)
    assert operations(desk).count("CreateLabel") == 1


def test_a_label_that_another_request_created_meanwhile_is_used() -> None:
    desk = LinearDesk()
    given = desk.transport.answer

    def late(asked: Asked) -> TrackerAnswer:
        found = given(asked)
        if operations(desk)[-1] == "Labels" and len(desk.transport.asked) < 4:
            desk.fake.label(f"threat-model-{MARK}")
        return found

    desk.transport.answer = late
    assert desk.tracker.create(MARK, CONTENT).marks == (MARK,)


def test_an_issue_in_the_trash_is_listed_as_deleted() -> None:
    trashed = LinearDesk()
    issue = trashed.tracker.create(MARK, CONTENT)
    trashed.fake.change(1, trashed=True)
    assert [one.state for one in trashed.tracker.changed(issue.updated)] == [IssueState.DELETED]
    assert trashed.tracker.find(MARK) == []


def test_errors_of_graphql_become_faults() -> None:
    reset = {"x-ratelimit-requests-reset": "1795899645000", "date": "Sat, 28 Nov 2026 21:00:00 GMT"}

    def error(code: str, message: str = "No.", status: int = 400) -> TrackerAnswer:
        content = {"errors": [{"message": message, "extensions": {"code": code}}], "data": None}
        return answer(content, status=status, headers=reset)

    cases: tuple[tuple[TrackerAnswer, type[TrackerFault]], ...] = (
        (error("RATELIMITED"), TrackerBusy),
        (error("AUTHENTICATION_ERROR"), TrackerRefused),
        (error("AUTHENTICATION_ERROR", status=401), TrackerRefused),
        (error("FORBIDDEN", status=200), TrackerRefused),
        (error("INTERNAL_SERVER_ERROR", status=200), TrackerUnreachable),
        (error("INTERNAL_SERVER_ERROR", status=500), TrackerUnreachable),
        (error("INPUT_ERROR", f"Token {TOKEN} is wrong."), TrackerRefused),
        (answer({"data": None}), TrackerUnreachable),
        (answer({"data": {}}), TrackerUnreachable),
        (answer(b"<html>"), TrackerUnreachable),
    )
    for given, kind in cases:
        linear = Linear(answers(given), url="", project="ENG", token=Secret(TOKEN))
        with pytest.raises(TrackerFault) as raised:
            linear.project()
        assert type(raised.value) is kind, given
        assert TOKEN not in str(raised.value)
        if type(raised.value) is TrackerRefused and given.status != 401:
            assert str(raised.value).endswith(("No.", "is wrong."))
        assert getattr(raised.value, "unauthorized", False) is (b"AUTHENTICATION" in given.body)
        if isinstance(raised.value, TrackerBusy):
            assert raised.value.wait == 45


def test_a_personal_key_and_a_token_of_oauth_are_sent_as_linear_wants_them() -> None:
    for token, header in (("lin_api_x", "lin_api_x"), ("lin_oauth_x", "Bearer lin_oauth_x")):
        transport = answers(answer({"errors": [{"message": "No."}]}))
        with pytest.raises(TrackerRefused):
            Linear(transport, url="", project="ENG", token=Secret(token)).project()
        assert transport.asked[0].url == "https://api.linear.app/graphql"
        assert transport.asked[0].headers["authorization"] == header
