"""Table of tools: reading models, and proposing drafts; there is no tool that changes a model."""

from typing import Annotated, Any, Final

from msgspec import Meta

from bot.commands.personal_tokens import Scope
from bot.mcp_server.answers import (
    MAX_ITEMS,
    ModelPart,
    find_element,
    guard_answer,
    listed_model,
    model_head,
    model_part,
    open_round,
    page,
    question_answer,
    ranked_threat,
    report_answer,
    suggested_threat,
)
from bot.mcp_server.proposals import (
    Checked,
    ModelKey,
    Proposal,
    ProposeAnswers,
    ProposeElements,
    ProposeThreats,
    ReportMitigationProgress,
    proposed_draft,
)
from bot.mcp_server.tool_declaration import Answer, CallContext, Tool
from domain.kernel.length_limits import NAME
from domain.register import ThreatRegister

Offset = Annotated[int, Meta(ge=0, le=1_000_000, description="Items to skip")]
Limit = Annotated[int, Meta(ge=1, le=MAX_ITEMS, description="Items to return")]


class _ListModels(Checked, frozen=True, kw_only=True):
    offset: Offset = 0
    limit: Limit = 100


class _GetModel(Checked, frozen=True, kw_only=True):
    model: ModelKey
    part: ModelPart = ModelPart.OVERVIEW
    offset: Offset = 0
    limit: Limit = 100


class _OpenQuestions(Checked, frozen=True, kw_only=True):
    model: ModelKey
    element: Annotated[
        str, Meta(max_length=NAME, description="Only questions about this element, by ID or name")
    ] = ""
    offset: Offset = 0
    limit: Limit = 30


class _Threats(Checked, frozen=True, kw_only=True):
    model: ModelKey
    offset: Offset = 0
    limit: Limit = 100


class _MitigationsFor(Checked, frozen=True, kw_only=True):
    model: ModelKey
    element: Annotated[str, Meta(min_length=1, max_length=NAME, description="ID or name of an element")]


class _ReadReport(Checked, frozen=True, kw_only=True):
    model: ModelKey


def _list_models(context: CallContext, given: _ListModels) -> Answer:
    models = [listed_model(model) for model in context.library.models(context.caller)]
    return page("models", models, given.offset, given.limit)


def _register(context: CallContext, model: str) -> ThreatRegister:
    return context.library.register(context.caller, model)


def _get_model(context: CallContext, given: _GetModel) -> Answer:
    register = _register(context, given.model)
    return model_part(register, given.part, context.naming, offset=given.offset, limit=given.limit)


def _open_questions(context: CallContext, given: _OpenQuestions) -> Answer:
    register = _register(context, given.model)
    wanted = find_element(register, given.element).id if given.element.strip() else ""
    asked = [one for one in register.questions if wanted in ("", one.element)]
    questions = [question_answer(one, context.naming) for one in asked]
    return {
        **model_head(register, context.naming),
        **page("questions", questions, given.offset, given.limit),
    }


def _threats(context: CallContext, given: _Threats) -> Answer:
    register = _register(context, given.model)
    ranked = [ranked_threat(register, threat) for threat in register.ranked]
    return {
        **model_head(register, context.naming),
        **page("threats", ranked, given.offset, given.limit),
        "suggested_threats": [suggested_threat(group) for group in register.groups[:MAX_ITEMS]],
        "open_rounds": [open_round(round) for round in register.rounds],
    }


def _mitigations_for(context: CallContext, given: _MitigationsFor) -> Answer:
    return guard_answer(_register(context, given.model), given.element, context.naming)


def _report(context: CallContext, given: _ReadReport) -> Answer:
    return report_answer(_register(context, given.model), context.naming, context.now)


def _propose(context: CallContext, proposal: Proposal) -> Answer:
    register = _register(context, proposal.model)
    draft = proposed_draft(proposal, register)
    model = context.library.find(context.caller, proposal.model)
    receipt = context.inbox.submit(context.caller, draft, model, client=context.client, at=context.now)
    return {
        "draft": receipt.id,
        "items": sum(map(len, (draft.items, draft.answers, draft.threats, draft.progress))),
        "state": "known already" if receipt.known else "submitted",
        "next": "The team accepts or rejects each item in Slack. The model is unchanged until then.",
    }


TOOLS: Final[dict[str, Tool[Any]]] = {
    one.name: one
    for one in (
        Tool(
            "list_models",
            "List threat models",
            "List the threat models of your channels: key, name and phase.",
            _ListModels,
            _list_models,
        ),
        Tool(
            "get_model",
            "Read a part of a threat model",
            "Read one part of a threat model: its overview, the elements of one kind with the answers about "
            "them, assumptions, screening, threats that a control in place prevents, mitigations, the "
            "conditions for closing, or warnings.",
            _GetModel,
            _get_model,
        ),
        Tool(
            "open_questions",
            "List open questions",
            "List the questions about elements that nothing answers yet. Look for evidence in the code, then "
            "hand it in with propose_answers.",
            _OpenQuestions,
            _open_questions,
        ),
        Tool(
            "threats",
            "List threats",
            "List the threats by rank with score, response and state, the threats that the rules suggest, "
            "grouped by rule with their count, and the open voting rounds with their turnout.",
            _Threats,
            _threats,
        ),
        Tool(
            "mitigations_for",
            "List what should guard an element",
            "List the threats to an element, such as the component that you are about to change, with the "
            "planned mitigations and the usual controls, and the threats that a control in place prevents.",
            _MitigationsFor,
            _mitigations_for,
        ),
        Tool(
            "report",
            "Read the report",
            "Read the report of a threat model in Markdown.",
            _ReadReport,
            _report,
        ),
        Tool(
            "propose_elements",
            "Propose elements",
            "Propose components, data flows, entry points, assets, dependencies and boundaries that you "
            "found in code or configuration, each with the place that shows it. They become a draft: a "
            "person accepts or rejects each in Slack.",
            ProposeElements,
            _propose,
            scope=Scope.PROPOSE,
        ),
        Tool(
            "propose_answers",
            "Propose answers to open questions",
            "Propose answers to open questions, each with the file and line that shows it. They become a "
            "draft: a person accepts or rejects each in Slack.",
            ProposeAnswers,
            _propose,
            scope=Scope.PROPOSE,
        ),
        Tool(
            "propose_threats",
            "Propose threats",
            "Propose threats that the model lacks, each with the file and line that suggests it. They become "
            "a draft: a person accepts or rejects each in Slack.",
            ProposeThreats,
            _propose,
            scope=Scope.PROPOSE,
        ),
        Tool(
            "report_mitigation_progress",
            "Report progress of mitigations",
            "Report that a mitigation was started or implemented, with the file and line that shows it. The "
            "report becomes a draft: a person confirms it in Slack, and another one verifies it.",
            ReportMitigationProgress,
            _propose,
            scope=Scope.PROPOSE,
        ),
    )
}
"""Every tool, in the order in which clients list them."""
