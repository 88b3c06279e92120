"""Controls by section and chapter of OWASP ASVS: what people have answered, and nothing more."""

from functools import cache

from bot.demo import PEOPLE
from bot.demo.shop_votes import scored_shop_story
from domain.built_in_catalog import BUILT_IN
from domain.commands import AnswerQuestions, Command, ConfirmCandidates, DismissCandidates, Reply
from domain.compliance import (
    NOT_A_CERTIFICATE,
    ControlCounts,
    SectionReview,
    chapter_reviews,
    model_chapters,
    section_reviews,
)
from domain.events import RecordedEvent
from domain.kernel.answer import Answer
from domain.kernel.asvs_sections import ASVS_CHAPTERS, ASVS_SECTIONS, chapter_of
from domain.kernel.candidate_decisions import CandidateId
from domain.kernel.elements import Rating
from domain.register import ThreatRegister, register
from domain.replay import replay
from tests.domain.test_assumed_facts import shop as bucket
from tests.examples import HOUSE_CHANNEL, at, decide_all, started, story_events
from tests.orders_story import orders_story


@cache
def shop() -> tuple[RecordedEvent, ...]:
    return tuple(story_events(scored_shop_story(HOUSE_CHANNEL, PEOPLE)))


@cache
def known() -> ThreatRegister:
    return register(replay(shop()))


@cache
def orders() -> ThreatRegister:
    """The orders service, placed and not asked about."""
    return register(replay(story_events(orders_story(HOUSE_CHANNEL)[:4])))


def after(*commands: Command) -> ThreatRegister:
    return register(replay(decide_all(*commands, after=shop())))


def review(of: ThreatRegister, section: str) -> SectionReview:
    (found,) = (one for one in section_reviews(of) if one.section == section)
    return found


def change(before: ControlCounts, now: ControlCounts) -> dict[str, int]:
    """What a command moved from one result to another."""
    moved = {one: getattr(now, one) - getattr(before, one) for one in ControlCounts.__struct_fields__}
    return {one: count for one, count in moved.items() if count}


def test_every_section_of_the_rules_has_a_review_in_the_order_of_the_standard() -> None:
    assert [one.section for one in section_reviews(known())] == [*ASVS_SECTIONS]
    chapters = [one.chapter for one in chapter_reviews(BUILT_IN, [known()])]
    assert chapters == [one for one in ASVS_CHAPTERS if one != "V17"]
    assert {*map(chapter_of, ASVS_SECTIONS)} == {*chapters}


def test_the_threats_of_a_section_are_those_of_its_rules() -> None:
    for one in section_reviews(known()):
        rules = {rule.id for rule in BUILT_IN.rules if one.section in rule.asvs}
        expected = {
            threat.id
            for threat in known().threats
            if rules & {candidate.partition("@")[0] for candidate in threat.candidates}
        }
        assert {*one.threats} == expected, one.section


def test_a_finding_counts_as_looked_at_whatever_was_decided() -> None:
    candidate = next(one for one in known().candidates if one.rule.asvs)
    section, ids = candidate.rule.asvs[0], (CandidateId(candidate.id),)
    before = review(known(), section).counts
    confirmed = after(ConfirmCandidates(by=PEOPLE[0], at=at(900), candidates=ids))
    dismissed = after(DismissCandidates(by=PEOPLE[0], at=at(900), candidates=ids, reason="No such users"))
    assert change(before, review(confirmed, section).counts) == {"suggested": -1, "confirmed": 1}
    assert change(before, review(dismissed, section).counts) == {"suggested": -1, "dismissed": 1}
    assert before.reviewed == review(dismissed, section).counts.reviewed


def test_dont_know_is_no_answer_and_a_control_in_place_is_one() -> None:
    candidate = next(
        one
        for one in known().candidates
        if one.rule.asvs and [fact.answer for fact in one.facts] == [Answer.NO]
    )
    (fact,), section = candidate.facts, candidate.rule.asvs[0]

    def answered(answer: Answer) -> ThreatRegister:
        reply = Reply(element=fact.element, fact=fact.fact, answer=answer)
        return after(AnswerQuestions(by=PEOPLE[0], at=at(900), replies=(reply,)))

    before = review(known(), section).counts
    in_place, unknown = (review(answered(one), section).counts for one in (Answer.YES, Answer.UNKNOWN))
    assert change(before, in_place)["in_place"] >= 1
    assert change(before, unknown)["unanswered"] >= 1
    assert unknown.reviewed < before.reviewed == in_place.reviewed


def test_an_assumption_that_no_one_confirmed_is_not_looked_at() -> None:
    counts = model_chapters(register(replay(bucket(rating=Rating.LOW)))).counts
    assert counts.assumed
    assert counts.total == counts.assumed + counts.unanswered
    assert not counts.reviewed


def test_several_models_are_added_up_and_each_says_what_it_has_not_looked_at() -> None:
    empty = register(replay([started()]))
    other = orders()
    alone = {one.chapter: one.counts for one in chapter_reviews(BUILT_IN, [known()])}
    more = {one.chapter: one.counts for one in chapter_reviews(BUILT_IN, [other])}
    for one in chapter_reviews(BUILT_IN, [known(), other, empty]):
        assert one.counts.total == alone[one.chapter].total + more[one.chapter].total
        assert one.counts.reviewed == alone[one.chapter].reviewed + more[one.chapter].reviewed
        assert (one.chapter in model_chapters(other).not_reviewed) == (
            more[one.chapter].total > 0 and more[one.chapter].reviewed == 0
        )
    assert model_chapters(empty).counts == ControlCounts()
    assert not model_chapters(empty).not_reviewed, "nothing there that could be looked at"


def test_it_says_that_it_is_no_certificate() -> None:
    assert "not a certificate" in NOT_A_CERTIFICATE
