"""Numbers in the pages for operators are those of the code."""

import re
from pathlib import Path

import pytest

from bot.sandbox.workspace.seed_data import ANA, BEN, CHI, DEE, EVE
from bot.scheduled_jobs.reminder_planner import OVERDUE
from bot.settings import HTTP_PORT
from bot.slack.process_app import CALLS_KEPT_FOR
from bot.slack.slots.delivery_pace import Pace
from bot.slack.transport.http_connection import READ_SECONDS
from bot.slack.transport.request_results import ONLY_REFUSED_SECONDS
from bot.slack.transport.request_signatures import OLDEST_SECONDS
from bot.store.postgres.connections import CONNECTIONS
from bot.store.sql.erasing import ERASING_TIMEOUT_SECONDS
from bot.store.work_queue import MAX_PLAUSIBLE_SECONDS, PARKED_AFTER
from bot.tracker_sync.token_rejections import MOST
from deploy.docs.generator.pages import DOCS, README

WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
OPERATIONS, OPERATOR = DOCS / "guide/operations.md", DOCS / "guide/operator.md"

STATED = (
    (README, "people in {} time zones", len({one.tz for one in (ANA, BEN, CHI, DEE, EVE)})),
    (OPERATOR, "completely within {} seconds", READ_SECONDS),
    (OPERATOR, "waits up to {} seconds", ERASING_TIMEOUT_SECONDS),
    (OPERATOR, "by default {}) at that", HTTP_PORT),
    (OPERATOR, "Calls are kept for {} days", CALLS_KEPT_FOR.days),
    (OPERATIONS, "completely, within {} seconds", READ_SECONDS),
    (OPERATIONS, "At most {} for each replica", CONNECTIONS),
    (OPERATIONS, "For {} minutes every request of Slack was refused", ONLY_REFUSED_SECONDS / 60),
    (OPERATIONS, "more than {} minutes off", OLDEST_SECONDS / 60),
    (OPERATIONS, "A work item failed {} times", PARKED_AFTER),
    (OPERATIONS, "tried {} an hour", 3600 / MAX_PLAUSIBLE_SECONDS),
    (OPERATIONS, "connection {} times in a row", MOST),
    (OPERATIONS, "due for {} minutes were not sent", OVERDUE.total_seconds() / 60),
    (OPERATIONS, "killed after {} minute", Pace().lease / 60),
)


@pytest.mark.parametrize(("page", "phrase", "number"), STATED, ids=[phrase for _, phrase, _ in STATED])
def test_a_stated_number_is_that_of_the_code(page: Path, phrase: str, number: float) -> None:
    before, _, after = (re.escape(part) for part in phrase.partition("{}"))
    text = " ".join(page.read_text().split())
    found = re.search(f"{before}([\\w.]+){after}", text)
    assert found is not None, "the sentence is gone"
    word = {"a": "one", "once": "one"}.get(found[1], found[1])
    assert (WORDS.index(word) if word in WORDS else float(word)) == number
