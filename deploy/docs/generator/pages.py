"""Pages with generated regions, and generated drawings."""

import re
from collections.abc import Mapping
from pathlib import Path

from deploy.docs.generator.drawings import DRAWINGS
from deploy.docs.generator.parts import PARTS

ROOT = Path(__file__).resolve().parents[3]
DOCS = ROOT / "deploy/docs"
README = ROOT / "README.md"

_REGION = re.compile(r"<!-- begin (\S+) -->\n(.*?)<!-- end \1 -->", re.DOTALL)
_MARKER = re.compile(r"<!-- (?:begin|end) (\S+) -->")


def pages() -> list[Path]:
    """Return every page of the documentation, the README first."""
    return [README, *sorted(DOCS.rglob("*.md"))]


def stale() -> dict[Path, str]:
    """Return the outdated files, with their current text."""
    wanted = {page: refreshed(page.read_text()) for page in pages()}
    wanted |= {DOCS / "drawings" / name: draw() for name, draw in DRAWINGS.items()}
    return {path: text for path, text in wanted.items() if not path.exists() or path.read_text() != text}


def refreshed(text: str) -> str:
    """Return a page with each region filled in; raises ValueError for an unknown or unpaired marker."""
    left = _MARKER.findall(_REGION.sub("", text))
    unknown = [name for name in regions(text) if name not in PARTS]
    for name in (*left, *unknown):
        raise ValueError(f"the marker {name!r} is unpaired, or no part has that name: {', '.join(PARTS)}")
    return _REGION.sub(lambda found: _region(found[1]), text)


def regions(text: str) -> list[str]:
    """Return the names of the generated regions of a page."""
    return [name for name, _ in _REGION.findall(text)]


def _region(name: str) -> str:
    return f"<!-- begin {name} -->\n\n{PARTS[name]()}\n\n<!-- end {name} -->"


def anchors(text: str) -> set[str]:
    """Return the anchors of a page's headings, as GitHub generates them."""
    found: dict[str, int] = {}
    names: set[str] = set()
    for heading in re.findall(r"^#{1,6} +(.+?) *#*$", _without_code(text), re.MULTILINE):
        plain = re.sub(r"!?\[([^]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", plain.lower().replace("`", "")).replace(" ", "-")
        again = found.get(slug, 0)
        found[slug] = again + 1
        names.add(f"{slug}-{again}" if again else slug)
    return names | set(re.findall(r'<a (?:id|name)="([^"]+)"', text))


def links(text: str) -> list[str]:
    """Return the targets of a page's links and pictures, web addresses left out."""
    plain = _without_code(text)
    targets = re.findall(r"\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)", plain)
    targets += re.findall(r'<(?:img|a|source)\b[^>]*?\b(?:src|href|srcset)="([^"]+)"', plain)
    return [target for target in targets if not re.match(r"[a-z]+:", target)]


def broken_links(page: Path, text: str, anchors_of: Mapping[Path, set[str]]) -> list[str]:
    """Return the links of a page that lead to no file of the project, or to no heading of a page."""
    broken: list[str] = []
    for link in links(text):
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        inside = target.is_relative_to(ROOT) and target.exists()
        if not inside or (anchor and anchor not in anchors_of.get(target, set())):
            broken.append(link)
    return broken


def _without_code(text: str) -> str:
    text = re.sub(r"^(`{3,}|~{3,}).*?^\1", "", text, flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"`[^`\n]*`", lambda found: found[0] if "](" not in found[0] else "", text)
