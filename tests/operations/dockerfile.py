"""Reader of the project's Dockerfile: its stages, and their instructions in order."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from deploy.docs.generator.pages import ROOT

DOCKERFILE: Final = ROOT / "deploy/Dockerfile"


class Instruction(msgspec.Struct, frozen=True):
    """Instruction, such as RUN, with its options and the rest of the line."""

    word: str
    options: dict[str, str]
    text: str

    @property
    def words(self) -> list[str]:
        """The text as a list of words."""
        return shlex.split(self.text)


class Stage(msgspec.Struct, frozen=True):
    """Stage of the build: the image that it starts from, its name, and its instructions."""

    image: str
    name: str
    instructions: list[Instruction]

    def all(self, word: str) -> list[Instruction]:
        """Return the instructions of one kind."""
        return [instruction for instruction in self.instructions if instruction.word == word]

    @property
    def environment(self) -> dict[str, str]:
        """Variables that the stage sets."""
        pairs = (word.partition("=") for one in self.all("ENV") for word in one.words)
        return {name: value for name, _, value in pairs}


def read_stages(path: Path = DOCKERFILE) -> list[Stage]:
    """Return the stages of a Dockerfile."""
    stages: list[Stage] = []
    for instruction in _instructions(path.read_text()):
        if instruction.word == "FROM":
            image, *named = instruction.words
            stages.append(Stage(image, named[1] if named else "", []))
        else:
            stages[-1].instructions.append(instruction)
    return stages


def _instructions(text: str) -> Iterator[Instruction]:
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for line in re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines():
        if line.strip():
            word, _, rest = line.partition(" ")
            options: dict[str, str] = {}
            while option := re.match(r"\s*--([\w-]+)=(\S+)\s+", rest):
                options[option[1]] = option[2]
                rest = rest[option.end() :]
            yield Instruction(word, options, rest.strip())
