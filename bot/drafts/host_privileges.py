"""Privileges over the host that containers are given: capabilities of the kernel, its files and sockets."""

import re
from typing import Final

from bot.drafts.draft_builder import BuiltItem
from domain.drafts.draft import Certainty, SourcePlace

_POWERFUL: Final = frozenset(
    {"ALL", "SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO", "DAC_READ_SEARCH", "BPF"}
)
_STRONG: Final = frozenset({"NET_ADMIN", "NET_RAW", "SYS_TIME", "DAC_OVERRIDE"})
_SOCKETS: Final = re.compile(r"(?:docker|containerd|podman|crio)\.sock$")
"""Sockets of container engines: a process that can write to one controls the host."""

_ROOTS: Final = re.compile(r"/|/etc|/root|/home|/var|/boot|/dev|/var/lib/docker|/var/lib/kubelet")
"""Directories of the host that give control of it, or of other workloads."""

_DISKS: Final = re.compile(r"/dev/(?:k?mem|port|(?:sd|vd|xvd|hd)[a-z]\w*|nvme\w+|dm-\d+|mapper/.+)")
"""Devices of the host through which its memory or its disks are read and written."""

_STATES: Final = re.compile(r"/proc|/sys|/var/log|/var/run|/run")
"""Directories of the host that tell of other workloads."""


def answer_host_path(item: BuiltItem, path: str, place: SourcePlace) -> None:
    """Answer what a mounted directory or socket of the host tells."""
    bare = path.rstrip("/") or "/"
    if is_engine_socket(bare) or _DISKS.fullmatch(bare):
        item.answer("least_privilege", place, yes=False)
        item.answer("isolated", place, yes=False)
    elif _ROOTS.fullmatch(bare) or _STATES.fullmatch(bare):
        item.answer("isolated", place, yes=False, certainty=Certainty.LIKELY)


def is_engine_socket(path: str) -> bool:
    """Return whether a path is that of the socket of a container engine."""
    return _SOCKETS.search(path) is not None


def answer_capability(item: BuiltItem, name: str, place: SourcePlace) -> None:
    """Answer what a capability of the kernel that is added tells."""
    bare = name.upper().removeprefix("CAP_")
    if bare in _POWERFUL:
        item.answer("least_privilege", place, yes=False)
        item.answer("isolated", place, yes=False)
    elif bare in _STRONG:
        item.answer("least_privilege", place, yes=False, certainty=Certainty.LIKELY)
