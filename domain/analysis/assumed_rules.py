"""Rules under assumptions: which questions an assumption skips, and which it only suggests an answer to.

A rule fires by stated answers alone. Where they leave it open, it is evaluated again with the assumed
answers added: if these settle it, nothing needs to be asked.
"""

from functools import cached_property

import msgspec
from msgspec.structs import replace

from domain.implied_facts import AssumedFacts, assumptions_in_force
from domain.kernel.answer import Answer
from domain.kernel.elements import Asset, DataFlow, DataKind, ElementId, EntryPoint, Rating
from domain.model import ThreatModel
from domain.rules.conditions import FALSE, TRUE, Asked, ConditionResult
from domain.rules.model_index import ModelIndex, RuleTarget
from domain.rules.rule import Rule


class SettledRule(msgspec.Struct, frozen=True, kw_only=True):
    """What assumptions make of a rule that answers leave open.

    `clear` if they settle it without a question; `facts` are those that matter, `open` the questions left.
    """

    clear: bool
    facts: tuple[Asked, ...]
    open: tuple[Asked, ...]


class AssumedRules:
    """Evaluation of rules with the assumed facts of a model added to its answers."""

    def __init__(self, survey: ModelIndex) -> None:
        self.facts: AssumedFacts = assumptions_in_force(survey.model)
        self._survey = survey

    @cached_property
    def _assuming(self) -> ModelIndex:
        """Return the index of the model with the assumed facts as answers."""
        facts = self._survey.model.facts
        for about, one in self.facts.items():
            facts = facts.insert(about, one.answer)
        return ModelIndex(
            replace(self._survey.model, facts=facts), self._survey.crossings, self._survey.accepted
        )

    def settle(self, rule: Rule, about: RuleTarget) -> SettledRule | None:
        """Return what the assumptions make of an open rule; None if none of them matters to it."""
        if not self.facts:
            return None
        assuming = self._assuming.about(about.element)
        if about.peer is not None:
            assuming = replace(assuming, peer=about.peer, cache={})
        applies, controlled = rule.applies.of(assuming), rule.controlled.of(assuming)
        if applies.truth is FALSE:
            used = applies.used
        elif controlled.truth is TRUE:
            used = controlled.used
        else:
            used = (*applies.used, *controlled.used)
        relied_on = tuple(dict.fromkeys(one for one in used if one in self.facts))
        if not relied_on:
            return None
        at_stake = tuple(one for one in relied_on if needs_confirmation(self._survey, one[0]))
        # Nothing is asked while something is missing that no question asks for, such as a placement.
        to_confirm = () if applies.unclear else at_stake
        if applies.truth is FALSE or controlled.truth is TRUE:
            # A person confirms the assumptions where something is at stake: they are the questions then.
            return SettledRule(clear=not at_stake, facts=relied_on, open=to_confirm)
        if applies.truth is TRUE and controlled.truth is FALSE:
            # No assumption makes a suggested threat: what it rests on is asked.
            return SettledRule(clear=False, facts=relied_on, open=relied_on)
        left = to_confirm if at_stake else open_facts(applies, controlled, self._survey.model)
        return SettledRule(clear=False, facts=relied_on, open=left)


def open_facts(
    applies: ConditionResult, controlled: ConditionResult, model: ThreatModel
) -> tuple[Asked, ...]:
    """Return the open facts: first whether the rule applies, and only then whether a control exists.

    While the control is unknown, whether the rule applies makes no difference.
    """
    if controlled.truth is TRUE:
        return ()
    if applies.truth is TRUE or waits_for_unknown(controlled, model):
        return controlled.open
    return () if applies.unclear else applies.open


def waits_for_unknown(controlled: ConditionResult, model: ThreatModel) -> bool:
    """Return whether a control stays undecided because of answers of *don't know* alone."""
    return bool(controlled.open) and all(model.facts.get(one) is Answer.UNKNOWN for one in controlled.open)


def needs_confirmation(survey: ModelIndex, id: ElementId) -> bool:
    """Return whether assumptions about an element are questions: they touch a high-rated asset.

    What is assumed of a flow is what the protocol means that a person stated there, and is not asked again.
    """
    if isinstance(survey.model.elements.get(id), DataFlow):
        return False
    flows = survey.flows_through.get(id, ()) if isinstance(survey.model.elements.get(id), EntryPoint) else ()
    touched = (*survey.touched_by(id), *(asset for flow in flows for asset in flow.carried))
    return any(_is_high_rated(survey, survey.assets[one]) for one in touched if one in survey.assets)


def _is_high_rated(survey: ModelIndex, asset: Asset) -> bool:
    """Return whether an asset is a credential, is rated high in any quality, or has no rating at all."""
    if asset.data is DataKind.CREDENTIAL:
        return True
    answers = survey.facts.get(asset.id, {})
    ratings = (
        (asset.confidentiality, "confidential"),
        (asset.integrity, "integrity_critical"),
        (asset.availability, "availability_critical"),
    )
    known = [_high(rating, answers.get(fact)) for rating, fact in ratings]
    return True in known or not any(one is not None for one in known)


def _high(rating: Rating | None, answer: Answer | None) -> bool | None:
    if rating is not None:
        return rating is Rating.HIGH
    return {Answer.YES: True, Answer.NO: False}.get(answer) if answer else None
