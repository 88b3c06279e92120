"""The clients of GitHub and Linear keep the contract with stand-ins that others made."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeVar

import pytest
from msgspec.structs import replace

from bot.settings import Secret
from bot.trackers.github import GitHub
from bot.trackers.linear import Linear
from bot.trackers.text_defusing import JOINER
from bot.trackers.tracker import TrackerRefused
from bot.trackers.tracker_http import UrllibTransport
from tests.depth import deep_only
from tests.trackers.emulated.github_desk import EmulatedGitHubDesk
from tests.trackers.emulated.linear_desk import EmulatedLinearDesk, SimplerFilters
from tests.trackers.emulated.services import BEN, BOT_TOKEN, LINEAR_TOKEN, Services, services
from tests.trackers.tracker_contract import CONTENT, MARK, broken_behaviours

pytestmark = deep_only

LACKING = {
    "GitHub: an_account_can_be_assigned": "it does not list who can be assigned",
}
AnyDesk = TypeVar("AnyDesk")


@pytest.fixture(scope="module")
def served() -> Iterator[Services]:
    with services() as found:
        yield found


def fresh(served: Services, make: Callable[[Services], AnyDesk]) -> AnyDesk:
    """A desk at services that hold what they held at first."""
    served.reset()
    return make(served)


def test_both_keep_the_contract(served: Services) -> None:
    desks = {
        "GitHub": partial(fresh, served, EmulatedGitHubDesk),
        "Linear": partial(fresh, served, EmulatedLinearDesk),
    }
    broken = broken_behaviours(desks)
    assert {name: why for name, why in broken.items() if name not in LACKING} == {}
    assert broken.keys() == LACKING.keys()


def test_a_library_reads_what_was_written_to_github(served: Services) -> None:
    desk = fresh(served, EmulatedGitHubDesk)
    hostile = replace(CONTENT, lines=("Ask @ben, fixes #1",), assignee=BEN)
    written, again = desk.tracker.create(MARK, hostile), desk.tracker.create(MARK, hostile)
    read = desk.read(written.key)
    assert (read.title, read.body, read.html_url) == (written.title, written.text, written.url)
    assert {one.name for one in read.labels} == {"threat-model", f"threat-model-{MARK}", "security"}
    assert [assignee.login for assignee in read.assignees] == [BEN]
    assert f"Ask @{JOINER}" in read.body
    label = desk.repository.get_label(f"threat-model-{MARK}")
    assert (label.color, label.description) == (
        "5319e7",
        "The threat model bot finds its issues by this label",
    )

    desk.tracker.close_duplicate(again.key, written.key)
    closed = desk.read(again.key)
    assert closed.state == "closed"
    assert [one.name for one in closed.labels] == ["security"]
    assert [comment.body for comment in closed.get_comments()] == [
        f"This issue was created twice. It is continued in {written.key}."
    ]


def test_a_project_that_is_missing_is_refused(served: Services) -> None:
    transport = UrllibTransport(allowed={"localhost"})
    github = GitHub(
        transport, url=served.github, project="acme/gone", token=Secret(BOT_TOKEN), api=served.github
    )
    linear = Linear(
        SimplerFilters(), url=served.linear, project="OPS", token=Secret(LINEAR_TOKEN), api=served.linear
    )
    for tracker in (github, linear):
        with pytest.raises(TrackerRefused, match="or the account cannot read it"):
            tracker.project()
