"""Element kinds: for each, the commands that add and revise it, and its field in bulk entry."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from domain.commands import (
    AddAsset,
    AddCommand,
    AddComponent,
    AddDataFlow,
    AddEntryPoint,
    AddExternalDependency,
    AddTrustBoundary,
    AddTrustLevel,
    NameElements,
    ReviseAsset,
    ReviseCommand,
    ReviseComponent,
    ReviseDataFlow,
    ReviseEntryPoint,
    ReviseExternalDependency,
    ReviseTrustBoundary,
    ReviseTrustLevel,
)
from domain.kernel.elements import Kind


class ElementKind(msgspec.Struct, frozen=True, kw_only=True):
    """The commands and the bulk-entry field of one kind of element."""

    kind: Kind
    add: type[AddCommand]
    revise: type[ReviseCommand]
    names: str = ""
    """The attribute of `NameElements` with the names of new ones; empty for what takes more than a name."""


ELEMENT_KINDS: Final = (
    ElementKind(
        kind=Kind.EXTERNAL_DEPENDENCY,
        add=AddExternalDependency,
        revise=ReviseExternalDependency,
        names="external_dependencies",
    ),
    ElementKind(kind=Kind.ENTRY_POINT, add=AddEntryPoint, revise=ReviseEntryPoint, names="entry_points"),
    ElementKind(kind=Kind.ASSET, add=AddAsset, revise=ReviseAsset, names="assets"),
    ElementKind(kind=Kind.TRUST_LEVEL, add=AddTrustLevel, revise=ReviseTrustLevel, names="trust_levels"),
    ElementKind(kind=Kind.DATA_FLOW, add=AddDataFlow, revise=ReviseDataFlow),
    ElementKind(kind=Kind.COMPONENT, add=AddComponent, revise=ReviseComponent, names="components"),
    ElementKind(
        kind=Kind.TRUST_BOUNDARY,
        add=AddTrustBoundary,
        revise=ReviseTrustBoundary,
        names="trust_boundaries",
    ),
)

ADD_COMMANDS: Final[Mapping[Kind, type[AddCommand]]] = MappingProxyType(
    {row.kind: row.add for row in ELEMENT_KINDS}
)
REVISE_COMMANDS: Final[Mapping[Kind, type[ReviseCommand]]] = MappingProxyType(
    {row.kind: row.revise for row in ELEMENT_KINDS}
)
KIND_OF_COMMAND: Final[Mapping[type[AddCommand | ReviseCommand], Kind]] = MappingProxyType(
    {command: row.kind for row in ELEMENT_KINDS for command in (row.add, row.revise)}
)
"""The element kind that each command adds or revises."""
NAMES_IN: Final[Mapping[Kind, str]] = MappingProxyType(
    {row.kind: row.names for row in ELEMENT_KINDS if row.names}
)
"""The attribute of `NameElements` for each kind, in the order in which elements are added."""


def names_of(command: NameElements, kind: Kind) -> tuple[str, ...]:
    """Return the names of one kind that a command lists."""
    return getattr(command, NAMES_IN[kind])
