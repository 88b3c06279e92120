"""The account of an API key of Redmine, and the members of a project."""

from collections.abc import Sequence
from typing import Final

import msgspec

from bot.trackers.tracker import Account, TrackerRefused
from bot.trackers.tracker_http import TrackerHttp, path_part

_PAGE: Final = 100
_MOST_MEMBERS: Final = 500
_MOST_READ: Final = 50
"""Members whose address is read one by one, if no name matches."""

_FORBIDDEN: Final = 403
_NEEDED: Final = {
    "view_issues": "view issues",
    "add_issues": "add issues",
    "edit_issues": "edit issues",
    "add_issue_notes": "add notes",
}


class _Role(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    permissions: Sequence[str] = ()


class _OneRole(msgspec.Struct, frozen=True, kw_only=True):
    role: _Role


class _Place(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    name: str = ""


class _Membership(msgspec.Struct, frozen=True, kw_only=True):
    project: _Place
    user: _Place | None = None
    roles: Sequence[_Role] = ()


class _Memberships(msgspec.Struct, frozen=True, kw_only=True):
    memberships: Sequence[_Membership]
    total_count: int = 0


class RedmineUser(msgspec.Struct, frozen=True, kw_only=True):
    """A person; the email address only as far as the account may see it."""

    id: int
    login: str = ""
    admin: bool = False
    firstname: str = ""
    lastname: str = ""
    mail: str = ""
    memberships: Sequence[_Membership] = ()

    @property
    def account(self) -> Account:
        """The person as an assignee."""
        name = f"{self.firstname} {self.lastname}".strip() or self.login
        return Account(id=str(self.id), name=name, email=self.mail)


class _OneUser(msgspec.Struct, frozen=True, kw_only=True):
    user: RedmineUser


class RedmineMembers:
    """The people of a project as far as an account may see them."""

    def __init__(self, http: TrackerHttp, project: str) -> None:
        self._http = http
        self._project = project

    def current(self) -> RedmineUser:
        """Return the account of the key with its memberships; raises TrackerFault."""
        try:
            return self._http.get("/users/current.json", _OneUser, query={"include": "memberships"}).user
        except TrackerRefused as fault:
            if fault.status != _FORBIDDEN:
                raise
            said = "Redmine refuses its REST API. An administrator enables it in the settings, under API."
            raise TrackerRefused(said, status=fault.status) from None

    def lacking(self, user: RedmineUser, project: int) -> Sequence[str]:
        """Return a sentence for each permission that the account lacks in a project; raises TrackerFault."""
        if user.admin:
            return []
        roles = {
            role.id for member in user.memberships if member.project.id == project for role in member.roles
        }
        if not roles:
            return ["The account is not a member of the project. Add it with a role that can edit issues."]
        held = {name for role in sorted(roles) for name in self._permissions(role)}
        missing = [words for name, words in _NEEDED.items() if name not in held]
        return [f"The role of the account lacks these permissions: {', '.join(missing)}."] if missing else []

    def accounts(self, text: str) -> Sequence[Account]:
        """Return the members that match an email address, a login or a name, the best match first.

        Only an administrator can search for users; another account reads the members one by one.
        """
        wanted = text.strip().casefold()
        if not wanted:
            return []
        members = self._members()
        named = [one for one in members if wanted in one.name.casefold()]
        if named:
            return [
                self._read(one).account
                for one in sorted(named, key=lambda one: one.name.casefold() != wanted)[:5]
            ]
        local = wanted.partition("@")[0]
        likely = sorted(
            members, key=lambda one: not any(word in local for word in one.name.casefold().split())
        )
        for one in likely[:_MOST_READ]:
            user = self._read(one)
            if wanted in (user.login.casefold(), user.mail.casefold()):
                return [user.account]
        return []

    def _members(self) -> Sequence[_Place]:
        found: list[_Place] = []
        offset = 0
        while offset < _MOST_MEMBERS:
            page = self._http.get(
                f"/projects/{path_part(self._project)}/memberships.json",
                _Memberships,
                query={"limit": _PAGE, "offset": offset},
            )
            found += [one.user for one in page.memberships if one.user is not None]
            offset += len(page.memberships)
            if not page.memberships or offset >= page.total_count:
                break
        return found

    def _read(self, member: _Place) -> RedmineUser:
        """The member with login and address, as far as the account may see them."""
        try:
            return self._http.get(f"/users/{member.id}.json", _OneUser).user
        except TrackerRefused as fault:
            if fault.unauthorized:
                raise
            return RedmineUser(id=member.id, firstname=member.name)

    def _permissions(self, role: int) -> Sequence[str]:
        return self._http.get(f"/roles/{role}.json", _OneRole).role.permissions
