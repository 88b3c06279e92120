"""Times of trackers have a zone: an answer with another one is refused, because it cannot be compared."""

import pkgutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import msgspec
import pytest

import bot.trackers
from bot.settings import Secret
from bot.trackers.open_tracker import CLIENTS
from bot.trackers.tracker import Issue, Moment, TrackerUnreachable
from domain.kernel.tracked_issue import TrackerKind
from tests.trackers.fake_transport import TOKEN, FakeTransport, answer

NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)


def shapes() -> list[type[msgspec.Struct]]:
    """Return all types of the package of trackers."""
    for one in pkgutil.iter_modules(bot.trackers.__path__):
        import_module(f"bot.trackers.{one.name}")
    return [one for one in structs(msgspec.Struct) if one.__module__.startswith("bot.trackers.")]


def structs(base: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    for one in base.__subclasses__():
        yield one
        yield from structs(one)


def test_every_time_in_an_answer_has_a_zone() -> None:
    times = {
        f"{shape.__module__.rpartition('.')[2]}.{shape.__qualname__}.{field.name}": field.type
        for shape in shapes()
        for field in msgspec.structs.fields(shape)
        if "datetime.datetime" in str(field.type) and "Callable" not in str(field.type)
    }
    wrong = [name for name, one in times.items() if str(one) not in (str(Moment), str(Moment | None))]
    assert not wrong, f"use Moment for the times {wrong}"
    found = {name.partition(".")[0] for name in times}
    assert found >= {"github", "gitlab", "linear", "redmine", "tracker"}, "the test finds the times"


def github(moment: str) -> object:
    url, repository = "https://tracker.example/1", "https://tracker.example/repos/example/refill"
    issue = {"number": 1, "html_url": url, "repository_url": repository, "title": "x", "state": "open"}
    return [{**issue, "updated_at": moment}]


def gitlab(moment: str) -> object:
    issue = {"id": 1, "iid": 1, "title": "x", "state": "opened", "web_url": "https://tracker.example/1"}
    return [{**issue, "updated_at": moment}]


def redmine(moment: str) -> object:
    issue = {"id": 1, "subject": "x", "status": {"id": 1, "name": "New", "is_closed": False}}
    return {"issues": [{**issue, "updated_on": moment}], "total_count": 1}


def jira(moment: str) -> object:
    fields = {"summary": "x", "status": {"name": "Open"}, "project": {"id": "1", "key": "REFILL"}}
    issue = {"id": "1", "key": "REFILL-1", "fields": {**fields, "updated": moment}}
    return {"issues": [issue], "total": 1}


def linear(moment: str) -> object:
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
    return {"data": {"issues": {"nodes": [issue]}}}


ANSWERS: dict[TrackerKind, tuple[str, Callable[[str], Any]]] = {
    TrackerKind.GITHUB: ("example/refill", github),
    TrackerKind.GITLAB: ("example/refill", gitlab),
    TrackerKind.REDMINE: ("refill", redmine),
    TrackerKind.JIRA_CLOUD: ("REFILL", jira),
    TrackerKind.JIRA_DATA_CENTER: ("REFILL", jira),
    TrackerKind.LINEAR: ("REFILL", linear),
}


def changed(kind: TrackerKind, moment: str) -> list[Issue]:
    """Return the changed issues of a tracker that has one issue, changed at a moment."""
    project, content = ANSWERS[kind]
    client = CLIENTS[kind](
        url="https://tracker.example",
        project=project,
        token=Secret(TOKEN),
        login="a@example.com",
        transport=FakeTransport(lambda _: answer(content(moment))),
    )
    return list(client.changed(NEW_YEAR))


def test_an_answer_with_a_time_without_a_zone_is_refused_with_the_reason() -> None:
    assert ANSWERS.keys() == set(TrackerKind)
    for kind in TrackerKind:
        changed(kind, "2027-01-01T10:00:00.000+01:00")
        with pytest.raises(TrackerUnreachable, match=r"cannot be read: .*zone") as raised:
            changed(kind, "2027-01-01T10:00:00.000")
        assert TOKEN not in str(raised.value)
