"""Lists of changed issues: times without a zone are refused, and a list without an end is given up."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from bot.settings import Secret
from bot.trackers import tracker_client
from bot.trackers.open_tracker import CLIENTS
from bot.trackers.tracker import Issue, TrackerUnreachable
from bot.trackers.tracker_client import PAGE
from bot.trackers.tracker_http import TrackerAnswer
from domain.kernel.tracked_issue import TrackerKind
from tests.trackers.fake_transport import TOKEN, Asked, FakeTransport, answer

NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)


def github(moment: str, _: int) -> object:
    url, repository = "https://tracker.example/1", "https://tracker.example/repos/example/refill"
    issue = {"number": 1, "html_url": url, "repository_url": repository, "title": "x", "state": "open"}
    return [{**issue, "updated_at": moment}]


def gitlab(moment: str, page: int) -> object:
    issue = {"title": "x", "state": "opened", "web_url": "https://tracker.example/1"}
    if not page:
        return [{**issue, "id": 1, "iid": 1, "updated_at": moment}]
    numbers = range(page * PAGE, (page + 1) * PAGE)
    later = {number: (NEW_YEAR + timedelta(hours=number)).isoformat() for number in numbers}
    return [{**issue, "id": number, "iid": number, "updated_at": later[number]} for number in numbers]


def redmine(moment: str, page: int) -> object:
    issue = {"id": 1, "subject": "x", "status": {"id": 1, "name": "New", "is_closed": False}}
    return {"issues": [{**issue, "updated_on": moment}], "total_count": 10**9 if page else 1}


def jira(moment: str, page: int) -> object:
    fields = {"summary": "x", "status": {"name": "Open"}, "project": {"id": "1", "key": "REFILL"}}
    issue = {"id": "1", "key": "REFILL-1", "fields": {**fields, "updated": moment}}
    more = {"nextPageToken": str(page), "total": 10**9} if page else {"total": 1}
    return {"issues": [issue], **more}


def linear(moment: str, page: int) -> object:
    issue: dict[str, object] = {
        "id": "1",
        "identifier": "REFILL-1",
        "url": "https://linear.app/x/issue/REFILL-1",
        "title": "x",
        "createdAt": moment,
        "updatedAt": moment,
        "state": {"id": "1", "name": "Todo", "type": "unstarted"},
        "team": {"id": "1", "key": "REFILL"},
        "labels": {"nodes": []},
    }
    more = {"pageInfo": {"hasNextPage": True, "endCursor": str(page)}} if page else {}
    return {"data": {"issues": {"nodes": [issue], **more}}}


ANSWERS: dict[TrackerKind, tuple[str, Callable[[str, int], Any]]] = {
    TrackerKind.GITHUB: ("example/refill", github),
    TrackerKind.GITLAB: ("example/refill", gitlab),
    TrackerKind.REDMINE: ("refill", redmine),
    TrackerKind.JIRA_CLOUD: ("REFILL", jira),
    TrackerKind.JIRA_DATA_CENTER: ("REFILL", jira),
    TrackerKind.LINEAR: ("REFILL", linear),
}
"""The project of each tracker, and its answer with an issue of a moment; each page but 0 has a next one."""


def changed(kind: TrackerKind, give: Callable[[Asked], TrackerAnswer]) -> list[Issue]:
    """Return the changed issues of a tracker with these answers."""
    client = CLIENTS[kind](
        url="https://tracker.example",
        project=ANSWERS[kind][0],
        token=Secret(TOKEN),
        login="a@example.com",
        transport=FakeTransport(give),
    )
    return list(client.changed(NEW_YEAR - timedelta(days=1)))


@pytest.mark.parametrize("kind", TrackerKind)
def test_an_answer_with_a_time_without_a_zone_is_refused_with_the_reason(kind: TrackerKind) -> None:
    rows = ANSWERS[kind][1]
    changed(kind, lambda _: answer(rows("2027-01-01T10:00:00.000+01:00", 0)))
    with pytest.raises(TrackerUnreachable, match=r"cannot be read: .*zone") as raised:
        changed(kind, lambda _: answer(rows("2027-01-01T10:00:00.000", 0)))
    assert TOKEN not in str(raised.value)


@pytest.mark.parametrize("kind", sorted(set(TrackerKind) - {TrackerKind.GITHUB}))
def test_a_list_without_an_end_is_given_up(kind: TrackerKind, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracker_client, "MOST_PAGES", 3)
    rows, pages = ANSWERS[kind][1], count(1)
    with pytest.raises(TrackerUnreachable, match="more than 3 pages"):
        changed(kind, lambda _: answer(rows(NEW_YEAR.isoformat(), next(pages))))
    assert next(pages) == 4, "three were read"
