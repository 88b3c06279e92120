"""Modals and Home tabs that users have open."""

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from bot.sandbox.block_kit.element_state import (
    InteractiveElement,
    fill_in_ids,
    interactive_elements,
    state_values,
)
from bot.sandbox.slack_json import ApiError, Json
from bot.sandbox.workspace.installed_app import APP_ID, BOT_ID
from bot.sandbox.workspace.workspace_state import Workspace


class DisplayedView(Struct, frozen=True, kw_only=True):
    """One modal or Home tab as displayed to one person."""

    id: str
    person: str
    team: str
    """The ID of the workspace."""
    body: Json
    hash: str
    root: str
    previous: str | None = None
    held: dict[str, Json] = {}
    """Entered values, by the keys of the fields."""
    emptied: frozenset[str] = frozenset()
    """Keys of fields that are submitted empty although they show an initial value."""
    errors: dict[str, str] = {}
    """Error messages beside fields, by block ID."""

    @property
    def seen_values(self) -> Json:
        """Return the displayed values of the fields, including those that Slack submits empty."""
        return state_values(self.body.get("blocks"), self.held)

    def as_slack(self) -> Json:
        """Return the view as Slack sends it to the bot."""
        body = self.body
        return {
            "id": self.id,
            "team_id": self.team,
            "state": {"values": state_values(body.get("blocks"), self.held, self.emptied)},
            "hash": self.hash,
            "previous_view_id": self.previous,
            "root_view_id": self.root,
            "app_id": APP_ID,
            "app_installed_team_id": self.team,
            "bot_id": BOT_ID,
            **{name: body.get(name, absent) for name, absent in _FIELDS.items()},
        }


_FIELDS: Json = {
    "type": None,
    "blocks": [],
    "private_metadata": "",
    "callback_id": "",
    "title": None,
    "clear_on_close": False,
    "notify_on_close": False,
    "close": None,
    "submit": None,
    "external_id": "",
}
"""Fields that the bot sets, with their values if it does not."""

_KIND = "view"
MAX_VIEWS = 3


class ViewStacks:
    """Each person's stack of modals, and their Home tab."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._stacks: dict[str, list[DisplayedView]] = {}
        self._homes: dict[str, DisplayedView] = {}
        views = workspace.kept.read_all(_KIND, DisplayedView)
        for view in sorted(views.values(), key=lambda view: _depth(view, views)):
            if view.body.get("type") == "home":
                self._homes[view.person] = view
            else:
                self._stacks.setdefault(view.person, []).append(view)

    def stack(self, person: str) -> tuple[DisplayedView, ...]:
        """Return a person's open modals, the top one last."""
        return tuple(self._stacks.get(person, ()))

    def top(self, person: str) -> DisplayedView | None:
        """Return a person's top modal."""
        stack = self._stacks.get(person)
        return stack[-1] if stack else None

    def home(self, person: str) -> DisplayedView | None:
        """Return a person's Home tab, once the bot has published one."""
        return self._homes.get(person)

    def open(self, person: str, body: Json) -> DisplayedView:
        """Show a modal to a person in place of any other; raises ApiError."""
        with self._workspace.lock:
            view = self._fresh(person, body, previous=None)
            self._drop(self._stacks.get(person, []))
            self._stacks[person] = [view]
            return self._put(view)

    def push(self, person: str, body: Json) -> DisplayedView:
        """Show a modal on top of the open ones; raises ApiError."""
        with self._workspace.lock:
            stack = self._stacks.setdefault(person, [])
            if not stack:
                raise ApiError("not_found")
            if len(stack) >= MAX_VIEWS:
                raise ApiError("push_limit_reached")
            view = self._fresh(person, body, previous=stack[-1])
            stack.append(view)
            return self._put(view)

    def publish(self, person: str, body: Json, *, expected_hash: str | None = None) -> DisplayedView:
        """Show a Home tab; raises ApiError."""
        with self._workspace.lock:
            old = self._homes.get(person)
            if expected_hash and old is not None and old.hash != expected_hash:
                raise ApiError("hash_conflict")
            view = self._fresh(person, body, previous=None)
            if old is not None:
                view = replace(view, id=old.id, root=old.id, held=_kept(old, view.body))
            return self._put(view)

    def find(self, *, view_id: str | None, external_id: str | None = None) -> DisplayedView:
        """Return an open modal or Home tab by one of its ids; raises ApiError."""
        with self._workspace.lock:
            for view in [*self._homes.values(), *(view for stack in self._stacks.values() for view in stack)]:
                if view.id == view_id or (external_id and view.body.get("external_id") == external_id):
                    return view
        raise ApiError("not_found")

    def update(self, view: DisplayedView, body: Json, *, expected_hash: str | None = None) -> DisplayedView:
        """Replace a view's content, keeping the values of fields that remain; raises ApiError."""
        with self._workspace.lock:
            current = self.find(view_id=view.id)
            if expected_hash and current.hash != expected_hash:
                raise ApiError("hash_conflict")
            self._refuse_taken(body, besides=current.id)
            named = self._named(body)
            held = _kept(current, named)
            emptied = frozenset[str]()
            if not self._workspace.behavior.update_hands_in_initial_values:
                # Slack keeps the state of fields whose IDs existed before.
                before = {control.key for control in _controls(current.body) if control.is_input}
                emptied = frozenset(before.intersection(one.key for one in _controls(named)) - held.keys())
            changed = replace(current, body=named, hash=self._hash(), held=held, emptied=emptied, errors={})
            return self._put(changed)

    def enter(self, view: DisplayedView, control: InteractiveElement, state: Json) -> DisplayedView:
        """Store a person's value of one field."""
        with self._workspace.lock:
            current = self.find(view_id=view.id)
            return self._put(replace(current, held={**current.held, control.key: state}))

    def set_errors(self, view: DisplayedView, errors: dict[str, str]) -> DisplayedView:
        """Set the error messages beside fields."""
        with self._workspace.lock:
            return self._put(replace(self.find(view_id=view.id), errors=errors))

    def close(self, view: DisplayedView) -> None:
        """Close a modal, and those on top of it."""
        with self._workspace.lock:
            stack = self._stacks.get(view.person, [])
            places = [place for place, one in enumerate(stack) if one.id == view.id]
            if places:
                self._drop(stack[places[0] :])
                del stack[places[0] :]
            self._workspace.notify_changed()

    def clear(self, person: str) -> None:
        """Close all modals of a person."""
        with self._workspace.lock:
            self._drop(self._stacks.pop(person, []))
            self._workspace.notify_changed()

    def _fresh(self, person: str, body: Json, *, previous: DisplayedView | None) -> DisplayedView:
        self._refuse_taken(body, besides=None)
        view_id = self._workspace.new_id("V")
        return DisplayedView(
            id=view_id,
            person=person,
            team=self._workspace.team.id,
            body=self._named(body),
            hash=self._hash(),
            root=previous.root if previous else view_id,
            previous=previous.id if previous else None,
        )

    def _refuse_taken(self, body: Json, *, besides: str | None) -> None:
        external = body.get("external_id")
        if not external:
            return
        for stack in self._stacks.values():
            if any(one.body.get("external_id") == external and one.id != besides for one in stack):
                raise ApiError("duplicate_external_id")

    def _put(self, view: DisplayedView) -> DisplayedView:
        if view.body.get("type") == "home":
            self._homes[view.person] = view
        else:
            stack = self._stacks[view.person]
            self._stacks[view.person] = [view if one.id == view.id else one for one in stack]
        self._workspace.kept.save(_KIND, view.id, view)
        self._workspace.notify_changed()
        return view

    def _drop(self, views: list[DisplayedView]) -> None:
        for view in views:
            self._workspace.kept.drop(_KIND, view.id)

    def _named(self, body: Json) -> Json:
        return {**body, "blocks": fill_in_ids(body.get("blocks"), lambda: self._workspace.new_id("b"))}

    def _hash(self) -> str:
        return f"{self._workspace.new_ts()}.{self._workspace.new_id('h')[-6:]}"


def _controls(body: Json) -> Iterator[InteractiveElement]:
    return interactive_elements(body.get("blocks"))


def _kept(old: DisplayedView, body: Json) -> dict[str, Json]:
    return {
        control.key: old.held[control.key]
        for control in _controls(body)
        if old.held.get(control.key, {}).get("type") == control.element.get("type")
    }


def _depth(view: DisplayedView, views: dict[str, DisplayedView]) -> int:
    return 1 + _depth(views[view.previous], views) if view.previous in views else 0
