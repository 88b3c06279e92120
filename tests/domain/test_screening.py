"""Screening: rare features, asked about once for the whole model."""

from collections.abc import Sequence

from hypothesis import given as random
from hypothesis import strategies as st
from msgspec.structs import replace
from rpds import HashTrieMap

from domain.analysis.model_analysis import analyze
from domain.built_in_catalog import BUILT_IN
from domain.changes import difference
from domain.commands import (
    AddComponent,
    AddEntryPoint,
    AnswerOpenQuestions,
    AnswerScreening,
    ConfirmScreening,
    Reply,
    ScreeningReply,
    Undo,
)
from domain.events import RecordedEvent, ScreeningAnswered, ScreeningConfirmed
from domain.history import timeline
from domain.kernel.answer import Answer
from domain.kernel.elements import Kind, PersonId
from domain.kernel.screening_answer import ScreeningAnswer
from domain.register import register
from domain.rejections import NoSuchTopic, NothingToConfirm, OwnScreening
from domain.replay import replay
from domain.rules.conditions import facts_of
from domain.screening.screened_facts import with_screening
from tests.bench.rules import busy
from tests.depth import examples
from tests.domain.suggested_threats import AMINA, BENJI, HOUSE, NEXT
from tests.examples import at, decide_all, given

WHEN = at(100)


def screen(
    *topics: str, answer: Answer = Answer.NO, by: PersonId = BENJI, minute: int = 100
) -> AnswerScreening:
    replies = tuple(ScreeningReply(topic=one, answer=answer) for one in topics)
    return AnswerScreening(by=by, at=at(minute), replies=replies)


def test_no_is_one_event_of_the_model_and_no_copy_on_every_element() -> None:
    given(*HOUSE).when(screen("xml")).then(
        ScreeningAnswered(
            by=BENJI,
            at=WHEN,
            answer=NEXT,
            screening=ScreeningAnswer(topic="xml", answer=Answer.NO, by=BENJI, at=WHEN),
        )
    )
    screened = replay(decide_all(screen("xml"), after=HOUSE))
    assert screened.facts == replay(HOUSE).facts


def test_what_is_screened_out_is_false_everywhere_but_where_it_was_answered() -> None:
    model = replace(busy(24), screening=replay(decide_all(screen("xml"), after=HOUSE)).screening)
    doors = [one.id for one in model.of_kind(Kind.ENTRY_POINT)]
    assert doors
    answered = replace(model, facts=HashTrieMap({(doors[0], "takes_xml"): Answer.YES}))
    seen = with_screening(answered).facts
    assert seen[doors[0], "takes_xml"] is Answer.YES
    assert {seen[one, "takes_xml"] for one in doors[1:]} == {Answer.NO}
    assert not any(one.fact == "takes_xml" for one in analyze(answered).found.questions)


def test_screening_counts_what_it_rules_out_as_answered() -> None:
    model = replace(busy(12), facts=HashTrieMap())
    screened = replace(model, screening=replay(decide_all(screen(*BUILT_IN.topics), after=HOUSE)).screening)
    before, after = analyze(model).counter.progress, analyze(screened).counter.progress
    assert after.total == before.total
    assert after.settled > before.settled


@examples(25)
@random(
    st.integers(3, 12),
    st.dictionaries(
        st.sampled_from([*BUILT_IN.topics]), st.sampled_from([Answer.YES, Answer.NO, Answer.UNKNOWN])
    ),
)
def test_no_answer_of_the_screening_makes_a_finding(size: int, said: dict[str, Answer]) -> None:
    answers = {
        topic: ScreeningAnswer(topic=topic, answer=answer, by=BENJI, at=WHEN)
        for topic, answer in said.items()
    }
    full = busy(size)
    for model in (full, replace(full, facts=HashTrieMap())):
        found = {one.id for one in analyze(model).found.candidates}
        screened = analyze(replace(model, screening=HashTrieMap(answers)))
        assert {one.id for one in screened.found.candidates} <= found


def test_screened_facts_only_say_whether_a_rule_applies() -> None:
    screened = {fact for topic in BUILT_IN.topics.values() for fact in topic.facts}
    for rule in BUILT_IN.rules:
        assert not screened & facts_of(rule.controlled), f"{rule.id}: a no would be a missing control"


def test_each_topic_decides_a_fact_that_a_rule_asks_for() -> None:
    asked = frozenset[str]().union(*(facts_of(rule.applies) for rule in BUILT_IN.rules))
    for one in BUILT_IN.topics.values():
        assert set(one.facts) & asked, one.id


def test_a_later_element_that_suggests_a_topic_reopens_it_for_that_element() -> None:
    screened = decide_all(screen("fetched_urls", "xml"), after=HOUSE)
    worker = AddComponent(by=AMINA, at=at(101), name="Link preview worker")
    added = decide_all(worker, after=screened)
    (new,) = [one.id for one in replay(added).of_kind(Kind.COMPONENT) if one.name == "Link preview worker"]
    by_topic = {one.topic.id: one for one in register(replay(added)).screening}
    assert by_topic["fetched_urls"].reopened_by == ((new, "Link preview worker"),)
    assert by_topic["fetched_urls"].open
    assert not by_topic["xml"].open
    again = decide_all(screen("fetched_urls", minute=102), after=added)
    assert not {one.topic.id: one for one in register(replay(again)).screening}["fetched_urls"].open


def test_an_entry_point_that_suggests_a_topic_is_asked_and_the_others_are_not() -> None:
    screened = decide_all(screen("file_uploads"), after=HOUSE)
    added = decide_all(AddEntryPoint(by=AMINA, at=at(101), name="Avatar upload"), after=screened)
    model = with_screening(replay(added))
    (new,) = [one.id for one in model.of_kind(Kind.ENTRY_POINT) if one.name == "Avatar upload"]
    asked = {one.id for one in model.of_kind(Kind.ENTRY_POINT) if (one.id, "takes_files") not in model.facts}
    assert asked == {new}
    answered = AnswerOpenQuestions(
        by=AMINA, at=at(102), replies=(Reply(element=new, fact="takes_files", answer=Answer.NO),)
    )
    after = register(replay(decide_all(answered, after=added)))
    assert not {one.topic.id: one for one in after.screening}["file_uploads"].open


def test_what_suggested_a_topic_when_it_was_screened_out_does_not_reopen_it() -> None:
    before = decide_all(AddEntryPoint(by=AMINA, at=at(99), name="Avatar upload"), after=HOUSE)
    screened = register(replay(decide_all(screen("file_uploads"), after=before)))
    assert not {one.topic.id: one for one in screened.screening}["file_uploads"].open


def test_a_second_person_confirms_what_was_screened_out_before_closing() -> None:
    screened = decide_all(screen("xml", "webhooks"), after=HOUSE)
    assert _gate(screened) is False
    given(*screened).when(ConfirmScreening(by=BENJI, at=at(101))).then_refused(
        OwnScreening, "Another participant must confirm it"
    )
    confirmed = decide_all(ConfirmScreening(by=AMINA, at=at(101)), after=screened)
    assert isinstance(confirmed[-1], ScreeningConfirmed)
    assert _gate(confirmed) is True
    given(*confirmed).when(ConfirmScreening(by=AMINA, at=at(102))).then_refused(
        NothingToConfirm, "Nothing needs to be confirmed"
    )
    undone = decide_all(Undo(by=AMINA, at=at(102)), after=confirmed)
    assert replay(undone).screening == replay(screened).screening


def test_nothing_needs_a_confirmation_where_nothing_is_screened_out() -> None:
    assert _gate(HOUSE) is None
    assert _gate(decide_all(screen("xml", answer=Answer.UNKNOWN), after=HOUSE)) is None


def _gate(events: Sequence[RecordedEvent]) -> bool | None:
    gates = {one.id: one.met for one in register(replay(events)).gates}
    return gates.get("screening_confirmed")


def test_an_answer_of_the_screening_is_undone() -> None:
    screened = decide_all(screen("xml"), Undo(by=BENJI, at=at(101)), after=HOUSE)
    assert replay(screened).screening == replay(HOUSE).screening
    changed = decide_all(
        screen("xml"),
        screen("xml", answer=Answer.YES, by=AMINA, minute=101),
        Undo(by=AMINA, at=at(102)),
        after=HOUSE,
    )
    said = replay(changed).screening["xml"]
    assert (said.answer, said.by) == (Answer.NO, BENJI)


def test_a_form_handed_in_unchanged_changes_nothing() -> None:
    given(*decide_all(screen("xml"), after=HOUSE)).when(screen("xml", minute=101)).then_nothing_happens()
    given(*HOUSE).when(screen()).then_nothing_happens()


def test_an_unknown_topic_is_refused() -> None:
    given(*HOUSE).when(screen("nonsense")).then_refused(NoSuchTopic, "nonsense")


def test_the_history_says_what_was_screened_out() -> None:
    entry = timeline(decide_all(screen("xml"), after=HOUSE))[-1]
    assert entry.text == "answered “no” to “XML” for the whole system"


def test_a_comparison_of_two_versions_tells_of_the_screening() -> None:
    screened = decide_all(screen("xml", "language_model"), after=HOUSE)
    confirmed = decide_all(ConfirmScreening(by=AMINA, at=at(101)), after=screened)
    undone = decide_all(Undo(by=BENJI, at=at(102)), after=screened)

    def told(before: Sequence[RecordedEvent], after: Sequence[RecordedEvent]) -> list[tuple[object, ...]]:
        was, now = (register(replay(some)) for some in (before, after))
        changes = difference(was, now, max(before, after, key=len))
        return [
            (one.name, one.how, [detail.text for detail in one.details], one.by)
            for one in changes
            if one.group == "screening"
        ]

    labels = [BUILT_IN.topics["xml"].label, BUILT_IN.topics["language_model"].label]
    assert told(HOUSE, screened) == [
        (label, "answered", ["no"], (BENJI,)) for label in sorted_as_shown(labels)
    ]
    assert told(screened, confirmed) == [
        (label, "confirmed", [f"confirmed by: @{AMINA}"], (AMINA,)) for label in sorted_as_shown(labels)
    ]
    assert {how for _, how, _, _ in told(screened, undone)} == {"left open"}
    assert told(HOUSE, undone) == []


def sorted_as_shown(labels: Sequence[str]) -> list[str]:
    return [topic.label for topic in BUILT_IN.topics.values() if topic.label in labels]
