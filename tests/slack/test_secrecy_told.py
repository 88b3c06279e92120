"""A panel of one or two is told before it votes that its numbers can be attributed to people."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import bot
import domain
from bot.slack.projectors.invitations import invitation_for
from bot.slack.protocol.targets import Target, VotingTarget
from bot.slack.screens.ballot_papers import ballot_papers_of
from bot.slack.screens.page_data import PageData
from bot.slack.screens.reminder import ReminderDetails
from bot.slack.ui.forms.form import FormContext, OwedBallots
from bot.slack.ui.home.app_home import ballot_task
from bot.slack.ui.messages.card_message import card_message, status_copy
from bot.slack.ui.messages.reminder_message import reminder_message
from bot.slack.ui.messages.round_messages import invitation_message
from bot.slack.ui.modals.modal_registry import FORMS, PAGES
from bot.slack.ui.modals.reminder_reason_page import reminder_facts
from bot.store import StreamId
from deploy.docs.generator.syntax import nodes
from domain.events import RecordedEvent
from domain.register import register
from domain.reminders import Occasion
from domain.replay import replay
from domain.voting.turnout import votes_owed
from domain.wording.voting import OPENING_NOTICE, attribution_notice, reason_notice, secrecy_notice
from tests.domain.voting_story import CONTESTED, RD1, TH1, VOTERS, ballot_of, open_round
from tests.examples import ANA, decide_all
from tests.slack.hostile_models import STREAM
from tests.slack.view_contents import reminder_now, view_text

Place = Callable[[list[RecordedEvent]], str]
ATTRIBUTED = "can be attributed"


def ballot_form(events: list[RecordedEvent]) -> str:
    model = replay(events)
    opening = FormContext(
        target=VotingTarget(stream=STREAM, element=TH1, voting_round=RD1),
        person=ANA,
        register=register(model),
        loaded=OwedBallots(paper=ballot_papers_of(model, ANA)[0]),
    )
    return view_text(FORMS["ballot"].render(opening))


def opening_form(events: list[RecordedEvent]) -> str:
    opening = FormContext(target=Target(stream=STREAM), person=ANA, register=register(replay(events)))
    return view_text(FORMS["open_round"].render(opening))


def the_invitation(events: list[RecordedEvent]) -> str:
    model = replay(events)
    return view_text(invitation_message(invitation_for(StreamId(STREAM), model, model.rounds[RD1], ANA)))


def the_card(events: list[RecordedEvent]) -> str:
    return view_text(card_message(STREAM, register(replay(events)), str))


def status_message(events: list[RecordedEvent]) -> str:
    return view_text(status_copy(STREAM, register(replay(events)), str))


def home_tab(events: list[RecordedEvent]) -> str:
    (owed,) = votes_owed(replay(events), ANA)
    return ballot_task(STREAM, "The House", "TM-1", owed).text


def own_ballots(events: list[RecordedEvent]) -> str:
    model = replay(events)
    target = Target(name="ballots", stream=STREAM)
    ballot_papers = ballot_papers_of(model, ANA)
    shown = PageData(
        target=target, reader=ANA, model=register(model), naming=str, ballot_papers=ballot_papers
    )
    return view_text(PAGES["ballots"].show(shown))


def reminder_of(occasion: Occasion) -> Place:
    def shown(events: list[RecordedEvent]) -> str:
        return view_text(reminder_message([_reminder(events, occasion)]))

    return shown


def reason_of_reminder(occasion: Occasion) -> Place:
    def shown(events: list[RecordedEvent]) -> str:
        return "\n".join(reminder_facts(_reminder(events, occasion)))

    return shown


def _reminder(events: list[RecordedEvent], occasion: Occasion) -> ReminderDetails:
    return reminder_now(events, f"TM-1:{ANA}:{occasion}:{RD1}:2026-03-04T09:05Z")


BY_PANEL: dict[str, Place] = {
    "ballot form": ballot_form,
    "invitation": the_invitation,
    "card": the_card,
    "status": status_message,
    "Home": home_tab,
    "my ballots": own_ballots,
    "reminder halfway": reminder_of(Occasion.VOTE_OWED),
    "last reminder": reminder_of(Occasion.VOTE_ENDS),
    "why the reminder halfway": reason_of_reminder(Occasion.VOTE_OWED),
    "why the last reminder": reason_of_reminder(Occasion.VOTE_ENDS),
}
"""Where people read of an open round that they may vote in."""


@pytest.mark.parametrize("place", BY_PANEL)
@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_few_voters_read_that_their_numbers_can_be_attributed(place: str, size: int) -> None:
    panel = VOTERS[:size]
    assert (ATTRIBUTED in BY_PANEL[place](open_round(TH1, voters=panel))) == (size < 3)


def test_the_person_who_opens_a_round_reads_it_before_there_is_a_panel() -> None:
    assert OPENING_NOTICE in opening_form(open_round())
    assert ATTRIBUTED in OPENING_NOTICE


def test_who_votes_again_after_a_vote_of_two_is_told_again() -> None:
    two = decide_all(ballot_of(ANA, 1), ballot_of(VOTERS[1], 9), after=open_round(TH1, voters=VOTERS[:2]))
    assert ATTRIBUTED in ballot_form(two)
    assert ATTRIBUTED not in ballot_form(CONTESTED)


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_a_reason_on_a_ballot_is_promised_to_be_without_a_name_only_where_it_is(size: int) -> None:
    assert ("without your name" in ballot_form(open_round(TH1, voters=VOTERS[:size]))) == (size >= 3)


@pytest.mark.parametrize("size", [1, 2])
def test_a_few_are_promised_nothing_that_is_not_so(size: int) -> None:
    for words in (secrecy_notice(size), attribution_notice(size), reason_notice(size)):
        assert "without" not in words
    assert "without your name" in reason_notice(3)


SECRECY = re.compile(
    r"\b(blind|sealed|secret|unseen|anonym\w*|attribut\w+|without (your|a) name)\b", re.IGNORECASE
)
ABOUT_SECRECY = re.compile(r"blind|sealed|secret|unseen|anonym|attribut|without", re.IGNORECASE)
"""A part of each of these words, also where a text is split over lines."""

VOTE = re.compile(r"\b(vot\w+|ballots?|numbers?|rounds?)\b", re.IGNORECASE)

KNOWN = {
    "bot/cli/operations/erase_operation.py",
    "bot/cli/operations/import_operation.py",
    "bot/report/sections/threats_section.py",
    "bot/report/sections/gaps_section.py",
    "bot/report/sections/threat_list_section.py",
    "bot/manifest.py",
    "bot/slack/ui/modals/voting/round_forms.py",
    "bot/slack/ui/modals/reminder_reason_page.py",
    "bot/slack/ui/messages/round_messages.py",
    "domain/decide/voting.py",
    "domain/decide/steering.py",
    "domain/wording/voting.py",
    "bot/picture/ballots_chart.py",
}
"""Files with sentences on the secrecy of votes: what voters read before they vote comes from `secrecy`."""


def test_no_other_place_speaks_of_the_secrecy_of_votes() -> None:
    found = {where for where, text in sentences() if SECRECY.search(text) and VOTE.search(text)}
    assert found == KNOWN, "add the place to BY_PANEL, and take its words from domain/wording/voting.py"


def sentences() -> Iterator[tuple[str, str]]:
    """Every text of the files with a word of secrecy, by the file that it stands in; no docstrings."""
    for package in (bot, domain):
        root = Path(package.__file__ or "").parent
        for path in sorted(root.rglob("*.py")):
            if "sandbox" in path.parts or "demo" in path.parts:
                continue
            text = path.read_text()
            if not ABOUT_SECRECY.search(text):  # parsing takes most of the time of this test
                continue
            comments = {
                id(node.value)
                for node in nodes(text)
                if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            }
            for node in nodes(text):
                if (
                    isinstance(node, ast.Constant)
                    and isinstance(node.value, str)
                    and id(node) not in comments
                ):
                    yield path.relative_to(root.parent).as_posix(), node.value
