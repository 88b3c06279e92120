"""Loader of the described systems: one TOML file each, by a reviewer who is not the rules' author."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

_FOLDER = Path(__file__).parent
# "API [Python, in VPC] -> Orders db [PostgreSQL]: orders (TLS)"; "<->" is one flow with two directions.
_END = r"(?P<{0}>[^\[\]:]+?)(?:\s*\[(?P<{0}_note>[^\]]*)\])?"
_LINE = re.compile(
    rf"{_END.format('source')}\s*(?P<arrow><->|->)\s*{_END.format('target')}"
    r"\s*:\s*(?P<name>.+?)(?:\s*\((?P<protocol>HTTPS?|TLS|AMQP|SSH|PostgreSQL)\))?"
)

Rating: TypeAlias = Literal["low", "medium", "high"]
ControlState: TypeAlias = Literal["in place", "missing", "not applicable", "not known"]
Verdict: TypeAlias = Literal["must find", "ask about", "may keep", "must not raise"]


class _Data(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Part of a description."""


class DescribedBoundary(_Data, frozen=True, kw_only=True):
    """Trust boundary, possibly within another."""

    name: str
    within: str = ""


class DescribedComponent(_Data, frozen=True, kw_only=True):
    """Component with the technology that it is made of and the person who maintains it."""

    name: str
    technology: str
    kind: Literal["external_entity", "process", "data_store"]
    trust: str
    within: str = ""
    owner: str = ""


class DescribedDependency(_Data, frozen=True, kw_only=True):
    """External dependency and what its outage means."""

    name: str
    what: str
    owner: str
    outage: Literal["nothing", "degraded", "stops"]


class DescribedEntryPoint(_Data, frozen=True, kw_only=True):
    """Way into a component."""

    name: str
    at: str
    lowest: str
    exposure: Literal["internet", "partner", "internal", "local"]
    protocol: str
    purpose: str


class DescribedAsset(_Data, frozen=True, kw_only=True):
    """Asset with its ratings of confidentiality, integrity and availability."""

    name: str
    data: Literal["personal", "credential", "log", "other"]
    ratings: tuple[Rating, Rating, Rating]
    stored: tuple[str, ...]
    readers: tuple[str, ...]
    writers: tuple[str, ...]


class DescribedFlow(_Data, frozen=True, kw_only=True):
    """Line as a team types it, the entry point that it reaches and the assets of each direction."""

    line: str
    through: str = ""
    carries: tuple[str, ...]
    back: tuple[str, ...] = ()

    @property
    def parts(self) -> re.Match[str]:
        """The named parts of the line.

        Raises:
            ValueError: The line does not have the form of a flow.
        """
        match = _LINE.fullmatch(self.line)
        if match is None:
            raise ValueError(self.line)
        return match

    @property
    def name(self) -> str:
        """The words after the colon, without the protocol."""
        return self.parts["name"]

    @property
    def ends(self) -> tuple[str, str]:
        """The names of source and target."""
        return self.parts["source"], self.parts["target"]

    @property
    def protocol(self) -> str:
        return self.parts["protocol"] or ""

    @property
    def two_way(self) -> bool:
        return self.parts["arrow"] == "<->"

    @property
    def boundaries(self) -> dict[str, str]:
        """The boundary that the line names for each of its ends, if it does."""
        named: dict[str, str] = {}
        for end in ("source", "target"):
            for part in (self.parts[f"{end}_note"] or "").split(", "):
                if part.startswith("in "):
                    named[self.parts[end]] = part.removeprefix("in ")
        return named


class DescribedControl(_Data, frozen=True, kw_only=True):
    """Truth about one control at some places; `default` tells where it differs from the vendor's default."""

    id: str
    at: tuple[str, ...]
    subject: str
    state: ControlState
    truth: str
    default: str = ""


class ReviewEntry(_Data, frozen=True, kw_only=True):
    """Threat with the verdict of the review, the controls that decide it, and a severity from 1 to 10.

    “Ask about”: the description does not say whether the control exists.
    """

    verdict: Verdict
    severity: int = 0
    threat: str
    at: tuple[str, ...]
    cwe: tuple[int, ...]
    because: tuple[str, ...]
    why: str


class DescribedSystem(_Data, frozen=True, kw_only=True):
    """System, the truth about its controls, and the threats that a review finds in it."""

    name: str
    purpose: str
    out_of_scope: str
    people: tuple[str, ...]
    assumptions: tuple[str, ...]
    trust_levels: tuple[str, ...]
    boundaries: tuple[DescribedBoundary, ...]
    components: tuple[DescribedComponent, ...]
    dependencies: tuple[DescribedDependency, ...]
    entry_points: tuple[DescribedEntryPoint, ...]
    assets: tuple[DescribedAsset, ...]
    flows: tuple[DescribedFlow, ...]
    controls: tuple[DescribedControl, ...]
    review: tuple[ReviewEntry, ...]

    def places(self) -> Iterator[str]:
        """Return the names of everything that a control or a threat can be at."""
        for part in (self.components, self.entry_points, self.assets, self.flows, self.dependencies):
            for element in part:
                yield element.name

    def control(self, control_id: str) -> DescribedControl:
        """Return the control with this id."""
        return next(control for control in self.controls if control.id == control_id)


# Reviewed with a severity, by description alone, and committed before any rule was run on them.
REVIEWED_FILES = ("database_operator", "triage_assistant", "browser_extension")
SYSTEM_FILES = ("parcel_platform", "resident_app", *REVIEWED_FILES)


@cache
def described_system(name: str) -> DescribedSystem:
    """Return the system that is described in the file of this name."""
    return msgspec.toml.decode((_FOLDER / f"{name}.toml").read_bytes(), type=DescribedSystem)
