"""Threat models with hostile text and extreme sizes."""

from collections.abc import Callable
from datetime import date
from enum import IntEnum
from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.decide.input_checks import clean_name
from domain.events import (
    AcceptanceProposed,
    AssetAdded,
    AssumptionRecorded,
    ComponentAdded,
    DataFlowAdded,
    EntryPointAdded,
    Event,
    ExternalDependencyAdded,
    FactAnswered,
    IssueLinked,
    IssueSeen,
    MitigationPlanned,
    PersonAsked,
    RegisterCompleted,
    ResponseChosen,
    RetrospectiveAnswered,
    RowConsidered,
    SuggestedThreatDismissed,
    ThreatReported,
    TrustBoundaryAdded,
    TrustLevelAdded,
)
from domain.kernel.answer import Answer
from domain.kernel.closing import RetrospectiveAnswer, RetrospectiveQuestion
from domain.kernel.elements import (
    SYSTEM,
    Asset,
    Assumption,
    AssumptionId,
    Component,
    ComponentKind,
    DataFlow,
    Element,
    ElementId,
    EntryPoint,
    Exposure,
    ExternalDependency,
    Kind,
    PersonId,
    Rating,
    TrustBoundary,
    TrustLevel,
)
from domain.kernel.mitigation import Mitigation, MitigationId, MitigationState
from domain.kernel.threat import (
    AnswerAtDecision,
    Consideration,
    ControlClass,
    Dismissal,
    PlacementAtDecision,
    Response,
    ResponseKind,
    Stride,
    SuggestedThreatId,
    Threat,
    ThreatId,
)
from domain.kernel.tracked_issue import IssueReference, IssueState, SeenIssue, TrackerId, TrackerKind
from domain.lifecycle import LEAVES
from domain.model import ThreatModel
from domain.replay import replay
from tests.depth import count
from tests.examples import ANA, BEN, at, started

STREAM = "T0SANDBOX/TM-1"
STEPS = tuple(sorted(LEAVES - {"unstarted"}))

_PIECES = (
    "<!channel>",
    "<!here|x>",
    "<@U0ANA0001>",
    "<#C0HOUSE01>",
    "@everyone",
    "@channel",
    "<http://evil.example|click>",
    "https://evil.example/",
    "&lt;!channel&gt;",
    "&",
    "\u202e",
    "\u2066",
    "\u200f",
    "\x00",
    "\x1b[31m",
    "\n",
    "\r\n",
    "\t",
    "\u2028",
    "```",
    "`",
    "*bold*",
    "_x_",
    "~",
    "> quote",
    "• ",
    "😀",
    "👨\u200d👩\u200d👧",
    ":smile:",
    "a -> b: c via d",
    "\ue0000\ue001",
    "{0}",
    "{}",
    "“",
    '"',
    "\\",
    " ",
    "word",
)

short_texts = st.lists(st.sampled_from(_PIECES), max_size=6).map("".join)
long_texts = st.tuples(st.sampled_from(_PIECES), st.sampled_from(_PIECES)).map(
    lambda pair: ((pair[0] + pair[1]) * 3000)[:3000]
)
texts = short_texts | long_texts | st.text(max_size=30)
"""Anything that somebody may type, or that an old record may hold."""


class ModelSize(msgspec.Struct, frozen=True, kw_only=True):
    """How many there are of everything."""

    elements: int
    boundaries: int
    assumptions: int


SMALL = (
    ModelSize(elements=0, boundaries=0, assumptions=0),
    ModelSize(elements=1, boundaries=1, assumptions=1),
    ModelSize(elements=5, boundaries=2, assumptions=3),
)
LARGE = ModelSize(elements=count(110, deep=200), boundaries=30, assumptions=60)
"""More than Slack takes of anything in one view, which is a hundred at most."""

sizes = st.sampled_from((*SMALL, ModelSize(elements=101, boundaries=30, assumptions=21), LARGE))


@st.composite
def hostile_models(draw: st.DrawFn, *, acceptable: bool = False) -> ThreatModel:
    """A model in any step; an acceptable one could have come about today, word by word."""
    words = draw(st.lists(texts, min_size=4, max_size=4))
    said = [_accepted(word) for word in words] if acceptable else words
    model = build_model(
        draw(sizes), said, known=draw(st.sampled_from(CollectionProgress)), acceptable=acceptable
    )
    return replace(model, step="collection" if acceptable else draw(st.sampled_from(STEPS)))


class CollectionProgress(IntEnum):
    """How far a team has come: it has named things, placed them, answered the questions."""

    NAMED = 0
    PLACED = 1
    ANSWERED = 2


def build_model(
    size: ModelSize, words: list[str], *, known: CollectionProgress, acceptable: bool = False
) -> ThreatModel:
    """A model of a size, whose words are taken in turn."""

    def word(number: int) -> str:
        text = words[number % len(words)]
        # Names are unique today; in an old record they may be anything.
        return clean_name(f"{number} {text}") if acceptable else text

    first = started(
        name=word(0), description=words[0], out_of_scope=words[1], participants=(ANA, BEN), answers_by=_DAY
    )
    said: list[Event] = [first]
    for number in range(size.boundaries):
        parent = ElementId(f"TB-{number}") if number else None
        said.append(_added(TrustBoundary(id=ElementId(f"TB-{number + 1}"), name=word(number), parent=parent)))
    for number in range(size.elements):
        said += [
            _added(element)
            for element in _elements(number, size, word, words, placed=known > CollectionProgress.NAMED)
        ]
        if known is CollectionProgress.ANSWERED:
            said.append(_answer(f"DF-{number + 1}", "encrypted", Answer.NO))
            said.append(_answer(f"EP-{number + 1}", "caller_authenticated", _ANSWERS[number % 3]))
            said.append(_answer(f"EP-{number + 1}", "authorization_checked", Answer.NO))
    for number in range(size.assumptions):
        assumption = Assumption(
            id=AssumptionId(f"AU-{number + 1}"), text=words[number % 4] or "so", held_by=BEN
        )
        said.append(AssumptionRecorded(by=BEN, at=at(1), answer=1, assumption=assumption))
    for number in range(size.assumptions):
        threat = Threat(
            id=ThreatId(f"TH-{number + 1}"),
            title=word(number),
            stride=tuple(Stride)[: number % 6 + 1],
            description=words[number % 4],
            element=ElementId(f"CO-{number + 1}") if number % 2 and size.elements > number else None,
            link=f"https://the-house.example/archives/C0HOUSE01/p{number}" if number % 3 else "",
        )
        said.append(ThreatReported(by=BEN, at=at(1), answer=1, threat=threat))
        said += _remedied(number, words[number % 4] or "so")
    for number, person in enumerate((ANA, BEN)[: size.assumptions]):
        said.append(_looked_back(person, word(number) or "so"))
    for number in range(min(size.assumptions, size.elements)):
        said += _judged(number, word(number) or "so")
    if known is CollectionProgress.ANSWERED:
        said.append(RegisterCompleted(by=BEN, at=at(1), answer=1, register=Kind.ASSET))
    return replay(said)


def hostile_naming(person: PersonId) -> str:
    """Return a hostile Slack display name of a person."""
    return f"<!channel> \u202e{person} *the* `great` @here"


_DAY = date(2026, 3, 9)
_ANSWERS = (Answer.NO, Answer.UNKNOWN, Answer.YES)


def _accepted(text: str) -> str:
    """What is left of a text once it was accepted as a name or a word."""
    return clean_name(f"x{text[:60]}")[:60].strip()


def _elements(
    number: int, size: ModelSize, word: Callable[[int], str], words: list[str], *, placed: bool
) -> list[Element]:
    n = number + 1
    level = ElementId(f"TL-{n}")
    other = ElementId(f"CO-{n % size.elements + 1}")
    text = words[number % len(words)]
    rating = Rating.HIGH if placed else None
    flows: list[Element] = (
        [
            DataFlow(
                id=ElementId(f"DF-{n}"),
                source=ElementId(f"CO-{n}"),
                target=other,
                assets=tuple(ElementId(f"AS-{one + 1}") for one in range(min(n, size.elements)))
                if number % 50 == 0
                else (ElementId(f"AS-{n}"),),
                entry_point=ElementId(f"EP-{n}"),
                protocol=text,
            )
        ]
        if size.elements > 1
        else []
    )
    return [
        TrustLevel(id=level, name=word(number), description=text, rank=n),
        ExternalDependency(id=ElementId(f"XD-{n}"), name=word(number), description=text),
        Component(
            id=ElementId(f"CO-{n}"),
            name=word(number + 1),
            description=text,
            sort=ComponentKind.PROCESS if placed else None,
            trust_level=level if placed else None,
            boundary=ElementId(f"TB-{number % size.boundaries + 1}") if placed else None,
        ),
        EntryPoint(
            id=ElementId(f"EP-{n}"), name=word(number), exposure=Exposure.INTERNET, lowest_trust_level=level
        ),
        Asset(
            id=ElementId(f"AS-{n}"),
            name=word(number),
            confidentiality=rating,
            stored_in=(ElementId(f"CO-{n}"),),
            readers=tuple(ElementId(f"TL-{one + 1}") for one in range(number % 150))
            if number == 149
            else (level,),
        ),
        *flows,
    ]


def _remedied(number: int, text: str) -> list[Event]:
    """What is done about a threat: each response in turn, proposals, mitigations in every state."""
    threat = ThreatId(f"TH-{number + 1}")
    told: dict[str, Any] = {"by": BEN, "at": at(2), "answer": 2}
    kind = tuple(ResponseKind)[number % 4]
    response = Response(
        threat=threat,
        kind=kind,
        by=BEN,
        at=at(2),
        owner=ANA,
        reason=text,
        due=_DAY,
        transferred_to=text[:75],
        expires=_DAY if kind is ResponseKind.ACCEPT else None,
        approver=ANA if kind is ResponseKind.ACCEPT else None,
    )
    proposal = msgspec.structs.replace(response, kind=ResponseKind.ACCEPT, expires=_DAY, asked=ANA)
    mitigation = Mitigation(
        id=MitigationId(f"MI-{number + 1}"),
        threat=threat,
        title=text[:150],
        control=tuple(ControlClass)[number % 6],
        description=text,
        owner=ANA if number % 3 else None,
        due=None if number % 2 else _DAY,
        ticket=f"https://the-house.example/{number}",
        state=tuple(MitigationState)[number % 5],
        evidence=text,
        reason=text,
        implemented_by=BEN,
        verified_by=BEN,
    )
    return [
        ResponseChosen(**told, response=response),
        *([AcceptanceProposed(**told, proposal=proposal)] if number % 3 == 0 else []),
        MitigationPlanned(**told, mitigation=mitigation),
        *_tracked(number, text, mitigation.id),
    ]


def _tracked(number: int, text: str, id: MitigationId) -> list[Event]:
    """An issue in each state, with hostile words of its tracker."""
    told: dict[str, Any] = {"by": SYSTEM, "at": at(2), "answer": 2, "mitigation": id}
    issue = IssueReference(
        tracker=TrackerId("TR-1"),
        kind=tuple(TrackerKind)[number % len(TrackerKind)],
        key=text[:75],
        url=f"https://tracker.example/{number}" if number % 2 else f"https://tracker.example/{text}",
    )
    state = tuple(IssueState)[number % len(IssueState)]
    seen = SeenIssue(state=state, reason=text, assignee=text, due=date.max)
    return [IssueLinked(**told, issue=issue), IssueSeen(**told, seen=seen)]


def _looked_back(person: PersonId, text: str) -> Event:
    answers = tuple(RetrospectiveAnswer(question=one, text=text) for one in RetrospectiveQuestion)
    return RetrospectiveAnswered(by=person, at=at(4), answer=4, answers=answers)


def _judged(number: int, reason: str) -> list[Event]:
    """A dismissal whose fact may have changed since, a row with a reason, somebody who is asked."""
    n = number + 1
    fact = AnswerAtDecision(
        element=ElementId(f"EP-{n}"), fact="caller_authenticated", answer=_ANSWERS[number % 3]
    )
    dismissal = Dismissal(
        suggested_threat=SuggestedThreatId(f"S01@DF-{n}"),
        reason=reason,
        rule_version=1,
        facts=(fact,),
        by=BEN,
        at=at(3),
        places=(
            PlacementAtDecision(
                element=ElementId(f"CO-{n}"), boundaries=(ElementId("TB-1"), ElementId("TB-2"))
            ),
        ),
    )
    row = Consideration(element=ElementId(f"CO-{n}"), reason=reason, by=BEN, at=at(3))
    asked: dict[str, Any] = {"element": ElementId(f"EP-{n}"), "fact": "caller_authenticated", "person": BEN}
    return [
        SuggestedThreatDismissed(dismissal=dismissal, by=BEN, at=at(3), answer=3),
        RowConsidered(consideration=row, by=BEN, at=at(3), answer=3),
        PersonAsked(by=BEN, at=at(3), answer=3, **asked),
    ]


def _added(element: Element) -> Event:
    told: dict[str, Any] = {"by": ANA, "at": at(1), "answer": 1}
    match element:
        case ExternalDependency():
            return ExternalDependencyAdded(**told, dependency=element)
        case EntryPoint():
            return EntryPointAdded(**told, entry_point=element)
        case Asset():
            return AssetAdded(**told, asset=element)
        case TrustLevel():
            return TrustLevelAdded(**told, level=element)
        case DataFlow():
            return DataFlowAdded(**told, flow=element)
        case Component():
            return ComponentAdded(**told, component=element)
        case TrustBoundary():
            return TrustBoundaryAdded(**told, boundary=element)


def _answer(element: str, fact: str, answer: Answer) -> Event:
    return FactAnswered(by=BEN, at=at(2), answer=2, element=ElementId(element), fact=fact, reply=answer)
