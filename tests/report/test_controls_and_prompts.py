"""What a report says of threats that a control prevents, and of prompts to think further."""

from collections.abc import Sequence

from msgspec.structs import replace

from bot.report.markdown_renderer import render_markdown
from bot.report.sections import report_of
from bot.report.sections.prevented_section import MAX_PREVENTED
from domain.commands import AddEntryPoint, AnswerOpenQuestions, BulkReply, Command
from domain.kernel.answer import Answer
from domain.kernel.elements import Kind
from domain.kernel.threat import Stride
from domain.register import register
from domain.replay import replay
from tests.domain.catalogue.shop_model import PAGE, SOFTWARE, answered, shop
from tests.domain.suggested_threats import AMINA, HOUSE
from tests.domain.test_answer_basis import FACT, for_all, stated
from tests.domain.test_thought_prompts import answer
from tests.domain.test_web_shop import after_the_vote
from tests.examples import at, decide_all
from tests.report.report_sources import report_source_of


def text_of(*commands: Command, full: bool = False) -> str:
    source = report_source_of(decide_all(*commands, after=HOUSE))
    known = replace(source.register, phase="analysis")
    return render_markdown(report_of(replace(source, register=known, full=full)))


def many_doors() -> Sequence[Command]:
    doors = [AddEntryPoint(by=AMINA, at=at(80), name=f"Door {number}") for number in range(12)]
    every = tuple(one.id for one in replay(decide_all(*doors, after=HOUSE)).of_kind(Kind.ENTRY_POINT))
    bulk = (BulkReply(fact=FACT, elements=every, answer=Answer.YES),)
    return (*doors, AnswerOpenQuestions(by=AMINA, at=at(90), bulk=bulk))


def test_a_prevented_threat_is_listed_with_its_control_and_basis() -> None:
    text = text_of(for_all())
    assert "Controls in place prevent 2 threats: 2 stated for all." in text
    assert "authorization is checked on every request”: yes, stated for all, 2 Mar 2026" in text


def test_the_most_important_are_listed_and_the_others_counted() -> None:
    text = text_of(*many_doors())
    prevented = register(replay(decide_all(*many_doors(), after=HOUSE))).prevented
    assert text.count("authorization is checked on every request”: yes") == MAX_PREVENTED
    assert f"{len(prevented) - MAX_PREVENTED} more: " in text


def test_who_stated_a_control_is_named_in_the_full_report() -> None:
    assert "yes, stated for all by UBENJI, 2 Mar 2026" in text_of(for_all(), full=True)
    assert "stated for all by UBENJI" not in text_of(for_all())


def test_without_a_control_in_place_there_is_no_such_section() -> None:
    assert "Prevented threats" not in text_of()


def test_suggested_threats_stand_by_stake_with_the_reasons() -> None:
    known = after_the_vote()
    first, second = known.groups[0].stake, next(one.stake for one in known.groups if one.stake.needed)
    whole, short = (
        render_markdown(report_of(replace(report_source_of(HOUSE), register=known, full=full)))
        for full in (True, False)
    )
    assert whole.index(first.words[0]) < whole.index(second.words[-1])
    assert first.words[0] in short


def test_a_control_that_is_missing_without_a_threat_is_listed_with_what_decides_it() -> None:
    known = register(answered(shop(), SOFTWARE, [f"{PAGE} sessions_revocable"]))
    text = render_markdown(report_of(replace(report_source_of(HOUSE), register=known)))
    assert "Missing, but no threat yet" in text
    assert "Sessions cannot be revoked on the server. Depends on “Does it keep users signed in" in text
    assert "Missing, but no threat yet" not in text_of()


def test_the_evidence_of_a_threat_that_came_up_says_what_was_in_place_before() -> None:
    turned = (for_all(), stated(Answer.NO, by=AMINA, minute=110))
    assert "was in place before, stated for all by UBENJI, 2 Mar 2026; changed by UAMINA" in text_of(
        *turned, full=True
    )


def test_prompts_considered_are_counted_and_in_the_full_report_listed() -> None:
    thought = answer("Visitors copy the key", stride=(Stride.SPOOFING,))
    assert "Think further: 1 prompt considered, which led to 1 threat." in text_of(thought)
    full = text_of(thought, full=True)
    assert "Think further: 1 prompt considered by UBENJI, which led to 1 threat." in full
    assert "What harm can someone do here that is allowed?" in full
