"""Prompts to think further: a few for each model, where they pay, each with who considered it."""

import pytest

from domain.analysis.thought_prompts import ConsideredPrompt
from domain.commands import (
    AddComponent,
    AddEntryPoint,
    AnswerPrompt,
    CloseThreatModel,
    Command,
    RemoveElement,
    Undo,
    WithdrawThreat,
)
from domain.events import PromptAnswered, PromptReopened, RecordedEvent, ThreatReported, ThreatWithdrawn
from domain.kernel.elements import ComponentKind, ElementId, Exposure, Kind, PersonId
from domain.kernel.thought_prompt import MOST_PROMPTS, PromptAnswer, PromptKind
from domain.kernel.threat import Stride, ThreatId
from domain.register import ThreatRegister, register
from domain.rejections import AlreadyReported, NoSuchElement, NoSuchPrompt, Rejected
from domain.replay import replay
from domain.wording.considered_prompts import thinking_text
from tests.domain.suggested_threats import AMINA, BENJI, FRONT, HOME, HOUSE, MODEL
from tests.examples import at, decide_all

NEXT = ThreatId(f"TH-{MODEL.numbers.get('TH', 0) + 1}")
ALLOWED = PromptKind.ALLOWED_HARM


def answer(
    title: str = "",
    *,
    by: PersonId = BENJI,
    minute: int = 100,
    prompt: PromptKind = ALLOWED,
    element: ElementId = FRONT,
    stride: tuple[Stride, ...] = (),
) -> AnswerPrompt:
    return AnswerPrompt(by=by, at=at(minute), prompt=prompt, element=element, title=title, stride=stride)


def after(*commands: Command) -> list[RecordedEvent]:
    return decide_all(*commands, after=HOUSE)


def known(*commands: Command) -> ThreatRegister:
    return register(replay(after(*commands)))


def component(name: str, sort: ComponentKind = ComponentKind.PROCESS, minute: int = 90) -> AddComponent:
    return AddComponent(by=AMINA, at=at(minute), name=name, sort=sort)


def asked_about(name: str, *commands: Command) -> set[PromptKind]:
    every = known(*commands)
    return {one.kind for one in every.prompts if one.element_name == name}


class TestWhereTheyAreAsked:
    def test_an_exposed_entry_point_is_asked_for_allowed_harm(self) -> None:
        assert (ALLOWED, FRONT) in {(one.kind, one.element) for one in known().prompts}

    def test_a_local_entry_point_is_not(self) -> None:
        local = AddEntryPoint(by=AMINA, at=at(90), name="Socket", exposure=Exposure.LOCAL)
        assert not asked_about("Socket", local)

    @pytest.mark.parametrize(
        ("name", "kinds"),
        [
            ("Identity provider", {PromptKind.SILENT_FAILURE, PromptKind.TAKEOVER}),
            ("WAF", {PromptKind.SILENT_FAILURE}),
            ("CI/CD pipeline", {PromptKind.TAKEOVER}),
            ("Model server", {PromptKind.HIDDEN_BEHAVIOR}),
            ("Shed", set()),
        ],
    )
    def test_controls_powerful_components_and_models_are_asked_by_what_they_are(
        self, name: str, kinds: set[PromptKind]
    ) -> None:
        assert asked_about(name, component(name)) == kinds

    def test_there_are_five_in_all_and_the_best_of_each_sort_comes_first(self) -> None:
        many = [component(f"CI/CD pipeline {number}") for number in range(9)]
        prompts = known(*many, component("Model server"), component("WAF")).prompts
        assert len(prompts) == MOST_PROMPTS
        assert {one.kind for one in prompts[:4]} == {*PromptKind}

    def test_those_of_one_sort_are_ordered_by_stake(self) -> None:
        weights = [one.stake.weight for one in known().prompts if one.kind is ALLOWED]
        assert weights == sorted(weights, reverse=True)

    def test_an_answered_one_counts_among_the_five_and_is_not_asked_again(self) -> None:
        many = [component(f"CI/CD pipeline {number}") for number in range(9)]
        every = known(*many, answer())
        assert len(every.prompts) == MOST_PROMPTS - 1
        assert (ALLOWED, FRONT) not in {(one.kind, one.element) for one in every.prompts}


class TestAnswers:
    def test_one_line_becomes_a_reported_threat_at_its_place(self) -> None:
        events = after(answer("Visitors copy the key"))[len(HOUSE) :]
        reported, considered = events
        assert isinstance(reported, ThreatReported)
        threat = reported.threat
        assert (threat.id, threat.title, threat.element) == (NEXT, "Visitors copy the key", FRONT)
        assert threat.stride == ALLOWED.stride
        assert isinstance(considered, PromptAnswered)
        said = PromptAnswer(prompt=ALLOWED, element=FRONT, by=BENJI, at=at(100), threat=NEXT)
        assert considered.reply == said

    def test_the_person_may_choose_other_categories(self) -> None:
        events = after(answer("Visitors copy the key", stride=(Stride.SPOOFING,)))
        assert replay(events).threats[NEXT].stride == (Stride.SPOOFING,)

    @pytest.mark.parametrize("title", ["", "  "])
    def test_nothing_here_is_recorded_without_a_threat(self, title: str) -> None:
        (event,) = after(answer(title))[len(HOUSE) :]
        assert isinstance(event, PromptAnswered)
        assert event.reply.threat is None

    def test_who_considered_what_is_kept_and_counted(self) -> None:
        every = known(answer("Visitors copy the key"), answer(prompt=PromptKind.TAKEOVER, element=HOME))
        assert [(one.kind, one.by, one.threats) for one in every.considered_prompts] == [
            (ALLOWED, (BENJI,), (NEXT,)),
            (PromptKind.TAKEOVER, (BENJI,), ()),
        ]
        text = thinking_text(every.considered_prompts, lambda person: person.title())
        assert text == "2 prompts considered by Ubenji, which led to 1 threat"
        assert thinking_text(every.considered_prompts, None) == (
            "2 prompts considered, which led to 1 threat"
        )
        assert thinking_text((), None) == ""

    def test_two_people_at_once_are_both_recorded(self) -> None:
        every = known(answer("Visitors copy the key"), answer("The postman looks in", by=AMINA, minute=101))
        (one,) = every.considered_prompts
        assert one == ConsideredPrompt(
            kind=ALLOWED,
            element=FRONT,
            by=(BENJI, AMINA),
            threats=(NEXT, ThreatId(f"TH-{int(NEXT[3:]) + 1}")),
        )

    def test_the_same_again_is_no_event(self) -> None:
        assert after(answer(), answer(minute=101)) == after(answer())

    def test_the_same_threat_again_is_refused_with_the_first_one_named(self) -> None:
        with pytest.raises(AlreadyReported):
            after(answer("Visitors copy the key"), answer("Visitors copy the key", by=AMINA, minute=101))

    def test_a_late_answer_counts_though_the_prompt_is_no_longer_asked(self) -> None:
        local = AddEntryPoint(by=AMINA, at=at(90), name="Socket", exposure=Exposure.LOCAL)
        (socket,) = (one.id for one in known(local).items(Kind.ENTRY_POINT) if one.name == "Socket")
        every = known(local, answer("The socket is taken", element=socket))
        assert [one.element for one in every.considered_prompts] == [socket]


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("prompt", "element"), [(ALLOWED, HOME), (PromptKind.TAKEOVER, FRONT), (ALLOWED, ElementId("AS-1"))]
    )
    def test_a_forged_pair_of_prompt_and_element(self, prompt: PromptKind, element: ElementId) -> None:
        with pytest.raises(NoSuchPrompt):
            after(answer("Anything", prompt=prompt, element=element))

    def test_a_removed_element(self) -> None:
        gone = ElementId(f"CO-{MODEL.numbers['CO'] + 1}")
        commands = (component("CI/CD pipeline"), RemoveElement(by=AMINA, at=at(95), element=gone))
        with pytest.raises(NoSuchElement):
            after(*commands, answer("It deploys anything", prompt=PromptKind.TAKEOVER, element=gone))

    def test_an_answer_after_closing(self) -> None:
        closing = CloseThreatModel(by=AMINA, at=at(95), reasons=(), reason="")
        with pytest.raises(Rejected):
            after(closing, answer("Too late", minute=99))

    def test_what_was_considered_of_a_removed_element_stays(self) -> None:
        gone = ElementId(f"CO-{MODEL.numbers['CO'] + 1}")
        every = known(
            component("CI/CD pipeline"),
            answer("It deploys anything", prompt=PromptKind.TAKEOVER, element=gone),
            RemoveElement(by=AMINA, at=at(101), element=gone),
        )
        assert [one.element for one in every.considered_prompts] == [gone]
        assert gone not in {one.element for one in every.prompts}


class TestUndo:
    def test_it_takes_back_the_threat_and_the_consideration(self) -> None:
        undone = after(answer("Visitors copy the key"), Undo(by=BENJI, at=at(101)))
        assert [type(one) for one in undone[-2:]] == [PromptReopened, ThreatWithdrawn]
        assert replay(undone).prompts == MODEL.prompts
        assert NEXT not in replay(undone).threats

    def test_the_answer_of_another_person_stays(self) -> None:
        every = known(answer(), answer(by=AMINA, minute=101), Undo(by=BENJI, at=at(102)))
        assert [one.by for one in every.considered_prompts] == [(AMINA,)]

    def test_an_earlier_answer_of_the_same_person_returns(self) -> None:
        undone = replay(
            after(answer(), answer("Visitors copy the key", minute=101), Undo(by=BENJI, at=at(102)))
        )
        assert undone.prompts == replay(after(answer())).prompts

    def test_a_withdrawn_threat_stays_a_consideration(self) -> None:
        withdrawn = WithdrawThreat(by=AMINA, at=at(101), threat=NEXT)
        (one,) = known(answer("Visitors copy the key"), withdrawn).considered_prompts
        assert one.threats == (NEXT,)
