"""Tables of the threats' status, mitigations and retrospectives."""

from collections.abc import Iterable

from rich.table import Table

from bot.cli.output.text_grid import add_row, text_grid
from domain.kernel.elements import PersonId
from domain.kernel.person_names import Naming
from domain.kernel.response import Response
from domain.kernel.retrospective import Retrospective
from domain.kernel.threat import Threat
from domain.register import ThreatRegister
from domain.remediation.status import ThreatState, ThreatStatus, TrackedMitigation
from domain.wording.trackers import issue_summary, proposal_question


def standings_table(register: ThreatRegister, naming: Naming) -> Table:
    """Return how the threats stand, the worst first; who answers for each, and until when."""
    table = text_grid("Id", "Threat", "State", "Owner", "Until", "Remarks")
    for one in register.ranked:
        status = register.statuses[one.threat.id]
        add_row(table, *_standing(one.threat, status, naming))
    return table


def mitigations_table(mitigations: Iterable[TrackedMitigation], naming: Naming) -> Table:
    """Return the mitigations by id, with those that were dropped."""
    table = text_grid("Id", "Mitigation", "Against", "Control", "State", "Owner", "Due", "Remarks")
    for one in mitigations:
        told = one.mitigation
        add_row(
            table,
            told.id,
            told.title,
            ", ".join(one.threats) or one.threat,
            told.control,
            told.state,
            _who(told.owner, naming),
            told.due.isoformat() if told.due else "",
            "; ".join(_remarks(one, naming)),
        )
    return table


def retrospectives_table(retrospectives: Iterable[Retrospective], naming: Naming) -> Table:
    """Return what people answered when they looked back."""
    table = text_grid("Who", "Question", "Answer")
    for one in retrospectives:
        for answer in one.answers:
            add_row(table, naming(one.by), answer.question.text, answer.text)
    return table


def _standing(threat: Threat, status: ThreatStatus, naming: Naming) -> tuple[str, ...]:
    response = status.response
    until = status.until or (response.due if response else None)
    return (
        threat.id,
        threat.title,
        status.state.replace("_", " "),
        _who(response.owner if response else None, naming),
        until.isoformat() if until else "",
        "; ".join(_reasons(status, naming)),
    )


def _reasons(status: ThreatStatus, naming: Naming) -> Iterable[str]:
    response = status.response
    if status.overdue:
        yield "overdue"
    if status.proposal:
        asked = naming(status.proposal.asked) if status.proposal.asked else "another participant"
        yield f"waits for {asked} to approve what {_proposed(status.proposal, naming)}"
    if response is None:
        return
    if response.transferred_to:
        yield f"to {response.transferred_to}"
    if response.approver:
        verb = "was" if status.state is ThreatState.EXPIRED else "is"
        yield f"{verb} approved by {naming(response.approver)}"
    if response.reason:
        yield response.reason


def _proposed(proposal: Response, naming: Naming) -> str:
    until = f" until {proposal.expires.isoformat()}" if proposal.expires else ""
    return f"{naming(proposal.by)} proposed: accept it{until}, because {proposal.reason}"


def _remarks(one: TrackedMitigation, naming: Naming) -> Iterable[str]:
    told = one.mitigation
    if one.orphan:
        yield "its threat was withdrawn"
    if one.overdue:
        yield "overdue"
    if told.evidence:
        yield told.evidence
    if told.verified_by:
        yield f"verified by {naming(told.verified_by)}"
    if told.reason:
        yield told.reason
    if told.ticket:
        yield told.ticket
    if one.issue is not None:
        yield f"issue {issue_summary(one.issue)}"
        if one.proposal is not None:
            yield proposal_question(one.issue, one.proposal)


def _who(person: PersonId | None, naming: Naming) -> str:
    return naming(person) if person else ""
