"""Print the sentences of the product by surface: `python -m tests.sentences [--words] [--surface NAME]`."""

import argparse
import re
import sys
from collections import defaultdict

from tests.sentences.collector import ROOT, Sentence, sentences
from tests.sentences.private_words import AVOIDED, COUNTED, lines_with_counted_words
from tests.sentences.surfaces import NAMES


def main(arguments: list[str]) -> int:
    """Print what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.sentences", description=__doc__)
    parser.add_argument("--words", action="store_true", help="only sentences with a word or phrase to avoid")
    parser.add_argument("--lines", action="store_true", help="lines of all files with a counted word")
    parser.add_argument(
        "--surface", action="append", choices=NAMES, help="only this surface; may be repeated"
    )
    parser.add_argument("--path", help="only files whose path contains this")
    asked = parser.parse_args(arguments)
    if asked.lines:
        found = [word for word in lines_with_counted_words(ROOT) if (asked.path or "") in word[0]]
        for path, line, text in found:
            sys.stdout.write(f"{path}:{line}: {COUNTED.sub(_marked, text)}\n")
        sys.stdout.write(f"{len(found)} lines\n")
        return 0
    chosen = [
        sentence
        for sentence in sentences()
        if (not asked.surface or sentence.surface in asked.surface)
        and (asked.path or "") in sentence.path
        and (not asked.words or AVOIDED.search(sentence.text))
    ]
    sys.stdout.write(listing(chosen, marked=asked.words))
    return 0


def listing(chosen: list[Sentence], *, marked: bool = False) -> str:
    """Return the sentences by surface and file, each text once with all of its places."""
    places = defaultdict[tuple[str, str], list[Sentence]](list)
    for one in chosen:
        places[one.surface, one.text].append(one)
    lines: list[str] = []
    for surface in NAMES:
        own = [group for (where, _), group in places.items() if where == surface]
        if own:
            lines += ["", f"== {surface} ({len(own)})"]
        for group in own:
            parts = sorted({one.part for one in group if one.part})
            text = AVOIDED.sub(_marked, group[0].text) if marked else group[0].text
            where = ", ".join(dict.fromkeys(f"{one.path}:{one.line}" for one in group))
            lines.append(f"{''.join(f'[{part}] ' for part in parts)}{text}  <- {where}")
    lines += ["", f"{len(places)} sentences"]
    return "\n".join(lines).lstrip("\n") + "\n"


def _marked(match: re.Match[str]) -> str:
    return f"»{match[0]}«"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
