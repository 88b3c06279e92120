"""Who may open what: a form is refused before anybody fills it in for nothing, and pages stay true."""

import pytest

from domain.lifecycle import phase_of
from tests.slack.slack_team import RunningBot


def test_the_page_that_a_form_was_opened_from_is_shown_anew_behind_it(there: RunningBot) -> None:
    started(there)
    press(there, "ana", "Hand over")
    there.modal("ana", "Hand over")
    there.person("ana").choose("Facilitator", "chi")
    there.submit("ana")
    there.wait(lambda: "Chi is the facilitator" in there.modal("ana", "More").plain)


def test_participants_are_chosen_and_the_others_told_whom_to_ask(there: RunningBot) -> None:
    started(there)
    press(there, "ana", "Participants")
    there.modal("ana", "Participants")
    there.person("ana").choose("Participants", "ana", "ben")
    there.submit("ana")
    assert set(there.model().participants) == {there.person("ana").id, there.person("ben").id}
    there.command("chi", "/threatmodel add asset")
    assert "not among this model's participants" in there.told("chi", "participants")
    assert there.person("chi").modal is None
    there.command("ben", "/threatmodel add asset")
    there.modal("ben", "Add asset")


def test_a_closed_model_opens_no_form_for_answers(there: RunningBot) -> None:
    started(there)
    there.command("ana", "/threatmodel close")
    there.modal("ana", "Close the model")
    there.explain_gates("ana", "Sold the house.")
    there.submit("ana")
    there.command("ben", "/threatmodel add asset")
    assert "Reopen it first" in there.told("ben", "closed")
    assert there.person("ben").modal is None
    there.command("ana", "/threatmodel reopen")
    there.modal("ana", "Reopen the model")
    there.submit("ana")
    there.command("ben", "/threatmodel add asset")
    there.modal("ben", "Add asset")


@pytest.mark.parametrize("word", ["close", "archive"])
def test_ending_the_work_is_the_facilitators(there: RunningBot, word: str) -> None:
    started(there)
    there.command("chi", f"/threatmodel {word}")
    assert "Only the facilitator" in there.told("chi", "facilitator")
    assert there.person("chi").modal is None
    assert phase_of(there.model().step) == "collection"


def test_somebody_who_writes_to_the_bot_in_a_thread_is_answered_there(there: RunningBot) -> None:
    started(there)
    card = there.card("TM-1")
    there.person("ben").say("#house", "@threatmodel list", thread=card.ts)
    there.wait(lambda: [one for one in there.person("ben").thread("#house", card.ts) if one.ephemeral])
    said = next(one for one in there.person("ben").thread("#house", card.ts) if one.ephemeral)
    assert "The House" in said.plain
    there.person("ben").click(said, "Start another")
    there.modal("ben", "New threat model")
    assert not any(one.ephemeral for one in there.person("chi").thread("#house", card.ts))


def test_a_stranger_who_writes_to_the_bot_is_told_nothing_of_the_model(there: RunningBot) -> None:
    there.start("ana", "The House")
    card = there.card("TM-1")
    there.person("eve").say("#house", "@threatmodel", thread=card.ts)
    there.wait(lambda: there.person("eve").direct_messages())
    said = there.person("eve").direct_messages()[-1].plain
    assert "Only members" in said
    assert "The House" not in said


def started(there: RunningBot) -> None:
    there.start("ana", "The House")
    there.person("ana").close()
    there.card("TM-1")


def press(there: RunningBot, who: str, label: str) -> None:
    """Press a button of the page behind “More…”."""
    there.person(who).click(there.card("TM-1"), "More…")
    there.person(who).click(there.modal(who, "More"), label)
