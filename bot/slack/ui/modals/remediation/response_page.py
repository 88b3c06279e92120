"""Page of one threat in the plan: its response, and its mitigations."""

from collections.abc import Iterator

from msgspec.structs import replace

from bot.slack.protocol.block_builders import (
    Block,
    View,
    button_row,
    confirm,
    context,
    divider,
    link_button,
    modal,
    section,
)
from bot.slack.protocol.escaping import escape, escape_name
from bot.slack.protocol.slack_limits import BUTTON_URL
from bot.slack.protocol.targets import (
    Action,
    ButtonKind,
    LinkTarget,
    ProposalTarget,
    ReminderTarget,
    Target,
    ThreatResponseTarget,
)
from bot.slack.screens.page_data import PageData
from bot.slack.ui.modals.page_declaration import Page
from bot.slack.ui.modals.remediation.mitigation_form import (
    due_date_reason,
    is_mitigation,
    mitigation_of_target,
)
from bot.slack.ui.modals.remediation.plan_page import residual_button
from bot.slack.ui.modals.remediation.progress_forms import link_text
from bot.slack.ui.modals.remediation.response_forms import threat_of_target
from bot.slack.ui.model_buttons import ButtonLooks, ModelButtons
from bot.slack.ui.texts.common_texts import first_lines, person_name
from bot.slack.ui.texts.remediation_texts import (
    place_suffix,
    places_text,
    progress_text,
    response_reason,
    threat_status_text,
)
from bot.slack.ui.texts.score_texts import score_line
from bot.slack.ui.texts.tracker_texts import issue_lines
from domain.commands import ApproveAcceptance, ChooseResponse, ReassignApproval, StartMitigation
from domain.kernel.due_dates import short_day
from domain.kernel.mitigation import TICKET_KEY, Mitigation, MitigationState
from domain.kernel.threat import Response, ResponseKind, Threat
from domain.remediation.reviewers import done_by
from domain.remediation.status import ThreatStatus, TrackedMitigation
from domain.remediation.suggestions import CLASS_OF, combined_suggestion
from domain.wording.voting import imported_score


def mitigation_rows(showing: PageData, tracked: TrackedMitigation) -> list[Block]:
    """Return two blocks: a mitigation, and the buttons of its next steps if it may be changed."""
    one = tracked.mitigation
    lines = [
        f"*{escape_name(one.title)}* · {one.id}{place_suffix(tracked)} · {one.control}",
        progress_text(tracked, showing.naming),
        *_links_and_due(showing, tracked),
        escape(one.description, _TEXT) if one.description else "",
        *issue_lines(tracked),
    ]
    issue = tracked.issue.issue if tracked.issue else None
    if TICKET_KEY.fullmatch(one.ticket) and not (issue and one.ticket == issue.key):
        lines.append(f"Ticket: {escape(one.ticket)}")  # that of the issue has a line of its own
    if one.evidence:
        lines.append(f"Evidence: {escape(one.evidence, _TEXT)}")
    if one.reason:
        because = _BECAUSE.get(one.state, "Rejected in verification")
        lines.append(f"{because}: “{escape(one.reason, _TEXT)}”")
    if one.state is MitigationState.IMPLEMENTED and showing.reader in done_by(one):
        lines.append("Someone else must verify it.")
    buttons = list(_steps(showing, tracked)) if showing.register.allows(StartMitigation) else []
    address = one.ticket.startswith(("https://", "http://")) and len(one.ticket) <= BUTTON_URL
    if address and not (issue and one.ticket == issue.url):  # the link of the issue leads there
        buttons.append({**link_button("Ticket", one.ticket), "action_id": f"{ButtonKind.LINK}:{one.id}"})
    return [section("\n".join(filter(None, lines))), *button_row(*buttons)]


_BECAUSE = {MitigationState.DROPPED: "Dropped", MitigationState.VERIFIED: "Rejected earlier"}


def _links_and_due(showing: PageData, tracked: TrackedMitigation) -> Iterator[str]:
    """Yield the other threats that a mitigation serves, where it is verified, and an earlier due date."""
    one, register = tracked.mitigation, showing.register
    other = [id for id in tracked.threats if id != showing.target.element]
    if other:
        yield f"Other threats: {', '.join(other[:_OTHERS])}{' and more' if len(other) > _OTHERS else ''}"
    if tracked.places_done:
        marks = dict.fromkeys(tracked.unimplemented, "○")
        ticks = [f"{marks.get(link, '✓')} {link_text(register, link)}" for link in tracked.links]
        yield from first_lines([escape_name(tick, _PLACE) for tick in ticks], _OTHERS)
    if len(tracked.links) > 1 and one.state is MitigationState.IMPLEMENTED:
        verified = len(tracked.links) - len(tracked.unverified)
        yield f"Verified for {verified} of {len(tracked.links)} threats and places"
    if one.state.to_do:
        every = (register.suggestions[id] for id in tracked.threats if id in register.suggestions)
        suggested = combined_suggestion(every)
        due = suggested.due()
        if due is not None and (one.due is None or one.due > due):
            yield f"Suggested due date: {short_day(due)}. {due_date_reason(suggested)}"


def mitigation_buttons(stream: str, one: Mitigation, *, back: str = "") -> list[Block]:
    """Return the buttons for the next step of a mitigation and for its reassignment, for its owner."""
    press, buttons = _MitigationButtons(stream, one, back), list[Block]()
    if one.state is MitigationState.PLANNED:
        buttons.append(press.does("Start", Action.START_MITIGATION))
    if one.state.to_do:
        buttons.append(press.opens("Mark as implemented…", "implement", primary=True))
        buttons.append(press.opens("Reassign…", "reassign"))
    return buttons


class _MitigationButtons:
    """Maker of the buttons about a mitigation."""

    def __init__(self, stream: str, one: Mitigation, back: str) -> None:
        self._make, self._id = ModelButtons(stream, back), one.id

    def does(self, label: str, action: Action) -> Block:
        """Return a button that executes an action."""
        return self._make.does(
            label, action, self._id, suffix=f"{action}-{self._id}", spoken=self._spoken(label)
        )

    def opens(self, label: str, form: str, *, primary: bool = False) -> Block:
        """Return a button that opens a form."""
        suffix, spoken = f"{form}-{self._id}", self._spoken(label)
        return self._make.opens(label, form, self._id, primary=primary, suffix=suffix, spoken=spoken)

    def _spoken(self, label: str) -> str:
        return f"{label.rstrip('…')}: {self._id}"


def verify_button(
    stream: str, one: Mitigation, *, several: bool = False, reminder: str = "", back: str = ""
) -> Block:
    """Return the button that verifies a mitigation, or opens the form for `several` threats and places.

    `reminder` is the key of the reminder that has it.
    """
    make, about = ModelButtons(stream, back), ReminderTarget(element=one.id, reminder=reminder)
    looks = ButtonLooks(
        suffix=f"verify-{(reminder or one.id)[-_SUFFIX:]}", primary=True, spoken=f"Verify {one.id}"
    )
    if several:
        return make.opens("Verify…", replace(about, name="verify_links"), **looks)
    looks["confirm"] = confirm(
        f"Verify {one.id}?",
        "You confirm that you checked it and that it is effective. Your name is recorded.",
        yes="Verify",
    )
    return make.does("Verify", replace(about, name=Action.VERIFY), **looks)


def _steps(showing: PageData, tracked: TrackedMitigation) -> Iterator[Block]:
    """Yield the permitted actions, next step first."""
    one, state = tracked.mitigation, tracked.mitigation.state
    stream, back = showing.target.stream, "response"
    press = _MitigationButtons(stream, one, back)
    if state is MitigationState.DROPPED:
        yield press.does("Restore", Action.RESUME)
        return
    yield from mitigation_buttons(stream, one, back=back)
    if tracked.proposal is not None:
        yield press.does("Keep as is", Action.DISMISS_ISSUE)
    verifying = state is MitigationState.IMPLEMENTED
    if verifying and showing.reader not in done_by(one):
        yield verify_button(stream, one, several=len(tracked.links) > 1, back=back)
    if verifying or state is MitigationState.VERIFIED:
        yield press.opens("Reject…", "refuse")
    if verifying:
        yield press.opens("Reassign…", "reassign")
    if state.to_do:
        yield press.opens("Change due date…", "reschedule")
    if tracked.can_request_issue:
        yield press.does("Create issue", Action.REQUEST_ISSUE)
    elif tracked.issue is not None:
        yield press.does("Unlink issue", Action.UNLINK_ISSUE)
    threat = showing.target.element
    if len(tracked.threats) > 1 and threat in tracked.threats:
        target = LinkTarget(name=Action.UNLINK, element=one.id, threat=threat)
        spoken = f"Remove {one.id} from {threat}"
        yield ModelButtons(stream).does(
            f"Remove from {threat}", target, suffix=f"unlink-{one.id}", spoken=spoken
        )
    yield press.opens("Revise…", "mitigation")
    yield press.opens("Drop…", "drop")


_TEXT = 600
_SUFFIX = 200
_OTHERS = 8
_PLACE = 150


def response_page(showing: PageData) -> View:
    """Return a threat, its response and its mitigations; for an orphaned mitigation, only that."""
    target, register = showing.target, showing.register
    make = ModelButtons(target.stream, back="response")
    plan = make.turns("All threats", "plan", spoken="All threats in the plan")
    foot = [divider(), *button_row(plan, residual_button(showing))]
    if is_mitigation(target):
        tracked = mitigation_of_target(register, target)
        if tracked.orphan:
            rows = [section(_ORPHAN), *mitigation_rows(showing, tracked), *foot]
            title = f"{tracked.mitigation.id} in the plan"
            return modal(title, rows, target=target, close="Done")
        target = Target(name=target.name, stream=target.stream, element=tracked.threat)
        showing = replace(showing, target=target)  # its rows name the other threats
    threat = threat_of_target(register, target)
    status = register.statuses[threat.id]
    shown = status.mitigations[-_MAX_MITIGATIONS:]
    reason = response_reason(status.response) if status.response else ""
    blocks = [
        section("\n".join(_about(showing, threat))),
        section(f"*{threat_status_text(status, showing.naming)}*\n{reason}".strip()),
        *_proposal(showing, status),
        *button_row(*(_responses(make, status) if register.allows(ChooseResponse) else ())),
    ]
    if shown:
        blocks += [divider(), section("*Mitigations*")]
        blocks += [row for one in shown for row in mitigation_rows(showing, one)]
    if len(status.mitigations) > len(shown):
        blocks.append(context(f"{len(status.mitigations) - len(shown)} earlier ones: see *History*"))
    return modal(f"{threat.id} in the plan", [*blocks, *foot], target=target, close="Done")


RESPONSE = Page(name="response", show=response_page)


_ORPHAN = "⚠ The threat of this mitigation was withdrawn. Drop the mitigation if it is no longer needed."


def _about(showing: PageData, threat: Threat) -> Iterator[str]:
    ranked = next(one for one in showing.register.ranked if one.threat.id == threat.id)
    yield f"*{escape_name(threat.title)}* · {threat.id}"
    if places := places_text(showing.register, threat):
        yield places
    if ranked.score:
        yield score_line(ranked.score.tally)
    elif ranked.imported:
        yield f"_{imported_score(ranked.imported)}_"
    if ranked.residual:
        yield f"Residual risk: {score_line(ranked.residual.tally)}"
    if threat.description:
        yield escape(threat.description, _RESPONSE_TEXT)
    if classes := [f"{category.label} → {CLASS_OF[category]}" for category in threat.stride]:
        yield f"Look for controls of: {', '.join(classes)}"


def _proposal(showing: PageData, status: ThreatStatus) -> list[Block]:
    """Return a pending acceptance: the two answers, and another approver."""
    proposal = status.proposal
    if proposal is None:
        return []
    naming, asked, own = showing.naming, proposal.asked, showing.reader == proposal.by
    until = f" until {short_day(proposal.expires)}" if proposal.expires else ""
    proposes = "proposed" if status.too_late else "proposes"
    lines = [
        f"{person_name(naming, proposal.by)} {proposes} to *accept* it{until}: {response_reason(proposal)}"
    ]
    if status.too_late:
        lines.append(
            "⚠ The proposal expired without approval. Propose it again with a later date, or choose "
            "another response."
        )
        return [section("\n".join(lines))]
    if own:
        whom = person_name(naming, asked) if asked else "another participant"
        lines.append(f"Waiting for {whom} to approve it.")
    elif asked and asked != showing.reader:
        lines.append(
            f"{person_name(naming, asked)} is the requested approver; any other participant can also decide."
        )
    stream, buttons = showing.target.stream, list[Block]()
    if not own and showing.register.allows(ApproveAcceptance):
        buttons += approval_buttons(stream, proposal, back="response")
    if showing.register.allows(ReassignApproval):
        buttons.append(reassign_button(stream, proposal, back="response"))
    return [section("\n".join(lines)), *button_row(*buttons)]


def approval_buttons(stream: str, proposal: Response, *, back: str = "", reminder: str = "") -> list[Block]:
    """Return the two answers to a proposed acceptance; `reminder` is the key of their reminder."""
    make, about = ModelButtons(stream, back), proposal.threat
    suffix, spoken = (reminder or about)[-_SUFFIX:], f"accepting {about}"
    until = f" until {short_day(proposal.expires)}" if proposal.expires else ""
    asked = confirm(
        f"Accept the risk of {about}?",
        f"The risk is accepted in your name{until}. After that, the threat is open again.",
        yes="Approve",
    )
    return [
        make.does(
            "Approve",
            ProposalTarget(name=Action.APPROVE, element=about, reminder=reminder, proposed=proposal.at),
            suffix=f"approve-{suffix}",
            primary=True,
            spoken=f"Approve {spoken}",
            confirm=asked,
        ),
        make.opens(
            "Decline…",
            ReminderTarget(name="decline", element=about, reminder=reminder),
            suffix=f"decline-{suffix}",
            spoken=f"Decline {spoken}",
        ),
    ]


def reassign_button(
    stream: str,
    proposal: Response,
    *,
    label: str = "",
    back: str = "",
    reminder: str = "",
    primary: bool = False,
) -> Block:
    """Return the button to ask another approver; `reminder` as with the two answers."""
    default = "Change approver…" if proposal.asked else "Choose approver…"
    return ModelButtons(stream, back).opens(
        label or default,
        ReminderTarget(name="reassign_approval", element=proposal.threat, reminder=reminder),
        suffix=f"reassign-{(reminder or proposal.threat)[-_SUFFIX:]}",
        primary=primary,
        spoken=f"Choose the approver of {proposal.threat}",
    )


def _responses(make: ModelButtons, status: ThreatStatus) -> Iterator[Block]:
    """Yield the four responses; *mitigate* leads directly to planning a mitigation."""
    id, kind = status.threat, status.response.kind if status.response else None
    to_plan = status.state.unanswered or kind is ResponseKind.MITIGATE
    if to_plan:
        first = not status.live_mitigations
        yield make.opens(
            "Plan a mitigation", "mitigation", id, primary=first, spoken=f"Plan a mitigation: {id}"
        )
    accept = "Change proposal…" if status.proposal else "Accept…"
    responses: dict[ResponseKind, str] = {
        **({} if to_plan else {ResponseKind.MITIGATE: "Mitigate instead…"}),
        ResponseKind.ACCEPT: accept,
        ResponseKind.TRANSFER: "Transfer…",
        ResponseKind.AVOID: "Avoid…",
    }
    for response, label in responses.items():
        spoken = f"{label.rstrip('…')}: {id}"
        if response is ResponseKind.ACCEPT:
            yield make.opens(label, ReminderTarget(name="accept", element=id), spoken=spoken)
        else:
            target = ThreatResponseTarget(name="respond", element=id, response=response)
            yield make.opens(label, target, suffix=f"respond-{response}", spoken=spoken)


_RESPONSE_TEXT = 600
_MAX_MITIGATIONS = 20
