"""Numbers that pages state are those of the code, on every page that states them."""

import re
from typing import Final

import pytest

from bot.commands.personal_tokens import LIFETIME
from bot.mcp_server.agent_service import MAX_BYTES, MAX_CALLS
from bot.mcp_server.proposals import MAX_ITEMS, MAX_OPEN
from bot.sandbox.api import PEOPLE
from bot.scheduled_jobs.reminder_planner import OVERDUE
from bot.slack.process_app import CALLS_KEPT_FOR
from bot.slack.transport.http_sites import OLDEST_SECONDS
from bot.store.postgres.connections import CONNECTIONS
from bot.store.sql.erasing import ERASING_TIMEOUT_SECONDS
from bot.store.work_queue import PARKED_AFTER
from bot.tracker_sync.connected_trackers import MOST
from deploy.docs.generator.pages import DOCS, README
from domain.built_in_catalog import BUILT_IN
from domain.dread.scoring import (
    BANDS_FROM,
    CEILING_DAMAGE,
    FAR_FROM_MEDIAN,
    FEW_BALLOTS,
    FLOOR_DAMAGE,
    MIDDLE_HALF_APART,
    SPREAD_OF_FEW,
)
from domain.kernel.voting_round import QUICK_FROM
from domain.voting.turnout import BALLOTS_ON_A_PAGE

STATED: Final[dict[str, int]] = {
    "people in # time zones": len({person.tz for person in PEOPLE}),
    "From # threats on": QUICK_FROM,
    "# threats a page": BALLOTS_ON_A_PAGE,
    "low below #": BANDS_FROM[0],
    "medium below #": BANDS_FROM[1],
    "high below #": BANDS_FROM[2],
    "Damage of # or more is at least high": FLOOR_DAMAGE,
    "Damage of # or less is at most medium": CEILING_DAMAGE,
    "middle half of its numbers spans # or more": MIDDLE_HALF_APART,
    "with fewer than # ballots": FEW_BALLOTS,
    "all of them span # or more": SPREAD_OF_FEW,
    "# or more from the median": FAR_FROM_MEDIAN,
    "no or don't know, for up to # features": len(BUILT_IN.topics),
    "A token is valid for # days": LIFETIME.days,
    "# calls a minute for each token": MAX_CALLS,
    "# kB for each call": MAX_BYTES // 1000,
    "# items in a proposal": MAX_ITEMS,
    "# drafts of a person": MAX_OPEN,
    "Each call is recorded for # days": CALLS_KEPT_FOR.days,
    "Calls are kept for # days": CALLS_KEPT_FOR.days,
    "then waits up to # seconds": int(ERASING_TIMEOUT_SECONDS),
    "At most # for each replica": CONNECTIONS,
    "more than # minutes off": OLDEST_SECONDS // 60,
    "A work item failed # times": PARKED_AFTER,
    "connection # times in a row": MOST,
    "been due for # minutes were not sent": int(OVERDUE.total_seconds() / 60),
}
"""Sentences with their number: each page that has such a sentence states that number, and one page has it."""

WORDS: Final = dict(
    zip(
        ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
        range(2, 13),
        strict=True,
    )
)


def pages() -> dict[str, str]:
    """The prose of each page that people read, with one space between words."""
    files = [README, *sorted((DOCS / "guide").glob("*.md")), *sorted(DOCS.glob("*.md"))]
    return {
        str(file.relative_to(README.parent)): " ".join(file.read_text().replace("**", "").split())
        for file in files
    }


@pytest.mark.parametrize("sentence", STATED)
def test_pages_state_the_number_of_the_code(sentence: str) -> None:
    before, _, after = map(re.escape, sentence.partition("#"))
    pattern = re.compile(rf"\b{before}([\d,]+|{'|'.join(WORDS)}){after}", re.IGNORECASE)
    found = {(page, _number(one)) for page, text in pages().items() for one in pattern.findall(text)}
    assert found, "no page states it any longer: remove the sentence here, or state it"
    assert {number for _, number in found} == {STATED[sentence]}, found


def _number(written: str) -> int:
    word = written.casefold()
    return WORDS[word] if word in WORDS else int(word.replace(",", ""))
