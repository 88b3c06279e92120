"""Components that two files describe: a service of a deployment, and the API that it offers."""

import re
from typing import Final

from bot.drafts.draft_builder import BuiltItem, DraftBuilder
from domain.drafts.draft import SourceKey
from domain.kernel.elements import ComponentKind, Kind

_GENERAL: Final = frozenset(
    {"api", "apis", "rest", "service", "server", "http", "public", "the", "v1", "v2", "v3"}
)
_DEPLOYED: Final = ("compose:", "kubernetes:")


def join_descriptions(builder: DraftBuilder) -> None:
    """Let the entry points of an API belong to the deployed component of its name, if there is one.

    Names are the same without general words: the “Orders API” is the service `orders`, and an API without
    such a service is that of the service `api`. The component of the description is then not proposed.
    """
    deployed = [
        one
        for one in builder.items.values()
        if one.kind is Kind.COMPONENT
        and one.key.startswith(_DEPLOYED)
        and one.role is not ComponentKind.DATA_STORE
    ]
    if not deployed:
        return
    described = [
        one for one in builder.items.values() if one.kind is Kind.COMPONENT and one.key.startswith("openapi:")
    ]
    for one in described:
        words = _words(one.name)
        same = [other for other in deployed if words and _words(other.name) == words]
        if not same and len(described) == 1:  # the only service that is called `api` offers the only API
            same = [other for other in deployed if not _words(other.name)]
        if len(same) == 1:
            _replace(builder, one.key, same[0])


def _replace(builder: DraftBuilder, key: SourceKey, by: BuiltItem) -> None:
    del builder.items[key]
    for one in builder.items.values():
        if one.component == key:
            one.component = by.key


def _words(name: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z0-9]+", name.casefold())) - _GENERAL
