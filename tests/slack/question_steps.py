"""Answering pages of questions in the sandbox."""

from bot.sandbox.api import VisibleView
from domain.kernel.answer import Answer
from domain.register import register
from tests.domain.placed_components import harmless_answer
from tests.slack.slack_team import SlackTeam

OPEN, CONFIRM = "Open questions", "Confirm answer “No”"


def block_id_of(view: VisibleView, key: str) -> str:
    """The block of a field, whose ID may end in a mark of its own."""
    return next(
        str(block["block_id"])
        for block in view.blocks
        if str(block.get("block_id", "")).partition("~")[0].partition("+")[0] == key
    )


def choose_for_others(team: SlackTeam, who: str, fact: str, answer: str) -> None:
    """Choose what the elements get that are not ticked."""
    view = team.modal(who, OPEN)
    team.person(who).choose(block_id_of(view, f"others/{fact}"), answer)


def answer_one(
    team: SlackTeam, who: str, about: str, answer: str, *, form: str = "Answer one by one"
) -> None:
    """Choose the answer for one element and fact: `EP-1/caller_authenticated`."""
    team.person(who).choose(block_id_of(team.modal(who, "Answer one by one"), f"answer/{about}"), answer)


def answer_every_page(team: SlackTeam, who: str) -> int:
    """Answer page after page so that nothing is found, also what can wait; return how many pages there were.

    What was saved stands in front then.
    """
    team.command(who, "/threatmodel questions")
    seen: VisibleView | None = team.modal(who, OPEN)
    pages = 0
    while seen is not None and seen.title in (OPEN, CONFIRM):
        if seen.title == OPEN:
            _answer_page(team, who, seen)
            pages += 1
        team.submit(who)
        seen = team.person(who).modal
        if seen is not None and seen.title == "Saved" and register(team.model()).questions:
            team.command(who, "/threatmodel questions")
            seen = team.modal(who, OPEN)
        assert pages < 40
    return pages


def _answer_page(team: SlackTeam, who: str, seen: VisibleView) -> None:
    for block in seen.blocks:
        id = str(block.get("block_id", ""))
        what, _, about = id.partition("~")[0].partition("+")[0].partition("/")
        if block["type"] != "input":
            continue
        answer = harmless_answer(about.rpartition("/")[2])
        if what == "answer":
            team.person(who).choose(id, answer.value.capitalize())
        elif what == "tick" and answer is Answer.YES:
            team.person(who).check(id, *(one["value"] for one in block["element"]["options"]))
        elif what == "others" and answer is Answer.NO:
            team.person(who).choose(id, "no")
