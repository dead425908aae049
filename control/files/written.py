"""A YAML file as plain values that know the line each of them was written on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from control.files.problems import ConfigError, Problem, Wrong, shown

MAX_BYTES = 256 * 1024  # about three seconds of parsing at worst
MAX_DEPTH = 64

Where = tuple[str | int, ...]

_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]{0,38})")
_DECIMAL = re.compile(r"[-+]?(\.[0-9]{1,40}|[0-9]{1,40}(\.[0-9]{0,40})?)([eE][-+]?[0-9]{1,3})?")
_TAG = "tag:yaml.org,2002:"
_TEXTS = ("str", "timestamp", "merge", "value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a file says: mappings, lists, texts, ints, Decimals, true, false and None.

    `problems` are what the text itself has wrong: keys named twice, aliases, tags, odd numbers.
    """

    file: str
    value: object
    lines: Mapping[Where, int]
    problems: tuple[Problem, ...] = ()

    def problem(self, where: Where, message: str, hint: str | None = None) -> Problem:
        """A problem at a place, with the line of the nearest thing around it that has one."""
        return Problem(
            file=self.file,
            line=self._line(where),
            where=spelt(where),
            message=message,
            hint=hint,
        )

    def warning(self, where: Where, message: str, hint: str | None = None) -> Problem:
        """The same, which does not keep the file from being used."""
        return replace(self.problem(where, message, hint), warning=True)

    def _line(self, where: Where) -> int | None:
        while where and where not in self.lines:
            where = where[:-1]
        return self.lines.get(where)


def spelt(where: Where) -> str:
    """A place as people write it: `upstreams.openai.url`, `listen[1]`."""
    text = ""
    for part in where:
        text += f"[{part}]" if isinstance(part, int) else f".{shown(part)}"
    return text.removeprefix(".")


def read(path: Path) -> Written:
    """What a YAML file says. Refuses a file that is missing, over 256 KiB, or not YAML 1.2."""
    try:
        return parse(text_of(path, MAX_BYTES), str(path))
    except Wrong as wrong:
        file = str(path)
        raise ConfigError(
            [Problem(file=file, line=None, where="", message=wrong.message, hint=wrong.hint)]
        ) from None


def text_of(path: Path, most: int) -> str:
    """A file's text, at most so many bytes of UTF-8."""
    try:
        with path.open("rb") as file:
            raw = file.read(most + 1)
    except OSError as failure:
        raise Wrong(f"the file cannot be read: {failure.strerror}") from failure
    if len(raw) > most:
        raise Wrong(f"the file is larger than {most >> 10} KiB")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as failure:
        raise Wrong(f"the file is not UTF-8 (at byte {failure.start})") from None


def parse(text: str, file: str) -> Written:
    """What YAML text says; raises ConfigError where it cannot be read at all."""
    try:
        root: Node | None = YAML().compose(text)
    except MarkedYAMLError as failure:
        raise _misformed(file, failure) from None
    except (YAMLError, RecursionError, ValueError):
        message = "this is not YAML: it holds control characters or is nested too deep"
        raise ConfigError([Problem(file=file, line=None, where="", message=message)]) from None
    walk = _Walk(file)
    value = None if root is None else walk.value(root, ())
    return Written(file=file, value=value, lines=walk.lines, problems=tuple(walk.problems))


def _misformed(file: str, failure: MarkedYAMLError) -> ConfigError:
    mark, context = failure.problem_mark, failure.context_mark
    hint = None
    if mark and context and mark.line != context.line:
        hint = f"what is unfinished begins on line {context.line + 1}"
    problem = Problem(
        file=file,
        line=mark.line + 1 if mark else None,
        where="",
        message=f"this is not YAML: {shown(failure.problem or 'it cannot be parsed')}",
        hint=hint,
    )
    return ConfigError([problem])


class _Walk:
    """One pass over a file's nodes, which collects lines and problems on the way."""

    def __init__(self, file: str) -> None:
        self.lines: dict[Where, int] = {}
        self.problems: list[Problem] = []
        self._file = file
        self._seen: set[int] = set()

    def value(self, node: Node, where: Where) -> object:
        line = self.lines.setdefault(where, node.start_mark.line + 1)
        if id(node) in self._seen:
            self._wrong(where, line, Wrong("is an alias", "write the value out; * is not read"))
            return None
        self._seen.add(id(node))
        if len(where) > MAX_DEPTH:
            self._wrong(where, line, Wrong(f"is nested more than {MAX_DEPTH} deep"))
            return None
        match node:
            case MappingNode():
                return self._mapping(node, where)
            case SequenceNode():
                return [self.value(item, (*where, at)) for at, item in enumerate(node.value)]
            case _:
                assert isinstance(node, ScalarNode), "nodes are mappings, sequences and scalars"
                return self._scalar(node, where, line)

    def _mapping(self, node: MappingNode, where: Where) -> dict[str, object]:
        found: dict[str, object] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, ScalarNode):
                self._wrong(where, line, Wrong("has a name that is not plain text"))
                continue
            name = str(key.value)
            place = (*where, name)
            if name in found:
                first = self.lines[place]
                self._wrong(place, line, Wrong(f"is named twice (first on line {first})"))
                continue
            self.lines[place] = line
            found[name] = self.value(value, place)
        return found

    def _scalar(self, node: ScalarNode, where: Where, line: int) -> object:
        try:
            return _plain(str(node.tag).removeprefix(_TAG), str(node.value))
        except Wrong as wrong:
            self._wrong(where, line, wrong)
            return None

    def _wrong(self, where: Where, line: int, wrong: Wrong) -> None:
        self.problems.append(
            Problem(
                file=self._file,
                line=line,
                where=spelt(where),
                message=wrong.message,
                hint=wrong.hint,
            )
        )


def _plain(tag: str, text: str) -> object:
    match tag:
        case tag if tag in _TEXTS:
            return _text(text)
        case "null":
            return None
        case "bool" if text.lower() in ("true", "false"):
            return text.lower() == "true"
        case "int" if _WHOLE.fullmatch(text):
            return int(text)
        case "float" if _DECIMAL.fullmatch(text):
            return Decimal(text)
        case "int" | "float":
            raise Wrong(
                "is not a plain decimal number",
                "write digits without leading zeros or _; quotes make it a text",
            )
        case _:
            raise Wrong("has a YAML tag or directive that is not read", "leave out ! and %YAML")


def _text(text: str) -> str:
    if any("\ud800" <= sign <= "\udfff" for sign in text):
        raise Wrong("holds half of a surrogate pair", "write the character itself")
    return text
