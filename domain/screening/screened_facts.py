"""What a screening means for the model: answers for all elements, and topics that came up again."""

import re
from collections.abc import Iterable, Iterator, Mapping, Set, Sized
from functools import lru_cache

import msgspec
from msgspec.structs import replace

from domain.catalog import Catalog
from domain.facts.fact_implications import IMPLICATIONS
from domain.facts.screening_topics import SCREENING_GROUPS, ScreeningGroup, ScreeningTopic
from domain.kernel.answer import Answer
from domain.kernel.elements import (
    Asset,
    DataFlow,
    Element,
    ElementId,
    EntryPoint,
    ExternalDependency,
    kind_of,
    kind_of_id,
)
from domain.kernel.latest_results import keep_latest
from domain.kernel.persistent_maps import items_of
from domain.kernel.screening_answer import ScreeningAnswer
from domain.lifecycle import phase_of
from domain.model import ThreatModel
from domain.model.element_labels import label
from domain.model.threat_model import Elements, Facts, Links
from domain.rules.conditions import FALSE, facts_of
from domain.rules.model_index import ModelIndex
from domain.rules.preconditions import why_excluded
from domain.rules.rule import Rule


class TopicStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A topic with its answer; `reopened_by` are elements added since that suggest it, with their names.

    `absent` says why no element can have the feature as the model is described; then it is not asked.
    """

    topic: ScreeningTopic
    answer: ScreeningAnswer | None = None
    reopened_by: tuple[tuple[ElementId, str], ...] = ()
    absent: str = ""

    @property
    def screened_out(self) -> bool:
        """Return whether the team has said that it does not exist."""
        return self.answer is not None and self.answer.answer is Answer.NO

    @property
    def unsure(self) -> bool:
        """Return whether the team has said that it does not know whether it exists."""
        return self.answer is not None and self.answer.answer is Answer.UNKNOWN

    @property
    def unconfirmed(self) -> bool:
        """Return whether a second person still has to agree that it does not exist."""
        return self.answer is not None and self.screened_out and self.answer.confirmed_by is None

    @property
    def open(self) -> bool:
        """Return whether it may exist and was never asked, or came up again."""
        return (self.answer is None and not self.absent) or bool(self.reopened_by)


def topic_statuses(model: ThreatModel) -> tuple[TopicStatus, ...]:
    """Return every topic with its answer."""
    absent = _absent_topics(model.elements, model.links, model.catalog)
    return tuple(
        TopicStatus(
            topic=topic,
            answer=model.screening.get(id),
            reopened_by=tuple(_reopening(model, topic)),
            absent=absent.get(id, ""),
        )
        for id, topic in model.catalog.topics.items()
    )


class ScreeningLine(msgspec.Struct, frozen=True, kw_only=True):
    """A question of the screening: which features of a group exist."""

    group: ScreeningGroup
    topics: tuple[TopicStatus, ...]

    @property
    def open(self) -> bool:
        """Return whether any of its topics may exist and was never asked."""
        return any(one.open for one in self.topics)


def screening_lines(statuses: Iterable[TopicStatus]) -> tuple[ScreeningLine, ...]:
    """Return the topics that may exist, by group."""
    by_id = {one.topic.id: one for one in statuses if one.answer or not one.absent}
    lines = (
        ScreeningLine(group=group, topics=tuple(by_id[id] for id in group.topics if id in by_id))
        for group in SCREENING_GROUPS
    )
    return tuple(line for line in lines if line.topics)


# Elements stay the same while people answer.
@keep_latest(8)
def _absent_topics(elements: Elements, links: Links, catalog: Catalog) -> Mapping[str, str]:
    """Return why each topic cannot exist at any element, for those that cannot; none without elements."""
    index = ModelIndex(ThreatModel(catalog=catalog, elements=elements, links=links))
    absent = {id: _why_absent(index, topic) for id, topic in catalog.topics.items()} if index.flows else {}
    return {id: reason for id, reason in absent.items() if reason}


def _why_absent(index: ModelIndex, topic: ScreeningTopic) -> str:
    """Return why no rule about a topic can apply anywhere; empty if one may."""
    reasons: dict[str, None] = {}
    for rule in _rules_about(index.catalog, topic.facts):
        for kind in rule.kinds:
            for element in index.of_kind[kind]:
                about = index.about(element)
                if rule.applies.of(about).truth is FALSE:
                    continue
                reason = why_excluded(rule, about)
                if not reason:
                    return ""
                reasons[reason] = None
    return next(iter(reasons), _NOWHERE)


@lru_cache(maxsize=64)
def _rules_about(catalog: Catalog, facts: tuple[str, ...]) -> tuple[Rule, ...]:
    """Return the rules that apply only where one of these facts is true."""
    return tuple(rule for rule in catalog.rules if not facts_of(rule.applies).isdisjoint(facts))


def suggesting(model: ThreatModel, topic: ScreeningTopic) -> tuple[ElementId, ...]:
    """Return the elements whose names, descriptions or protocols suggest a topic."""
    hints = model.catalog.topic_hints[topic.id]
    return tuple(id for id, element in items_of(model.elements) if _suggests(hints, _words(element)))


def with_screening(model: ThreatModel) -> ThreatModel:
    """Return the model with the answers of the screening for each of its facts that was not answered.

    *No* holds for every element; so does *don't know*, until an element is known to have the feature, and
    where no technology suggests an answer. The rules see this model, also with the facts that answers imply.
    Only facts that make a rule apply are screened, so the screening never makes a finding.
    """
    model = _with_implications(model)
    said = _screening_answers(model)
    if not said:
        return model
    facts = model.facts
    asked_again = {id: {one for one, _ in _reopening(model, model.catalog.topics[id])} for id in said}
    for fact, topics in _topics_of_facts(model.catalog).items():
        answers = {said.get(id) for id in topics}
        if answers <= {Answer.NO, Answer.UNKNOWN}:
            suspects = _attached(model, set[ElementId]().union(*(asked_again[id] for id in topics)))
            if Answer.UNKNOWN in answers:
                facts = _with_answer(model, facts, fact, Answer.UNKNOWN, suspects | _assuming(model, fact))
            else:
                facts = _with_answer(model, facts, fact, Answer.NO, suspects)
    return replace(model, facts=facts)


def _screening_answers(model: ThreatModel) -> Mapping[str, Answer]:
    """Return the answer about each topic; *yes* if it was not known, and an element has the feature."""
    found = {id: one.answer for id, one in items_of(model.screening) if id in model.catalog.topics}
    if Answer.UNKNOWN in found.values():
        exist = {fact for (_, fact), answer in items_of(model.facts) if answer is Answer.YES}
        for id, answer in found.items():
            if answer is Answer.UNKNOWN and not exist.isdisjoint(model.catalog.topics[id].facts):
                found[id] = Answer.YES
    return found


def without_open_topics(model: ThreatModel) -> ThreatModel:
    """Return the model as if no feature existed that the screening still asks about."""
    said, facts = _screening_answers(model), model.facts
    for fact, topics in _topics_of_facts(model.catalog).items():
        answers = {said.get(id) for id in topics}
        if None in answers and Answer.YES not in answers:
            facts = _with_answer(model, facts, fact, Answer.NO, _assuming(model, fact))
    return replace(model, facts=facts)


def _with_answer(
    model: ThreatModel, facts: Facts, fact: str, answer: Answer, others: Set[ElementId]
) -> Facts:
    """Return the facts with an answer about one of them for each element without any but the others."""
    for kind in model.catalog.facts[fact].kinds:
        for element in model.of_kind(kind):
            if (element.id, fact) not in facts and element.id not in others:
                facts = facts.insert((element.id, fact), answer)
    return facts


def _assuming(model: ThreatModel, fact: str) -> frozenset[ElementId]:
    """Return the elements whose technology suggests an answer about a fact."""
    return frozenset(
        id for id, known in items_of(model.assumed) if any(one.fact == fact for one in known.facts)
    )


def _with_implications(model: ThreatModel) -> ThreatModel:
    """Return the model with *yes* for each fact without an answer that another *yes* implies.

    It rests on what the implying answer rests on.
    """
    facts, bases = model.facts, model.bases
    implying = [about for about, answer in items_of(facts) if answer is Answer.YES and about[1] in _IMPLIED]
    while implying:
        id, fact = implying.pop()
        for implied in _IMPLIED.get(fact, ()):
            about, declared = (id, implied), model.catalog.facts.get(implied)
            fits = declared is not None and id in model.elements and kind_of_id(id) in declared.kinds
            if not fits or about in facts:
                continue
            facts = facts.insert(about, Answer.YES)
            if basis := model.bases.get((id, fact)):
                bases = bases.insert(about, basis)
            implying.append(about)
    return model if facts is model.facts else replace(model, facts=facts, bases=bases)


_IMPLIED = {
    one.fact: tuple(other.implied for other in IMPLICATIONS if other.fact == one.fact) for one in IMPLICATIONS
}


@lru_cache(maxsize=8)
def _topics_of_facts(catalog: Catalog) -> dict[str, frozenset[str]]:
    """Return the topics of each fact: it is screened out only if all of them are."""
    found: dict[str, set[str]] = {}
    for topic in catalog.topics.values():
        for fact in topic.facts:
            found.setdefault(fact, set()).add(topic.id)
    return {fact: frozenset(topics) for fact, topics in found.items()}


def _reopening(model: ThreatModel, topic: ScreeningTopic) -> Iterator[tuple[ElementId, str]]:
    """Yield the elements that suggest a topic, and did not when it was answered with *no* or *don't know*."""
    said = model.screening.get(topic.id)
    if said is None or said.answer is Answer.YES:
        return
    for id in suggesting(model, topic):
        if id not in said.known and not _answered(model, topic, id):
            yield id, label(model, model.elements[id])


def _answered(model: ThreatModel, topic: ScreeningTopic, id: ElementId) -> bool:
    """Return whether the facts of a topic that an element can have were answered for it."""
    kind = kind_of(model.elements[id])
    own = [fact for fact in topic.facts if kind in model.catalog.facts[fact].kinds]
    return bool(own) and all((id, fact) in model.facts for fact in own)


def _attached(model: ThreatModel, suspects: Set[ElementId]) -> frozenset[ElementId]:
    """Return elements with the flows and entry points that lead to them, where most facts are asked."""
    flows = [one for one in model.of_type(DataFlow) if not suspects.isdisjoint((one.source, one.target))]
    doors = (entry_point.id for entry_point in model.of_type(EntryPoint) if entry_point.component in suspects)
    passed = (flow.entry_point for flow in flows if flow.entry_point and flow.target in suspects)
    return frozenset((*suspects, *(flow.id for flow in flows), *doors, *passed))


@lru_cache(maxsize=8192)
def _suggests(hints: re.Pattern[str], words: str) -> bool:
    return hints.search(words) is not None


def _words(element: Element) -> str:
    """Return what suggests a topic: name, description, protocol and sort."""
    words = [element.name, element.description]
    if isinstance(element, DataFlow | EntryPoint):
        words.append(element.protocol)
    if isinstance(element, Asset | ExternalDependency):
        words.append(element.sort)
    return " ".join(words)


class PendingScreening(msgspec.Struct, frozen=True, kw_only=True):
    """Number of open topics of a screening, of all `topics`."""

    open: int
    topics: int

    @property
    def open_topics(self) -> str:
        """Return how many topics are open: `9 of 14 topics open`."""
        return f"{self.open} of {self.topics} topics open"

    @property
    def text(self) -> str:
        """Return what is shown instead of a number of questions: `Screening: 9 of 14 topics open`."""
        return f"Screening: {self.open_topics}"


def pending_screening(model: ThreatModel, questions: Sized) -> PendingScreening | None:
    """Return the screening if it is shown instead of the number of open questions; None otherwise.

    Screening removes many questions, so their number tells nothing before each topic was answered once. A
    topic that a later element reopens adds few questions and does not hide the number again. From analysis
    on the number is shown in any case: the team has decided to go on without the screening.
    """
    if phase_of(model.step) != "collection" or not len(questions):
        return None
    statuses = [status for status in topic_statuses(model) if status.answer or not status.absent]
    if all(status.answer for status in statuses):
        return None
    return PendingScreening(open=sum(status.open for status in statuses), topics=len(statuses))


_NOWHERE = "no element can have it"
