"""A token key is replaced in the steps of the guide, while replicas are restarted one after the other."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from tests.slack.installing import FIRST_KEY, SECOND_KEY, Clock, InstallingReplica
from tests.slack.oauth_stand_in import OAuthStandIn, slack_of_oauth

GUIDES = Path(__file__).resolve().parents[2] / "deploy" / "docs" / "guide"
SECTION = "### Replace a token key"

Keys = tuple[str, ...]


@pytest.fixture
def slack() -> Iterator[OAuthStandIn]:
    with slack_of_oauth() as stand_in:
        yield stand_in


def keys_of_the_guide() -> list[Keys]:
    """The keys before the first step of the guide, and after each."""
    section = (GUIDES / "operator.md").read_text().partition(SECTION)[2].partition("\n## ")[0]
    keys: list[Keys] = [(FIRST_KEY,)]
    for word in re.findall(r"^\d\. .*?\*\*(\w+)\*\*", section, re.MULTILINE):
        match word:
            case "end":
                keys.append((*keys[-1], SECOND_KEY))
            case "front":
                keys.append((SECOND_KEY, *(one for one in keys[-1] if one != SECOND_KEY)))
            case _:
                assert word == "remove"
                keys.append(tuple(one for one in keys[-1] if one != FIRST_KEY))
    return keys


def unreadable(slack: OAuthStandIn, steps: Sequence[Keys]) -> list[tuple[Keys, str]]:
    """Whose token a replica could not read, with its keys, while replicas were restarted one by one."""
    clock = Clock()
    store = InstallingReplica(slack, clock=clock, keys=steps[0]).store
    missed: list[tuple[Keys, str]] = []
    teams: list[str] = []
    for number, keys in enumerate(pairwise(steps)):
        replicas = [InstallingReplica(slack, store, clock=clock, keys=one) for one in keys]
        for place, replica in enumerate(replicas):
            teams.append(f"T{number}{place}")
            slack.permit(f"code-{teams[-1]}", team=teams[-1])
            replica.install(f"code-{teams[-1]}")
            # Each encrypts the tokens of the other again, in turns.
            replica.work.start()
            replica.run_due()
            missed += [
                (one, team)
                for one, by in zip(keys, replicas, strict=True)
                for team in teams
                if by.token(team) is None
            ]
        # The last replica with the earlier keys has ended.
        replicas[1].work.start()
        replicas[1].run_due()
    return missed


def test_replicas_read_each_other_in_every_step_of_the_guide(slack: OAuthStandIn) -> None:
    steps = keys_of_the_guide()
    assert (steps[0], steps[-1], len(steps)) == ((FIRST_KEY,), (SECOND_KEY,), 4)
    assert unreadable(slack, steps) == []


def test_a_new_key_in_front_at_once_cannot_be_read_by_the_others(slack: OAuthStandIn) -> None:
    at_once = [(FIRST_KEY,), (SECOND_KEY, FIRST_KEY), (SECOND_KEY,)]
    assert {keys for keys, _ in unreadable(slack, at_once)} == {(FIRST_KEY,)}


def test_no_other_guide_names_an_order_of_its_own() -> None:
    for guide in sorted(GUIDES.glob("*.md")):
        text = guide.read_text()
        if guide.name == "operator.md":
            text = text.replace(text.partition(SECTION)[2].partition("\n## ")[0], "")
        for item in re.split(r"\n(?=[-|#\n])", text):
            order = re.search(r"\bkey\b.*\b(front|before the others|at the end)\b", item, re.DOTALL)
            assert not order, f"{guide.name}: {item}"
