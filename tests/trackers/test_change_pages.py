"""Lists of trackers that have no end: they are given up, whatever the tracker names next."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from bot.settings import Secret
from bot.trackers import tracker_client
from bot.trackers.open_tracker import CLIENTS
from bot.trackers.tracker import TrackerUnreachable
from bot.trackers.tracker_client import PAGE
from bot.trackers.tracker_http import TrackerAnswer
from domain.kernel.tracked_issue import TrackerKind
from tests.trackers.fake_transport import TOKEN, Asked, FakeTransport, answer

NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)


def gitlab_rows(page: int) -> object:
    numbers = range(page * PAGE, (page + 1) * PAGE)
    return [
        {
            "id": one,
            "iid": one,
            "title": "x",
            "state": "opened",
            "web_url": "https://tracker.example/1",
            "updated_at": (NEW_YEAR + timedelta(hours=one)).isoformat(),
        }
        for one in numbers
    ]


def redmine_rows(_: int) -> object:
    issue = {
        "id": 1,
        "subject": "x",
        "status": {"id": 1, "name": "New", "is_closed": False},
        "created_on": NEW_YEAR.isoformat(),
        "updated_on": NEW_YEAR.isoformat(),
    }
    return {"issues": [issue], "total_count": 10**9}


def jira_rows(page: int) -> object:
    fields = {
        "summary": "x",
        "status": {"name": "Open"},
        "updated": NEW_YEAR.isoformat(),
        "project": {"id": "1", "key": "REFILL"},
    }
    issue = {"id": "1", "key": "REFILL-1", "fields": fields}
    return {"issues": [issue], "nextPageToken": str(page), "total": 10**9}


def linear_rows(page: int) -> object:
    issue: dict[str, object] = {
        "id": "1",
        "identifier": "REFILL-1",
        "url": "https://linear.app/x/issue/REFILL-1",
        "title": "x",
        "createdAt": NEW_YEAR.isoformat(),
        "updatedAt": NEW_YEAR.isoformat(),
        "state": {"id": "1", "name": "Todo", "type": "unstarted"},
        "team": {"id": "1", "key": "REFILL"},
        "labels": {"nodes": []},
    }
    more = {"hasNextPage": True, "endCursor": str(page)}
    return {"data": {"issues": {"nodes": [issue], "pageInfo": more}}}


ENDLESS: dict[TrackerKind, tuple[str, Callable[[int], object]]] = {
    TrackerKind.GITLAB: ("example/refill", gitlab_rows),
    TrackerKind.REDMINE: ("refill", redmine_rows),
    TrackerKind.JIRA_CLOUD: ("REFILL", jira_rows),
    TrackerKind.JIRA_DATA_CENTER: ("REFILL", jira_rows),
    TrackerKind.LINEAR: ("REFILL", linear_rows),
}


def test_a_list_without_an_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracker_client, "MOST_PAGES", 3)
    for kind, (project, rows) in ENDLESS.items():
        pages = count(1)

        def give(
            _: Asked, rows: Callable[[int], object] = rows, pages: "count[int]" = pages
        ) -> TrackerAnswer:
            return answer(rows(next(pages)))

        transport = FakeTransport(give)
        client = CLIENTS[kind](
            url="https://tracker.example",
            project=project,
            token=Secret(TOKEN),
            login="a@example.com",
            transport=transport,
        )
        with pytest.raises(TrackerUnreachable, match="more than 3 pages"):
            list(client.changed(NEW_YEAR - timedelta(days=1)))
        assert len(transport.asked) == 3, kind
