"""Privileges of pods: security contexts, the host, and the roles of their service accounts."""

from collections.abc import Sequence
from typing import Final

from bot.drafts.draft_builder import BuiltItem
from bot.drafts.host_privileges import answer_capability, answer_host_path
from bot.drafts.kubernetes_objects import KubernetesObject, Workload
from bot.drafts.lined_values import LinedMapping, text_of
from domain.drafts.draft import Certainty, SourcePlace

_ADMINISTRATORS: Final = frozenset({"cluster-admin"})


class BoundRoles:
    """The roles that service accounts are given."""

    def __init__(self, objects: Sequence[KubernetesObject]) -> None:
        wide = {
            (one.kind, one.namespace if one.kind == "Role" else "", one.name)
            for one in objects
            if one.kind in ("Role", "ClusterRole") and _is_wide(one)
        }
        self._bound: dict[tuple[str, str], list[tuple[bool, SourcePlace]]] = {}
        for one in objects:
            if one.kind not in ("RoleBinding", "ClusterRoleBinding"):
                continue
            role = one.body.mapping("roleRef")
            kind, name = role.text("kind"), role.text("name")
            strong = name in _ADMINISTRATORS or (kind, one.namespace if kind == "Role" else "", name) in wide
            for subject in one.body.list("subjects").mappings():
                if subject.text("kind") == "ServiceAccount":
                    account = (subject.text("namespace") or one.namespace, subject.text("name"))
                    self._bound.setdefault(account, []).append((strong, one.body.place("roleRef")))

    def of(self, workload: Workload) -> list[tuple[bool, SourcePlace]]:
        """Return for each role of a workload whether it may do everything, and the place of its binding."""
        return self._bound.get((workload.one.namespace, workload.account), [])


def answer_pod_privileges(item: BuiltItem, workload: Workload, roles: BoundRoles) -> None:
    """Answer the questions about privileges that the pod and its roles answer."""
    pod = workload.pod
    for key in ("hostNetwork", "hostPID", "hostIPC"):
        if pod.is_true(key):
            item.answer("isolated", pod.place(key), yes=False)
            item.answer("least_privilege", pod.place(key), yes=False, certainty=Certainty.LIKELY)
    for volume in pod.list("volumes").mappings():
        path = volume.mapping("hostPath")
        if path.text("path"):
            answer_host_path(item, path.text("path"), path.place("path"))
            item.answer("isolated", path.place("path"), yes=False, certainty=Certainty.LIKELY)
    contexts = [_context(pod, one) for one in workload.all_containers]
    for context in contexts:
        _answer_context(item, context)
    bound = roles.of(workload)
    for strong, place in bound:
        if strong:
            item.answer("least_privilege", place, yes=False)
            item.answer("role_restricted", place, yes=False)
    if contexts and all(_is_tight(one) for one in contexts) and not bound:
        place = next((one.place("runAsNonRoot") for one in contexts if "runAsNonRoot" in one), item.place)
        item.answer("least_privilege", place, yes=True, certainty=Certainty.LIKELY)


def _is_wide(role: KubernetesObject) -> bool:
    return any(
        _has_all(rule, "verbs") and _has_all(rule, "resources") for rule in role.body.list("rules").mappings()
    )


def _has_all(rule: LinedMapping, key: str) -> bool:
    return any(text == "*" for text, _ in rule.list(key).texts())


def _context(pod: LinedMapping, container: LinedMapping) -> LinedMapping:
    """Return the security context of a container, with what the pod's adds to it."""
    found = LinedMapping(pod.file)
    for context in (pod.mapping("securityContext"), container.mapping("securityContext")):
        for key, value in context.items():
            found.put(key, value, context.lines[key])
    return found


def _answer_context(item: BuiltItem, context: LinedMapping) -> None:
    if context.is_true("privileged"):
        item.answer("least_privilege", context.place("privileged"), yes=False)
        item.answer("isolated", context.place("privileged"), yes=False)
    if context.is_true("allowPrivilegeEscalation"):
        place = context.place("allowPrivilegeEscalation")
        item.answer("least_privilege", place, yes=False, certainty=Certainty.LIKELY)
    if context.text("runAsUser") == "0":
        place = context.place("runAsUser")
        item.answer("least_privilege", place, yes=False, certainty=Certainty.LIKELY)
    for name, place in context.mapping("capabilities").list("add").texts():
        answer_capability(item, name, place)


def _is_tight(context: LinedMapping) -> bool:
    user = context.text("runAsUser")
    drops = {text_of(one).upper() for one in context.mapping("capabilities").list("drop")}
    return (
        (context.is_true("runAsNonRoot") or (user.isdecimal() and user != "0"))
        and "ALL" in drops
        and context.get("allowPrivilegeEscalation") is False
    )
