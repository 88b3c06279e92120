"""Page of everything that is not needed daily."""

from bot.slack.protocol.block_builders import (
    Block,
    View,
    actions,
    button,
    confirm,
    link_button,
    modal,
    section,
)
from bot.slack.protocol.escaping import clip, escape, escape_name
from bot.slack.protocol.targets import (
    ALL,
    Action,
    ButtonKind,
    DraftTarget,
    PhaseTarget,
    SelectionTarget,
    Target,
)
from bot.slack.screens.page_data import PageData
from bot.slack.ui.modals.next_step_buttons import next_step_button
from bot.slack.ui.modals.page_declaration import Page, PageSource, list_page, page_buttons
from bot.slack.ui.modals.steering.model_forms import MOVE_LABELS, MOVES
from bot.slack.ui.modals.steering.settings_page import people_text, steering_buttons
from bot.slack.ui.texts.common_texts import imported_line, list_heading, phase_steps
from bot.slack.ui.texts.remediation_texts import has_plan
from domain.commands import (
    AcceptDraft,
    AllowSharing,
    AnswerLinks,
    AnswerRetrospective,
    AnswerScreening,
    DrawFlows,
    OpenRound,
    ReportThreat,
)
from domain.kernel.elements import Kind
from domain.kernel.import_mark import SCREENING, Claim
from domain.register import ThreatRegister
from domain.wording.collection import sources_phrase


def sharing_rows(showing: PageData) -> list[Block]:
    """Return why the card is suspended, and the button that resumes it; else nothing."""
    register = showing.register
    if not showing.shared or register.sharing_allowed or not register.allows(AllowSharing):
        return []
    return [
        section(
            "*This channel is shared with another organization*, so the bot posts nothing here until an "
            "administrator of this workspace allows it."
        ),
        actions(allow_button(showing.target.stream, register)),
    ]


def allow_button(stream: str, register: ThreatRegister, *, label: str = "Allow sharing") -> Block:
    """Return the button that allows sharing: visible to all, effective for administrators only."""
    return button(
        label,
        ButtonKind.DO,
        Target(name=Action.ALLOW_SHARING, stream=stream),
        suffix=f"share-{register.key}",
        confirm=confirm(
            "Allow sharing?",
            "Members of the other organization will see the card of this model and the messages in its "
            "thread. They cannot open the model, answer or change anything.",
            yes="Allow",
        ),
    )


def claims_page(showing: PageData) -> View:
    """Return what the reader can still confirm, each with the page on which they do."""
    target, register = showing.target, showing.register
    mine = [one for one in register.claims if one.person == showing.reader]
    shown = list_page(mine, target, _ON_A_PAGE)
    head = _HOW if mine else "Nothing is left for you to confirm."
    blocks = [section(f"{imported_line(register, showing.naming)}\n{head}".strip())]
    blocks += [_row(target.stream, register, one) for one in shown.items]
    return modal("Imported approvals", [*blocks, *page_buttons(shown, target)], target=target, close="Done")


CLAIMS = Page(name="claims", show=claims_page)


def _row(stream: str, register: ThreatRegister, claim: Claim) -> Block:
    subject = claim.subject
    if subject == SCREENING:
        opened = Target(name="coverage", stream=stream)
        return _with_button("*Confirmed*: the topics that are screened out", opened, subject)
    found = next((one for one in register.mitigations if one.mitigation.id == subject), None)
    threat = found.threat if found else subject
    opened = Target(name="response", stream=stream, element=threat)
    if found:
        return _with_button(f"*Verified*: {escape_name(found.mitigation.title)} · {subject}", opened, subject)
    title = next((one.title for one in register.threats if one.id == subject), "")
    return _with_button(f"*Approved*: accepting {escape_name(title)} · {subject}", opened, subject)


def _with_button(text: str, opened: Target, subject: str) -> Block:
    return section(
        text,
        accessory=button(
            "Open", ButtonKind.SHOW, opened, suffix=f"claim-{subject}", spoken=f"Open {subject}"
        ),
    )


_HOW = (
    "The file names you for the following. If one of them is your word, open it and approve, verify or "
    "confirm it: it then counts as yours. Otherwise, leave it as it is."
)
_ON_A_PAGE = 25


def more_page(showing: PageData) -> View:
    """Return the next step, lists, quick entry, history, people, and the phase changes."""
    stream, register = showing.target.stream, showing.register
    rows = [
        section(f"*{escape_name(register.name)}* · {register.key}\nNext: {escape(register.next.text)}"),
        *_top(showing),
        *sharing_rows(showing),
        *_group("*Lists*: browse, edit, remove", _lists(stream, register)),
        *_group("*Quick entry*: several at a time", _quickly(stream, register)),
        *_group("*Drafts*: proposals from files and agents", _drafts(showing)),
        *_group("*Findings and threats*", _findings_buttons(stream, register)),
        *_group("*Plan*: responses to threats", _plan(stream, register)),
        *_group("*Votes*: DREAD ratings", _votes(stream, register)),
        *_group("*Files*: posted in the card's thread", _files(stream, register)),
        *_group("*History*", _back(stream, register)),
        *_group(f"*Participants*: {people_text(showing)}", _people(showing)),
        *_group(f"*Phase*: {phase_steps(register.phase)}", _moves(stream, register)),
    ]
    return modal("More", rows, target=showing.target)


MORE = Page(name="more", show=more_page, source=PageSource.DRAFTS)


def _top(showing: PageData) -> list[Block]:
    pressed = next_step_button(showing.target.stream, showing.register)
    card = [link_button("Go to the card", showing.permalink)] if showing.permalink else []
    return [actions(*([pressed] if pressed else []), *card)] if pressed or card else []


def _group(title: str, buttons: list[Block]) -> list[Block]:
    return [section(title), actions(*buttons)] if buttons else []


def _lists(stream: str, register: ThreatRegister) -> list[Block]:
    lists = [
        button(
            f"{list_heading(kind)} ({len(register.items(kind))})",
            ButtonKind.SHOW,
            Target(name="register", stream=stream, kind=kind),
            suffix=kind,
        )
        for kind in Kind
    ]
    assumptions = Target(name="assumptions", stream=stream)
    links: list[Block] = []
    if (register.links or register.link_proposals) and register.allows(AnswerLinks):
        linking = Target(name="links", stream=stream, back="more")
        links.append(button("Link dependencies", ButtonKind.OPEN, linking, suffix="links"))
    return [
        *lists,
        button(f"Assumptions ({len(register.assumptions)})", ButtonKind.SHOW, assumptions),
        *links,
    ]


def _drafts(showing: PageData) -> list[Block]:
    """Return a button for each draft that waits for a decision."""
    if not showing.register.allows(AcceptDraft):
        return []
    return [
        button(
            f"{clip(sources_phrase(one.draft.sources), _SOURCES)} ({len(one.comparison.open):,} open)",
            ButtonKind.OPEN,
            DraftTarget(
                name="draft", stream=showing.target.stream, element=one.origin.draft.rpartition("/")[2]
            ),
            suffix=one.origin.draft,
        )
        for one in showing.drafts
    ]


def _quickly(stream: str, register: ThreatRegister) -> list[Block]:
    if not register.allows(DrawFlows):
        return []
    forms = [("flows", "Add data flows", ""), ("names", "Add elements", "")]
    if register.items(Kind.COMPONENT):
        forms.append(("place", "Place components", "" if register.unplaced else ALL))
    return [
        button(
            label,
            ButtonKind.OPEN,
            SelectionTarget(name=form, stream=stream, selection=selection, back="more"),
        )
        for form, label, selection in forms
    ]


def _findings_buttons(stream: str, register: ThreatRegister) -> list[Block]:
    pages = (("threats", "Threats"), ("seen", "Findings"), ("coverage", "Coverage"))
    buttons = [button(label, ButtonKind.SHOW, Target(name=page, stream=stream)) for page, label in pages]
    if register.allows(AnswerScreening):
        screening = Target(name="screening", stream=stream, back="more")
        buttons.append(button("Screening", ButtonKind.OPEN, screening, suffix="screening"))
    if register.allows(ReportThreat):
        reporting = Target(name="threat", stream=stream, back="more")
        buttons.append(button("Report a threat", ButtonKind.OPEN, reporting))
    return buttons


def _files(stream: str, register: ThreatRegister) -> list[Block]:
    words = [("report", "Report"), ("chart", "Chart"), ("export", "Export")]
    if register.items(Kind.COMPONENT):
        words.insert(0, ("diagram", "Diagram"))
    return [button(label, ButtonKind.WORD, Target(name=word, stream=stream)) for word, label in words]


def _plan(stream: str, register: ThreatRegister) -> list[Block]:
    if not has_plan(register):
        return []
    return [button("Plan", ButtonKind.SHOW, Target(name="plan", stream=stream))]


def _votes(stream: str, register: ThreatRegister) -> list[Block]:
    buttons: list[Block] = []
    if register.rounds:
        buttons.append(button("My ballots", ButtonKind.WORD, Target(name="vote", stream=stream)))
    if register.threats and register.allows(OpenRound):
        opening = Target(name="open_round", stream=stream, back="more")
        buttons.append(button("Open voting round", ButtonKind.OPEN, opening))
    return buttons


def _back(stream: str, register: ThreatRegister) -> list[Block]:
    answers = button("Retrospective", ButtonKind.SHOW, Target(name="retrospectives", stream=stream))
    return [
        *([answers] if register.allows(AnswerRetrospective) or register.retrospectives else []),
        button("History and undo", ButtonKind.SHOW, Target(name="history", stream=stream)),
        button("View past state…", ButtonKind.OPEN, Target(name="look_back", stream=stream)),
        button("Changes since…", ButtonKind.OPEN, Target(name="changes_since", stream=stream)),
    ]


def _people(showing: PageData) -> list[Block]:
    settings = Target(name="settings", stream=showing.target.stream)
    return [*steering_buttons(showing), button("Settings", ButtonKind.SHOW, settings)]


def _moves(stream: str, register: ThreatRegister) -> list[Block]:
    return [
        button(
            MOVE_LABELS[move],
            ButtonKind.OPEN,
            PhaseTarget(name="move", stream=stream, move=move, back="more"),
            suffix=move,
        )
        for move, command in MOVES.items()
        if register.allows(command)
    ]


_SOURCES = 45
