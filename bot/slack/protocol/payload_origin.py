"""Origin of a payload: the installation that it belongs to."""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from bot.slack.protocol.payload_parsing import UnreadablePayload


class InstallationOrigin(NamedTuple):
    """Organization and workspace of an installation; either may be empty."""

    enterprise: str
    team: str


def payload_origins(body: Mapping[str, object]) -> list[InstallationOrigin]:
    """Return where the app may be installed that a payload is for; raises UnreadablePayload.

    In a shared channel, the outer workspace of an event or of a form may be another company's: it counts only
    if no other is named.
    """
    try:
        fields = msgspec.convert(body, _Fields)
    except msgspec.ValidationError as fault:
        raise UnreadablePayload(str(fault)) from fault
    enterprise = (fields.enterprise.id if fields.enterprise else None) or fields.enterprise_id or ""
    if fields.authorizations:
        return [
            InstallationOrigin(one.enterprise_id or "", one.team_id or fields.context_team_id or "")
            for one in fields.authorizations
        ]
    if fields.context_team_id:
        return [InstallationOrigin(fields.context_enterprise_id or "", fields.context_team_id)]
    installed = fields.view.app_installed_team_id if fields.view else None
    return [
        InstallationOrigin(
            enterprise, installed or (fields.team.id if fields.team else None) or fields.team_id or ""
        )
    ]


class _Named(msgspec.Struct):
    id: str | None = None


class _View(msgspec.Struct):
    app_installed_team_id: str | None = None


class _Authorization(msgspec.Struct):
    team_id: str | None = None
    enterprise_id: str | None = None


class _Fields(msgspec.Struct):
    team_id: str | None = None
    enterprise_id: str | None = None
    context_team_id: str | None = None
    context_enterprise_id: str | None = None
    authorizations: list[_Authorization] | None = None
    team: _Named | None = None
    enterprise: _Named | None = None
    view: _View | None = None
