"""Creation of a model from an import."""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import msgspec
from msgspec.structs import replace

from bot.formats.importers.element_creation import (
    ElementCreation,
    ImportSession,
    create_links,
    create_screening,
)
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
from domain.kernel.response import ResponseKind
from domain.kernel.threat import ThreatId
from domain.model import ThreatModel, evolve
from domain.remediation.suggestions import accepted_days

REASON = "Imported with decisions on its threats."


class ThreatCreation:
    """Creation of a file's threats in an import session, once the elements exist."""

    def __init__(self, found: ImportedModel, session: ImportSession) -> None:
        self._found = found
        self._session = session
        self._threats: dict[str, ThreatId] = {}

    def create(self) -> None:
        """Create every threat, then the responses and mitigations."""
        for one in self._found.threats:
            self._report(one)
        self._decide()

    def _report(self, one: ImportedThreat) -> None:
        what = f"threat “{one.title[:60]}”"
        link = one.link if _LINK.fullmatch(one.link) else ""
        if one.link and not link:
            self._session.note(f"the link of the {what}: not a web URL")
        at = self._session.ids.get(one.element) if one.element else None
        if one.element and at is None:
            self._session.note(f"the element of the {what}: “{one.element[:60]}” is not in the file")
        report = ReportThreat(
            **self._session.author_fields,
            title=self._session.name(one.title, what),
            stride=one.stride,
            description=self._session.text(one.description, what),
            element=at,
            link=link,
        )
        if self._session.attempt(report, what):
            self._threats[one.id] = max(self._session.model.threats, key=lambda id: int(id.partition("-")[2]))

    def _decide(self) -> None:
        """Record the decisions, which belong to remediation, and move to the file's phase."""
        mitigations = [one for one in self._found.mitigations if self._served(one)]
        decided = [one for one in self._found.threats if one.response and one.id in self._threats]
        phase = self._found.phase
        wanted = (
            phase if phase in ("collection", "analysis", "remediation") else "remediation" if phase else ""
        )
        if phase and phase != wanted:
            self._session.note(f"the phase {phase}: imported in remediation")
        if mitigations or decided or wanted in ("analysis", "remediation"):
            self._session.attempt(BeginAnalysis(**self._session.author_fields, reason=REASON), "the phase")
        if mitigations or decided or wanted == "remediation":
            self._session.attempt(BeginRemediation(**self._session.author_fields, reason=REASON), "the phase")
        for threat in decided:
            self._respond(threat, threat.response)
        for one in mitigations:
            self._plan(one)
        if (mitigations or decided) and wanted == "analysis":
            self._session.attempt(ReturnToAnalysis(**self._session.author_fields), "the phase")
        elif (mitigations or decided) and wanted in ("", "collection"):
            self._session.attempt(ReturnToCollection(**self._session.author_fields), "the phase")

    def _respond(self, threat: ImportedThreat, response: ImportedResponse | None) -> None:
        what = f"the decision on “{threat.title[:60]}”"
        if response is None:
            return
        owner = self._session.person(response.owner)
        if response.kind is ResponseKind.ACCEPT:
            self._session.note(
                f"the accepted risk of “{threat.title[:60]}”: imported as a proposal; someone else must "
                f"approve it"
            )
            expires = self._session.future_day(response.expires, what)
            if expires is None:
                return
            latest = self._latest(self._threats[threat.id])
            if expires > latest:
                self._session.note(
                    f"that the risk of “{threat.title[:60]}” is accepted until {expires.isoformat()}: "
                    f"the policy allows it until {latest.isoformat()}"
                )
                expires = latest
            proposal = ProposeAcceptance(
                **self._session.author_fields,
                threat=self._threats[threat.id],
                expires=expires,
                reason=self._session.text(response.reason, what) or REASON,
                owner=owner,
            )
            self._session.attempt(proposal, what)
            return
        chosen = ChooseResponse(
            **self._session.author_fields,
            threat=self._threats[threat.id],
            response=response.kind,
            reason=self._session.text(response.reason, what),
            transferred_to=self._session.cut(response.transferred_to, WORD, what),
            owner=owner,
            due=self._session.future_day(response.due, what),
        )
        self._session.attempt(chosen, what)

    def _latest(self, threat: ThreatId) -> date:
        """Return the last day until which the policy lets a risk be accepted."""
        days, _ = accepted_days(self._session.model, [threat])
        return self._session.author_fields["at"].date() + timedelta(days=days)

    def _plan(self, one: ImportedMitigation) -> None:
        what = f"mitigation “{one.title[:60]}”"
        known = TICKET_KEY.fullmatch(one.ticket) or _LINK.fullmatch(one.ticket)
        if one.ticket and not known:
            self._session.note(f"the ticket of the {what}: neither a key nor a URL")
        threats = self._served(one)
        plan = PlanMitigation(
            **self._session.author_fields,
            threat=threats[0],
            also=threats[1:],
            title=self._session.name(one.title, what),
            control=one.control,
            description=self._session.text(one.description, what),
            ticket=one.ticket if known else "",
            owner=self._session.person(one.owner),
            due=self._session.future_day(one.due, what),
        )
        if not self._session.attempt(plan, what):
            return
        id = max(self._session.model.mitigations, key=lambda id: int(id.partition("-")[2]))
        for command in self._steps(one, id, what):
            self._session.attempt(command, f"how far the {what} has come")

    def _served(self, one: ImportedMitigation) -> tuple[ThreatId, ...]:
        """Return the threats that a mitigation serves, as far as they were imported."""
        return tuple(self._threats[id] for id in (one.threat, *one.also) if id in self._threats)

    def _steps(self, one: ImportedMitigation, id: MitigationId, what: str) -> Sequence[Command]:
        match one.state:
            case MitigationState.PLANNED:
                return ()
            case MitigationState.STARTED:
                return (StartMitigation(**self._session.author_fields, mitigation=id),)
            case MitigationState.DROPPED:
                reason = self._session.text(one.reason, what) or REASON
                return (DropMitigation(**self._session.author_fields, mitigation=id, reason=reason),)
            case MitigationState.IMPLEMENTED | MitigationState.VERIFIED:
                if one.state is MitigationState.VERIFIED:
                    self._session.note(f"the verification of the {what}: someone must verify it again")
                evidence = self._session.text(one.evidence, what) or "Stated in the imported file."
                return (ImplementMitigation(**self._session.author_fields, mitigation=id, evidence=evidence),)


_LINK = re.compile(r"https?://[^\s<>|\"\\\x00-\x1f]{1,980}")


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


def create_model(
    found: ImportedModel, *, key: ModelKey, channel: ChannelId, by: PersonId, at: datetime
) -> CreatedModel:
    """Create the model of an imported file; raises UnreadableFile if it is too large."""
    others = len(found.complete) + len(found.assumptions) + len(found.links) + len(found.screening)
    check_count(len(found.elements) + len(found.threats) + len(found.mitigations) + others)
    session = ImportSession(by=by, at=at)
    session.execute(
        StartThreatModel(
            **session.author_fields,
            key=key,
            name=session.name(found.name, "the model"),
            channel=channel,
            description=session.text(found.description, "the model"),
            out_of_scope=session.text(found.out_of_scope, "what is out of scope"),
        )
    )
    _create_labels(found, session)
    ElementCreation(found, session).create()
    for one in found.complete:
        session.attempt(
            CompleteRegister(**session.author_fields, register=one), f"that the {one.value} list is complete"
        )
    for one in found.assumptions:
        taken = RecordAssumption(
            **session.author_fields,
            text=session.text(one.text, "an assumption"),
            held_by=session.person(one.held_by),
        )
        session.attempt(taken, "an assumption")
    create_links(found, session)
    create_screening(found, session)
    ThreatCreation(found, session).create()
    return CreatedModel(
        events=tuple(session.events),
        model=session.model,
        notes=tuple(dict.fromkeys([*found.notes, *session.notes])),
        similar=tuple(dict.fromkeys(session.similar)),
    )


def _create_labels(found: ImportedModel, session: ImportSession) -> None:
    """Choose the labels of a file as far as the limits allow."""
    every = (" ".join(one.split()) for one in found.labels)
    labels = {one.casefold(): session.cut(one, LABEL, f"the label “{one[:60]}”") for one in every if one}
    if len(labels) > LABELS:
        session.note(f"the labels: the first {LABELS} of {len(labels)}")
    chosen = tuple(labels.values())[:LABELS]
    if chosen:
        session.attempt(ChooseLabels(**session.author_fields, labels=chosen), "the labels")
