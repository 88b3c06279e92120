"""Why a candidate came up, as people read it: what the model shows, and what was answered."""

from bot.slack.ui.modals.analysis.candidates_page import candidate_reasons
from domain.analysis.rule_findings import Candidate
from tests.domain.test_web_shop import after_the_vote


def test_what_the_model_shows_stands_beside_what_was_answered() -> None:
    assert why("D01@EP-2") == (
        "*Based on:* it is publicly reachable; “requests are limited per caller”: *no*"
    )


def test_what_is_true_of_another_element_names_it() -> None:
    assert why("I01@DF-11") == (
        "*Based on:* Application (trusted as Application, in Shop network) → "
        "Log store (trusted as Administrators, in Data network); "
        "it crosses a trust boundary; its confidentiality is medium or high (Audit log); "
        "“it is encrypted in transit”: *no*"
    )


def test_what_sort_of_thing_an_element_is_explains_nothing() -> None:
    for one in after_the_vote().candidates:
        assert not {seen.statement for seen in one.observed} & {"it is a process", "it leads into the system"}


def test_a_candidate_about_two_elements_names_both() -> None:
    assert candidate("X01@EP-6@AS-9").about == "Console log-in, Audit log"
    assert candidate("D01@EP-2").about == "Shop pages"


def why(id: str) -> str:
    (line,) = candidate_reasons(after_the_vote(), candidate(id))
    return line


def candidate(id: str) -> Candidate:
    return next(one for one in after_the_vote().candidates if one.id == id)
