"""Generated drawings by file name."""

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Final

from deploy.docs.generator import imports, measurements
from deploy.docs.generator.flow import deployment, flow, replicas

_tree = cache(imports.working_tree)


def _imports(folder: str) -> str:
    return imports.drawn(folder, _tree())


DRAWINGS: Final[Mapping[str, Callable[[], str]]] = {
    "flow.svg": flow,
    "deployment.svg": deployment,
    "replicas.svg": replicas,
    "benchmarks.svg": measurements.chart,
    **{
        f"imports-{folder.replace('/', '-')}.svg": partial(_imports, folder)
        for folder in ("bot", "bot/slack", "bot/sandbox", "domain")
    },
}
