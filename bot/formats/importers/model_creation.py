"""Creation of a model from an import."""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from msgspec.structs import replace

from bot.formats.importers.element_creation import ElementCreation
from bot.formats.importers.imported_model import (
    ImportedMitigation,
    ImportedModel,
    ImportedResponse,
    ImportedThreat,
)
from bot.formats.importers.untrusted_document import check_count
from domain.commands import (
    BeginAnalysis,
    BeginRemediation,
    ChooseLabels,
    ChooseResponse,
    Command,
    CompleteRegister,
    DropMitigation,
    ImplementMitigation,
    PlanMitigation,
    ProposeAcceptance,
    RecordAssumption,
    ReportThreat,
    ReturnToAnalysis,
    ReturnToCollection,
    StartMitigation,
    StartThreatModel,
)
from domain.events import Event, ThreatModelImported, ThreatModelStarted
from domain.kernel.elements import ChannelId, ModelKey, PersonId
from domain.kernel.length_limits import LABEL, LABELS, WORD
from domain.kernel.mitigation import TICKET_KEY, MitigationId, MitigationState
from domain.kernel.threat import ResponseKind, ThreatId
from domain.model import ThreatModel, evolve
from domain.remediation.suggestions import accepted_days

REASON = "Imported with decisions on its threats."


class CreatedModel(msgspec.Struct, frozen=True, kw_only=True):
    """The events of an imported file, the resulting model, and the differences from the file.

    `similar` are names in the file that probably mean the same.
    """

    events: tuple[Event, ...]
    model: ThreatModel
    notes: tuple[str, ...]
    similar: tuple[str, ...] = ()

    def with_key(self, key: ModelKey) -> tuple[Event, ...]:
        """Return the events with the model's key."""
        return tuple(
            replace(event, key=key) if isinstance(event, ThreatModelStarted) else event
            for event in self.events
        )

    def marked(self, *, by: PersonId, at: datetime, sealed: bool = False) -> "CreatedModel":
        """Return it with its last event: who imported it, and whether the file is sealed."""
        mark = ThreatModelImported(by=by, at=at, answer=self.model.version + 1, facilitator=by, sealed=sealed)
        return replace(self, events=(*self.events, mark), model=evolve(self.model, mark))


class _ModelCreation(ElementCreation):
    """Creation of everything in a file."""

    def __init__(self, found: ImportedModel, *, by: PersonId, at: datetime) -> None:
        super().__init__(found, by=by, at=at)
        self._threats: dict[str, ThreatId] = {}

    def create(self, key: ModelKey, channel: ChannelId) -> CreatedModel:
        found = self.found
        self.execute(
            StartThreatModel(
                **self.author,
                key=key,
                name=self.name(found.name, "the model"),
                channel=channel,
                description=self.text(found.description, "the model"),
                out_of_scope=self.text(found.out_of_scope, "what is out of scope"),
            )
        )
        self._create_labels()
        self.create_elements()
        for register in found.complete:
            complete = CompleteRegister(**self.author, register=register)
            self.attempt(complete, f"that the {register.value} list is complete")
        for assumption in found.assumptions:
            text, held_by = self.text(assumption.text, "an assumption"), self.person(assumption.held_by)
            self.attempt(RecordAssumption(**self.author, text=text, held_by=held_by), "an assumption")
        self.create_links()
        self.create_screening()
        for threat in found.threats:
            self._report(threat)
        self._decide()
        return CreatedModel(
            events=tuple(self.events),
            model=self.model,
            notes=tuple(dict.fromkeys([*found.notes, *self.notes])),
            similar=tuple(dict.fromkeys(self.similar)),
        )

    def _create_labels(self) -> None:
        """Choose the labels of a file as far as the limits allow."""
        every = (" ".join(label.split()) for label in self.found.labels)
        labels = {one.casefold(): self.cut(one, LABEL, f"the label “{one[:60]}”") for one in every if one}
        if len(labels) > LABELS:
            self.note(f"the labels: the first {LABELS} of {len(labels)}")
        chosen = tuple(labels.values())[:LABELS]
        if chosen:
            self.attempt(ChooseLabels(**self.author, labels=chosen), "the labels")

    def _report(self, one: ImportedThreat) -> None:
        what = f"threat “{one.title[:60]}”"
        link = one.link if _LINK.fullmatch(one.link) else ""
        if one.link and not link:
            self.note(f"the link of the {what}: not a web URL")
        at = self.ids.get(one.element) if one.element else None
        if one.element and at is None:
            self.note(f"the element of the {what}: “{one.element[:60]}” is not in the file")
        report = ReportThreat(
            **self.author,
            title=self.name(one.title, what),
            stride=one.stride,
            description=self.text(one.description, what),
            element=at,
            link=link,
        )
        if self.attempt(report, what):
            self._threats[one.id] = max(self.model.threats, key=lambda id: int(id.partition("-")[2]))

    def _decide(self) -> None:
        """Record the decisions, which belong to remediation, and move to the file's phase."""
        mitigations = [mitigation for mitigation in self.found.mitigations if self._served(mitigation)]
        decided = [
            (one, one.response) for one in self.found.threats if one.response and one.id in self._threats
        ]
        phase = self.found.phase
        wanted = phase if phase in ("", "collection", "analysis") else "remediation"
        if phase not in ("", "collection", "analysis", "remediation"):
            self.note(f"the phase {phase}: imported in remediation")
        remediation = bool(mitigations or decided) or wanted == "remediation"
        if remediation or wanted == "analysis":
            self.attempt(BeginAnalysis(**self.author, reason=REASON), "the phase")
        if remediation:
            self.attempt(BeginRemediation(**self.author, reason=REASON), "the phase")
        for threat, response in decided:
            self._respond(threat, response)
        for mitigation in mitigations:
            self._plan(mitigation)
        if mitigations or decided:
            if wanted == "analysis":
                self.attempt(ReturnToAnalysis(**self.author), "the phase")
            elif wanted != "remediation":
                self.attempt(ReturnToCollection(**self.author), "the phase")

    def _respond(self, threat: ImportedThreat, response: ImportedResponse) -> None:
        what = f"the decision on “{threat.title[:60]}”"
        owner = self.person(response.owner)
        if response.kind is ResponseKind.ACCEPT:
            self.note(
                f"the accepted risk of “{threat.title[:60]}”: imported as a proposal; someone else must "
                f"approve it"
            )
            expires = self.future_day(response.expires, what)
            if expires is None:
                return
            latest = self._latest(self._threats[threat.id])
            if expires > latest:
                self.note(
                    f"that the risk of “{threat.title[:60]}” is accepted until {expires.isoformat()}: "
                    f"the policy allows it until {latest.isoformat()}"
                )
                expires = latest
            proposal = ProposeAcceptance(
                **self.author,
                threat=self._threats[threat.id],
                expires=expires,
                reason=self.text(response.reason, what) or REASON,
                owner=owner,
            )
            self.attempt(proposal, what)
            return
        chosen = ChooseResponse(
            **self.author,
            threat=self._threats[threat.id],
            response=response.kind,
            reason=self.text(response.reason, what),
            transferred_to=self.cut(response.transferred_to, WORD, what),
            owner=owner,
            due=self.future_day(response.due, what),
        )
        self.attempt(chosen, what)

    def _latest(self, threat: ThreatId) -> date:
        """Return the last day until which the policy lets a risk be accepted."""
        days, _ = accepted_days(self.model, [threat])
        return self.author["at"].date() + timedelta(days=days)

    def _plan(self, one: ImportedMitigation) -> None:
        what = f"mitigation “{one.title[:60]}”"
        known = TICKET_KEY.fullmatch(one.ticket) or _LINK.fullmatch(one.ticket)
        if one.ticket and not known:
            self.note(f"the ticket of the {what}: neither a key nor a URL")
        threats = self._served(one)
        plan = PlanMitigation(
            **self.author,
            threat=threats[0],
            also=threats[1:],
            title=self.name(one.title, what),
            control=one.control,
            description=self.text(one.description, what),
            ticket=one.ticket if known else "",
            owner=self.person(one.owner),
            due=self.future_day(one.due, what),
        )
        if not self.attempt(plan, what):
            return
        id = max(self.model.mitigations, key=lambda id: int(id.partition("-")[2]))
        for command in self._steps(one, id, what):
            self.attempt(command, f"how far the {what} has come")

    def _served(self, one: ImportedMitigation) -> tuple[ThreatId, ...]:
        """Return the threats that a mitigation serves, as far as they were imported."""
        return tuple(self._threats[id] for id in (one.threat, *one.also) if id in self._threats)

    def _steps(self, one: ImportedMitigation, id: MitigationId, what: str) -> Sequence[Command]:
        fields: dict[str, Any] = {**self.author, "mitigation": id}
        match one.state:
            case MitigationState.PLANNED:
                return ()
            case MitigationState.STARTED:
                return (StartMitigation(**fields),)
            case MitigationState.DROPPED:
                return (DropMitigation(**fields, reason=self.text(one.reason, what) or REASON),)
            case MitigationState.IMPLEMENTED | MitigationState.VERIFIED:
                if one.state is MitigationState.VERIFIED:
                    self.note(f"the verification of the {what}: someone must verify it again")
                evidence = self.text(one.evidence, what) or "Stated in the imported file."
                return (ImplementMitigation(**fields, evidence=evidence),)


_LINK = re.compile(r"https?://[^\s<>|\"\\\x00-\x1f]{1,980}")


def create_model(
    found: ImportedModel, *, key: ModelKey, channel: ChannelId, by: PersonId, at: datetime
) -> CreatedModel:
    """Create the model of an imported file; raises UnreadableFile if it is too large."""
    others = len(found.complete) + len(found.assumptions) + len(found.links) + len(found.screening)
    check_count(len(found.elements) + len(found.threats) + len(found.mitigations) + others)
    return _ModelCreation(found, by=by, at=at).create(key, channel)
