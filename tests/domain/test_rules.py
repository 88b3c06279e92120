"""What the rules make of a model: suggested threats, questions, crossings, screening of rare features."""

from collections.abc import Sequence

import pytest
from hypothesis import given as random
from hypothesis import strategies as st
from msgspec.structs import replace
from rpds import HashTrieMap

from domain.analysis.model_analysis import analyze
from domain.built_in_catalog import BUILT_IN
from domain.changes import difference
from domain.commands import (
    AddComponent,
    AddDataFlow,
    AddEntryPoint,
    AddTrustBoundary,
    AddTrustLevel,
    AnswerOpenQuestions,
    AnswerQuestions,
    AnswerScreening,
    ConfirmScreening,
    PlaceComponents,
    RemoveElement,
    Reply,
    ReviseAsset,
    ReviseDataFlow,
    ScreeningReply,
    Undo,
)
from domain.events import RecordedEvent, ScreeningAnswered, ScreeningConfirmed, TrustBoundaryRevised
from domain.history import timeline
from domain.kernel.answer import Answer
from domain.kernel.elements import ID_PREFIX, Kind, PersonId, Rating, TrustBoundary
from domain.kernel.screening_answer import ScreeningAnswer
from domain.model.crossings import crossings
from domain.register import register
from domain.rejections import AnswerTakenBack, NoSuchTopic, NothingToConfirm, OwnScreening
from domain.replay import replay
from domain.rules.conditions import facts_of
from domain.screening.screened_facts import with_screening
from tests.bench.rules import busy
from tests.depth import examples
from tests.domain.placed_components import (
    ENTITY,
    HOME,
    PROCESS,
    STORE,
    element_id,
    place,
    placed_model,
    register_after,
    reply,
)
from tests.domain.suggested_threats import AMINA, BENJI, HOUSE
from tests.examples import ANA, at, decide_all, given, house, recorded, started

SOFTWARE = reply("CO-2", "software", Answer.YES)


def test_nothing_answered_gives_no_suggested_threat_but_a_short_list_of_questions() -> None:
    found = register_after(placed_model(*HOME))
    assert found.suggested_threats == ()
    assert [(question.element, question.fact) for question in found.questions] == [
        ("CO-2", "software"),
        ("CO-3", "software"),
        ("EP-1", "authorization_checked"),
        ("EP-1", "anonymous_by_design"),
        ("AS-1", "availability_critical"),
    ]
    assert all(question.why for question in found.questions)


def test_nothing_placed_asks_nothing() -> None:
    assert register_after(placed_model()).questions == ()


def test_what_is_no_software_is_not_asked_what_only_software_can_do() -> None:
    no = [reply(id, "software", Answer.NO) for id in ("CO-2", "CO-3")]
    asked = {question.fact for question in register_after(placed_model(*HOME), *no).questions}
    assert asked == {"anonymous_by_design", "authorization_checked", "availability_critical"}


def test_whether_a_rule_is_about_it_is_asked_before_its_control() -> None:
    before = asked_of("EP-1", SOFTWARE)
    assert "takes_input" in before
    assert not before & {"takes_files", "uploads_never_run"}
    takes = reply("EP-1", "takes_input", Answer.YES)
    assert "takes_files" in asked_of("EP-1", SOFTWARE, takes)
    assert "uploads_never_run" not in asked_of("EP-1", SOFTWARE, takes)
    files = reply("EP-1", "takes_files", Answer.YES)
    assert "uploads_never_run" in asked_of("EP-1", SOFTWARE, takes, files)


@pytest.mark.parametrize("answer", [Answer.NO, Answer.NOT_APPLICABLE])
def test_what_does_not_come_in_is_not_asked_about_any_further(answer: Answer) -> None:
    asked = asked_of("EP-1", SOFTWARE, reply("EP-1", "takes_input", answer))
    assert not asked & {"takes_input", "takes_files", "reaches_query", "input_bounded"}


def test_no_question_is_asked_twice() -> None:
    found = register_after(placed_model(*HOME), SOFTWARE, reply("EP-1", "takes_input", Answer.YES)).questions
    asked = [(one.element, one.fact) for one in found]
    assert len(asked) == len(set(asked))


def test_one_answer_may_settle_several_rules() -> None:
    software = next(one for one in register_after(placed_model(*HOME)).questions if one.fact == "software")
    assert len(software.rules) > 20
    assert len(software.why) == 1


def test_the_questions_of_one_element_come_together_after_what_is_software() -> None:
    found = register_after(placed_model(*HOME), SOFTWARE).questions
    elements = [one.element for one in found]
    runs = [id for place, id in enumerate(elements) if place == 0 or elements[place - 1] != id]
    assert runs == ["CO-3", "AS-1", "EP-1", "CO-2", "DF-1"]


@pytest.mark.parametrize(
    ("answered", "suggested_threats", "asked"),
    [
        (reply("EP-1", "caller_authenticated", Answer.NO), ["S01@DF-1"], False),
        (reply("EP-1", "caller_authenticated", Answer.YES), [], False),
        (reply("EP-1", "caller_authenticated", Answer.NOT_APPLICABLE), [], False),
        (reply("EP-1", "caller_authenticated", Answer.UNKNOWN), [], True),
    ],
)
def test_no_fires_yes_spares_and_unknown_goes_on_asking(
    answered: AnswerQuestions, suggested_threats: list[str], asked: bool
) -> None:
    found = register_after(placed_model(*HOME), answered)
    assert [suggested_threat.id for suggested_threat in found.suggested_threats] == suggested_threats
    again = [one.answered_unknown for one in found.questions if one.fact == "caller_authenticated"]
    assert again == ([True] if asked else [])


def test_a_suggested_threat_tells_the_facts_and_the_predicates_that_fired_it() -> None:
    found = register_after(
        placed_model(*HOME), reply("EP-1", "caller_authenticated", Answer.NO)
    ).suggested_threats[0]
    assert [(fact.element, fact.fact, fact.answer) for fact in found.facts] == [
        ("EP-1", "caller_authenticated", Answer.NO)
    ]
    assert [(one.element, one.statement) for one in found.observed] == [
        ("DF-1", "it crosses a trust boundary")
    ]


def test_a_flow_of_little_confidentiality_is_not_asked_about() -> None:
    assert "encrypted" in asked_of("DF-1", SOFTWARE)
    low = ReviseAsset(
        by=ANA,
        at=at(3),
        element=element_id("AS-1"),
        name="Key",
        confidentiality=Rating.LOW,
        integrity=Rating.LOW,
    )
    assert "encrypted" not in asked_of("DF-1", SOFTWARE, low)


def test_an_asset_that_no_one_rated_is_asked_about_in_plain_words() -> None:
    unrated = ReviseAsset(by=ANA, at=at(3), element=element_id("AS-1"), name="Key")
    assert "confidential" in asked_of("AS-1", SOFTWARE, unrated)
    harmless = reply("AS-1", "confidential", Answer.NO)
    assert "confidential" not in asked_of("AS-1", SOFTWARE, unrated, harmless)
    assert "I01" not in {
        rule
        for question in register_after(placed_model(*HOME), SOFTWARE, unrated, harmless).questions
        for rule in question.rules
    }


def test_a_protocol_that_keeps_listeners_out_is_not_asked_about() -> None:
    secure = ReviseDataFlow(
        by=ANA,
        at=at(3),
        element=element_id("DF-1"),
        source=element_id("CO-1"),
        target=element_id("CO-2"),
        assets=(element_id("AS-1"),),
        entry_point=element_id("EP-1"),
        protocol="HTTPS",
    )
    asked = register_after(placed_model(*HOME), secure).questions
    assert not {("DF-1", "encrypted"), ("CO-2", "software")} & {(one.element, one.fact) for one in asked}


def test_two_trust_levels_in_one_boundary_are_found() -> None:
    found = register_after(placed_model(HOME[0], HOME[1], place("CO-3", STORE, "TL-1", "Locks")))
    assert [suggested_threat.id for suggested_threat in found.suggested_threats] == ["X02@DF-2"]
    assert found.suggested_threats[0].rule.cwe == (653,)


def test_a_boundary_between_or_the_same_level_spare_it_and_no_boundaries_at_all_ask() -> None:
    for third in (place("CO-3", STORE, "TL-1", "Safe door"), HOME[2]):
        assert register_after(placed_model(HOME[0], HOME[1], third)).suggested_threats == ()
    without = register_after(
        placed_model(HOME[0], place("CO-2", PROCESS, "TL-2"), place("CO-3", STORE, "TL-1"))
    )
    assert without.suggested_threats == ()
    assert ("DF-2", "kept_apart") in [(question.element, question.fact) for question in without.questions]


def test_levels_of_which_no_outsider_has_only_one_differ_in_rank_only() -> None:
    """Both levels are above the guest's: nobody can be in the one part and not in the other."""
    owners = AddTrustLevel(by=ANA, at=at(3), name="Owners")
    safe = PlaceComponents(by=ANA, at=at(3), placements=(place("CO-3", STORE, "TL-3", "Locks"),))
    assert register_after(placed_model(*HOME), owners, safe).suggested_threats == ()


def test_in_the_house_the_missing_boundary_between_garage_and_house_is_found() -> None:
    found = register(replay(house()))
    missing = [
        suggested_threat for suggested_threat in found.suggested_threats if suggested_threat.rule.id == "X02"
    ]
    assert [one.element_name for one in missing] == ["Garage → House: Valuables"]


def test_who_calls_an_external_entity_is_not_ours_to_ask() -> None:
    outside = placed_model(HOME[0], place("CO-2", ENTITY, "TL-2", "Locks"), HOME[2])
    assert [one.fact for one in register_after(outside).questions if one.element == "EP-1"] == []
    answered = reply("EP-1", "caller_authenticated", Answer.NO)
    assert "S01@DF-1" not in [
        suggested_threat.id for suggested_threat in register_after(outside, answered).suggested_threats
    ]


def test_without_a_trust_level_at_one_end_no_boundary_is_missed() -> None:
    found = register_after(placed_model(HOME[0], HOME[1], place("CO-3", STORE, None, "Locks")))
    assert found.suggested_threats == ()


def test_a_flow_through_no_door_is_asked_itself() -> None:
    nowhere = ReviseDataFlow(
        by=ANA,
        at=at(3),
        element=element_id("DF-1"),
        source=element_id("CO-1"),
        target=element_id("CO-2"),
        assets=(element_id("AS-1"),),
    )
    gone = RemoveElement(by=ANA, at=at(4), element=element_id("EP-1"))
    asked = [
        question.element
        for question in register_after(placed_model(*HOME), nowhere, gone).questions
        if question.fact == "caller_authenticated"
    ]
    assert asked == ["DF-1"]


def test_a_fact_is_only_asked_of_the_kinds_that_it_is_declared_for() -> None:
    everything = [
        reply("EP-1", fact.name, Answer.YES)
        for fact in BUILT_IN.facts.values()
        if "entry_point" in fact.kinds
    ]
    for question in register_after(placed_model(*HOME), SOFTWARE, *everything).questions:
        assert question.element.partition("-")[0] in {
            ID_PREFIX[kind] for kind in BUILT_IN.facts[question.fact].kinds
        }


def asked_of(element: str, *commands: AnswerQuestions | ReviseAsset) -> set[str]:
    return {
        one.fact for one in register_after(placed_model(*HOME), *commands).questions if one.element == element
    }


def test_a_flow_crosses_when_its_ends_differ_in_boundary_or_in_trust_level() -> None:
    found = crossings(replay(placed_model(*HOME)))
    assert list(found) == ["DF-1"]
    assert (found[element_id("DF-1")].boundaries, found[element_id("DF-1")].climb) == (("TB-1",), 1)
    only_levels = crossings(replay(placed_model(place("CO-1", ENTITY, "TL-1", "Locks"), HOME[1])))
    assert (only_levels[element_id("DF-1")].boundaries, only_levels[element_id("DF-1")].levels_differ) == (
        (),
        True,
    )
    only_boundaries = crossings(replay(placed_model(place("CO-1", ENTITY, "TL-2"), HOME[1])))
    assert (
        only_boundaries[element_id("DF-1")].boundaries,
        only_boundaries[element_id("DF-1")].levels_differ,
    ) == (
        ("TB-1",),
        False,
    )


def test_nested_boundaries_are_passed_one_by_one_from_the_inside_out_and_in_again() -> None:
    events = decide_all(
        AddTrustBoundary(by=ANA, at=at(1), name="Fence"),
        AddTrustBoundary(by=ANA, at=at(1), name="Shed", parent=element_id("TB-1")),
        AddTrustBoundary(by=ANA, at=at(1), name="Walls", parent=element_id("TB-1")),
        AddComponent(by=ANA, at=at(1), name="Bike", boundary=element_id("TB-2")),
        AddComponent(by=ANA, at=at(1), name="Hall", boundary=element_id("TB-3")),
        AddDataFlow(by=ANA, at=at(1), source=element_id("CO-1"), target=element_id("CO-2")),
        after=[started()],
    )
    assert crossings(replay(events))[element_id("DF-1")].boundaries == ("TB-2", "TB-3")


def test_what_is_not_placed_does_not_cross() -> None:
    assert not crossings(replay(placed_model()))


def test_a_flow_into_more_trusted_ground_comes_before_one_out_of_it() -> None:
    out = AddDataFlow(by=ANA, at=at(3), source=element_id("CO-2"), target=element_id("CO-1"))
    into = AddDataFlow(by=ANA, at=at(3), source=element_id("CO-1"), target=element_id("CO-3"))
    found = crossings(replay(decide_all(out, into, after=placed_model(*HOME))))
    assert list(found) == ["DF-1", "DF-4", "DF-3"]
    assert [one.climb for one in found.values()] == [1, 1, -1]


def test_a_circle_in_an_old_history_is_walked_once() -> None:
    events = decide_all(
        AddTrustBoundary(by=ANA, at=at(3), name="Fence"),
        PlaceComponents(by=ANA, at=at(3), placements=HOME),
        after=placed_model(*HOME),
    )
    circle = [
        TrustBoundaryRevised(
            by=ANA,
            at=at(4),
            answer=len(events) + 1,
            boundary=TrustBoundary(id=element_id(one), name=one, parent=element_id(other)),
        )
        for one, other in (("TB-1", "TB-2"), ("TB-2", "TB-1"))
    ]
    assert crossings(replay([*events, *circle]))[element_id("DF-1")].boundaries == ("TB-2", "TB-1")


WHEN = at(100)


def screen(
    *topics: str, answer: Answer = Answer.NO, by: PersonId = BENJI, minute: int = 100
) -> AnswerScreening:
    replies = tuple(ScreeningReply(topic=topic, answer=answer) for topic in topics)
    return AnswerScreening(by=by, at=at(minute), replies=replies)


def test_an_answer_of_the_screening_is_not_left_open_again() -> None:
    yes = decide_all(screen("xml", answer=Answer.YES), after=HOUSE)
    given(*yes).when(AnswerScreening(by=BENJI, at=at(101), replies=(), left_open=("xml",))).then_refused(
        AnswerTakenBack, "“XML” was answered with “yes”. Select it", field="exists"
    )
    out = decide_all(screen("xml"), after=HOUSE)
    given(*out).when(AnswerScreening(by=BENJI, at=at(101), replies=(), left_open=("xml", "dns"))).then()


def test_no_is_one_event_of_the_model_and_no_copy_on_every_element() -> None:
    given(*HOUSE).when(screen("xml")).then(
        recorded(
            ScreeningAnswered, screening=ScreeningAnswer(topic="xml", answer=Answer.NO, by=BENJI, at=WHEN)
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
    assert {seen[door, "takes_xml"] for door in doors[1:]} == {Answer.NO}
    assert not any(question.fact == "takes_xml" for question in analyze(answered).found.questions)


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
        found = {suggested_threat.id for suggested_threat in analyze(model).found.suggested_threats}
        screened = analyze(replace(model, screening=HashTrieMap(answers)))
        assert {suggested_threat.id for suggested_threat in screened.found.suggested_threats} <= found


def test_screened_facts_only_say_whether_a_rule_applies() -> None:
    screened = {fact for topic in BUILT_IN.topics.values() for fact in topic.facts}
    for rule in BUILT_IN.rules:
        assert not screened & facts_of(rule.controlled), f"{rule.id}: a no would be a missing control"


def test_each_topic_decides_a_fact_that_a_rule_asks_for() -> None:
    asked = frozenset[str]().union(*(facts_of(rule.applies) for rule in BUILT_IN.rules))
    for topic in BUILT_IN.topics.values():
        assert set(topic.facts) & asked, topic.id


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
    assert _condition(screened) is False
    given(*screened).when(ConfirmScreening(by=BENJI, at=at(101))).then_refused(
        OwnScreening, "Another participant must confirm it"
    )
    confirmed = decide_all(ConfirmScreening(by=AMINA, at=at(101)), after=screened)
    assert isinstance(confirmed[-1], ScreeningConfirmed)
    assert _condition(confirmed) is True
    given(*confirmed).when(ConfirmScreening(by=AMINA, at=at(102))).then_refused(
        NothingToConfirm, "Nothing needs to be confirmed"
    )
    undone = decide_all(Undo(by=AMINA, at=at(102)), after=confirmed)
    assert replay(undone).screening == replay(screened).screening


def test_nothing_needs_a_confirmation_where_nothing_is_screened_out() -> None:
    assert _condition(HOUSE) is None
    assert _condition(decide_all(screen("xml", answer=Answer.UNKNOWN), after=HOUSE)) is None


def _condition(events: Sequence[RecordedEvent]) -> bool | None:
    conditions = {condition.id: condition.met for condition in register(replay(events)).conditions}
    return conditions.get("screening_confirmed")


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
            (change.name, change.how, [detail.text for detail in change.details], change.by)
            for change in changes
            if change.group == "screening"
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
