"""Creation of an imported file's threats and decisions."""

import re
from collections.abc import Sequence
from datetime import date, timedelta

from bot.formats.importers.import_session import ImportSession
from bot.formats.importers.imported_model import (
    ImportedMitigation,
    ImportedModel,
    ImportedResponse,
    ImportedThreat,
)
from domain.commands import (
    BeginAnalysis,
    BeginRemediation,
    ChooseResponse,
    Command,
    DropMitigation,
    ImplementMitigation,
    PlanMitigation,
    ProposeAcceptance,
    ReportThreat,
    ReturnToAnalysis,
    ReturnToCollection,
    StartMitigation,
)
from domain.kernel.length_limits import WORD
from domain.kernel.mitigation import TICKET_KEY, MitigationId, MitigationState
from domain.kernel.response import ResponseKind
from domain.kernel.threat import ThreatId
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
