"""Arguments of the tools that propose something."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from domain.kernel.answer import Answer
from domain.kernel.elements import ComponentKind, DataKind, Exposure
from domain.kernel.length_limits import NAME, SENTENCE, TEXT, WORD
from domain.kernel.stride import Stride

ModelKey = Annotated[str, Meta(max_length=20, description="Key of the model, such as TM-7")]
Name = Annotated[str, Meta(min_length=1, max_length=NAME)]
Evidence = Annotated[
    str,
    Meta(
        min_length=3,
        max_length=SENTENCE,
        pattern=r"^[^\n]+:[1-9][0-9]{0,6}$",
        description="Place that shows it: path of the file and number of the line, such as src/app.py:42",
    ),
]
Key = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=WORD,
        pattern=r"^[^\s@]+$",
        description="Your own name of the item, which stays the same in later calls, such as web or db",
    ),
]
Source = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=NAME,
        description="What you read: the repository and, after an @, the commit, such as shop@1a2b3c",
    ),
]
Certainty = Annotated[
    Literal["likely", "guess"], Meta(description="likely if the place shows it, guess if it only suggests it")
]
ElementKind = Literal[
    "component", "external_dependency", "entry_point", "asset", "data_flow", "trust_boundary"
]
FactName = Annotated[str, Meta(max_length=WORD, description="Name of the fact, from open_questions")]

MAX_ITEMS = 500
"""Items of one call."""


class ProposedFact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Answer to a question about an element of the same call."""

    fact: FactName
    answer: Answer
    evidence: Evidence


class ElementProposal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Element; component, parent, boundary, source, target and stored_in are keys of items of this call."""

    key: Key
    kind: ElementKind
    name: Name
    evidence: Evidence
    certainty: Certainty = "likely"
    description: Annotated[str, Meta(max_length=TEXT)] = ""
    role: ComponentKind | None = None
    technology: Annotated[str, Meta(max_length=WORD)] = ""
    boundary: Key | None = None
    parent: Key | None = None
    component: Key | None = None
    exposure: Exposure | None = None
    protocol: Annotated[str, Meta(max_length=WORD)] = ""
    source: Key | None = None
    target: Key | None = None
    data: DataKind | None = None
    stored_in: Annotated[list[Key], Meta(max_length=20)] = []
    answers: Annotated[list[ProposedFact], Meta(max_length=50)] = []


class ProposeElements(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Arguments of propose_elements."""

    model: ModelKey
    source: Source
    elements: Annotated[list[ElementProposal], Meta(min_length=1, max_length=MAX_ITEMS)]


class AnswerProposal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Answer to an open question about an element of the model."""

    element: Annotated[str, Meta(max_length=WORD, description="ID of the element, such as CO-3")]
    fact: FactName
    answer: Annotated[
        Literal["yes", "no", "not_applicable"],
        Meta(description="Leave a question out that the code does not answer"),
    ]
    evidence: Evidence
    certainty: Certainty = "likely"


class ProposeAnswers(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Arguments of propose_answers."""

    model: ModelKey
    source: Source
    answers: Annotated[list[AnswerProposal], Meta(min_length=1, max_length=MAX_ITEMS)]


class ThreatProposal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Threat to an element of the model, or to the system as a whole."""

    title: Name
    stride: Annotated[list[Stride], Meta(min_length=1, max_length=6, description="STRIDE categories")]
    evidence: Evidence
    certainty: Certainty = "likely"
    description: Annotated[str, Meta(max_length=TEXT)] = ""
    element: Annotated[str, Meta(max_length=WORD, description="ID of the element, such as CO-3")] | None = (
        None
    )


class ProposeThreats(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Arguments of propose_threats."""

    model: ModelKey
    source: Source
    threats: Annotated[list[ThreatProposal], Meta(min_length=1, max_length=MAX_ITEMS)]


class ProgressReport(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Report that a mitigation was started or implemented; people confirm it, and others verify it."""

    mitigation: Annotated[str, Meta(max_length=WORD, description="ID of the mitigation, such as MI-2")]
    state: Literal["started", "implemented"]
    done: Annotated[
        str, Meta(min_length=1, max_length=SENTENCE, description="What was done, such as a pull request")
    ]
    evidence: Evidence


class ReportMitigationProgress(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Arguments of report_mitigation_progress."""

    model: ModelKey
    source: Source
    progress: Annotated[list[ProgressReport], Meta(min_length=1, max_length=MAX_ITEMS)]


Proposal = ProposeElements | ProposeAnswers | ProposeThreats | ReportMitigationProgress
"""Arguments from which a draft is made."""
