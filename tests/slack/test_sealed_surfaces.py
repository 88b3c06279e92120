"""Ballots are sealed in what the bot does by itself, too: cards, threads, messages, Home tabs, health.

A bot at work in a workspace is watched while people vote, once with fives and once with anything.
"""

import json
import random
import re
import tempfile
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from msgspec.structs import replace

from bot.delivery.work_kinds import Waits
from bot.sandbox.api import MAX_EXCHANGES, Exchange, Json
from bot.slack.transport.http_messages import HttpRequest, HttpResponse, RequestHead
from domain.dread.metrics import HIGHEST, LOWEST, Metric
from domain.kernel.threat import ThreatId
from tests.slack.sealed_ballots import (
    ABSTAIN,
    CONFIDENCES,
    REASONS,
    BallotContent,
    captured_logs,
    comparable_metrics,
    without_timestamps,
)
from tests.slack.slack_team import QUICK, SlackTeam, home, run_bot
from tests.slack.voting_steps import (
    VOTERS,
    begin_analysis_with,
    direct_messages_of,
    open_ballot,
    open_round_for,
)

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
PACE = replace(QUICK, summary=Waits(quiet=0.5, longest=60))
VOTES = (("ben", "TH-1"), ("ben", "TH-2"), ("chi", "TH-1"), ("dee", "TH-1"), ("dee", "TH-2"))
"""Who votes on what, in this order; Chi's second ballot and Ana's are owed until the end."""


def test_whatever_is_in_open_ballots_the_bot_sends_and_logs_the_same() -> None:
    seed = random.randrange(1 << 32)
    print("seed", seed)
    chance = random.Random(seed)
    told = told_of(tuple(any_content(chance) for _ in VOTES))
    assert told.keys() == usual().keys()
    assert {where: one ^ usual()[where] for where, one in told.items() if one != usual()[where]} == {}
    assert {"thread", "chat.update", "views.publish", "/metrics", "log"} <= told.keys()
    assert any("2 of 4 voted" in one for one in told["chat.update"]), "the card was there to be looked at"


def any_content(chance: random.Random) -> BallotContent:
    numbers = [ABSTAIN, *map(str, range(LOWEST, HIGHEST + 1))]
    return BallotContent(
        numbers=tuple(chance.choice(numbers) for _ in Metric),
        reason=chance.choice(REASONS),
        confidence=chance.choice(CONFIDENCES),
    )


@cache
def usual() -> dict[str, set[str]]:
    """What is sent where all ballots are fives."""
    return told_of((BallotContent(),) * len(VOTES))


def told_of(contents: tuple[BallotContent, ...]) -> dict[str, set[str]]:
    """All that leaves the bot while these ballots lie in an open round, but for the voters' own views."""
    with (
        tempfile.TemporaryDirectory() as folder,
        captured_logs() as log,
        run_bot(Path(folder) / "threatmodel.db", pace=PACE, clock=lambda: NOW) as team,
    ):
        begin_analysis_with(team, "Curtains left open", "Garage without a lock")
        round_ = open_round_for(team, *VOTERS)
        team.card("0 of 4 voted")
        for who in VOTERS:
            team.person(who).open_home()
        team.wait(
            lambda: all(direct_messages_of(team, who) and "2 ballots" in home(team, who) for who in VOTERS)
        )
        team.wait(lambda: any(f"opened the round {round_}" in one for one in thread(team)))
        team.wait(lambda: 'kind="summary",outcome="posted"' in page(team, "/metrics"))
        team.settle()  # what follows from the beginning belongs to no ballot
        before, logged = team.sandbox.exchanges[-1].number, len(log())
        counted = surfaces(team)
        for (who, threat), content in zip(VOTES, contents, strict=True):
            cast(team, who, ThreatId(threat), content)
        team.card("2 of 4 voted", "Waiting for Ana, Chi")
        team.settle()
        assert team.model().open_rounds()
        exchanges = team.sandbox.exchanges
        assert len(exchanges) < MAX_EXCHANGES, "some are forgotten already"
        told: dict[str, set[str]] = {"thread": set(thread(team))}
        for exchange in exchanges:
            if exchange.number > before and says_something(exchange):
                told.setdefault(exchange.title, set()).add(
                    without_timestamps(json.dumps(sent(exchange), sort_keys=True))
                )
        for path in ("/metrics", "/readyz", "/healthz"):
            # Whether the summary of the beginning was updated depends on how quickly the steps followed.
            lines = [line for line in page(team, path).splitlines() if line not in counted]
            told[path] = set(comparable_metrics("\n".join(lines)))
        told["log"] = set(log()[logged:])
    return told


def cast(team: SlackTeam, who: str, threat: ThreatId, content: BallotContent) -> None:
    """Vote in the form, and wait until everything that this changes is shown."""
    person = team.person(who)
    form = open_ballot(team, who)
    assert f"· {threat}" in form.plain
    for metric in Metric:
        person.choose(metric.label, content.number(metric))
    person.fill("Reason", content.reason)
    if content.confidence:
        person.choose("Confidence", content.confidence)
    team.submit(who)
    person.close()
    whole = threat == "TH-2"
    now, owes = ("You have voted", "") if whole else ("1 of 2 threats still need your ballot", "· 1 ballot ·")
    team.wait(lambda: now in direct_messages_of(team, who)[-1].plain)
    team.wait(lambda: owes in home(team, who) if owes else "Ballots to cast" not in home(team, who))
    if whole:
        count = f"{['ben', 'dee'].index(who) + 1} of 4 voted"
        team.card(count)
        team.wait(lambda: all(count in home(team, reader) for reader in VOTERS))


def thread(team: SlackTeam) -> list[str]:
    """What stands in the thread of the card."""
    return [one.plain for one in team.person("ana").thread("#house", team.cards()[0].ts)[1:]]


def says_something(one: Exchange) -> bool:
    """Whether the bot said something that is not for a voter alone: their ballots, or the form of one."""
    if one.kind == "delivery" or one.title.startswith(("conversations.", "users.")):
        return False  # what Slack said, and what the bot looked up
    return not (one.title in ("views.open", "views.push", "views.update") and _OWN.search(str(one.request)))


def sent(one: Exchange) -> Json:
    """What a call said, without what names it."""
    return {key: value for key, value in one.request.items() if key not in _NAMES}


def page(team: SlackTeam, path: str) -> str:
    """What the bot says to whoever watches over it."""
    answer = team.bot.operators.admit(
        HttpRequest(head=RequestHead(method="GET", path=path, query="", headers={}), body=b"")
    )
    return (answer if isinstance(answer, HttpResponse) else answer()).body.decode()


def surfaces(team: SlackTeam) -> set[str]:
    """The counters of deliveries; one that a ballot makes grow is another line afterwards."""
    return {line for line in page(team, "/metrics").splitlines() if line.startswith("threatmodel_deliveries")}


_OWN = re.compile(r"callback_id': '(ballot|ballots)'")
_NAMES = ("trigger_id", "view_id", "hash")
