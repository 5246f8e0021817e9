"""How do we read a YAML file so that a slip of the pen is told, with its line, and never guessed at?"""

from collections.abc import Mapping
from typing import Any

import yaml

from survey.problem import Problem

try:
    from yaml import CSafeLoader as _Loader  # the same, several times as fast
except ImportError:
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

MAX_BYTES = 1_000_000
MAX_DEPTH = 12
_TOLD = {
    "mapping values are not allowed": "colon",
    "could not find expected ':'": "no_colon",
    "unexpected end of stream": "quote",
    "expected key": "indent",
    "expected <block end>": "indent",
    "'-' indicator": "indent",
    "sequence entries are not allowed": "indent",
    "expected ','": "bracket",
    "cannot start any token": "sign",
    "escape character": "escape",
    "hexdecimal": "escape",
    "tag": "tag",
}
"""Parts of what the two readers of YAML say, libyaml and the slow one."""


class _StrictLoader(_Loader):
    """SafeLoader that refuses duplicate keys, and names the line where SafeLoader stumbles.

    It stumbles over values such as ``0x_`` and ``!!int abc``, and over a list as a key.
    """

    where = "?"

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep=deep)
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            raise _syntax(self.where, node.start_mark, "value") from error

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise Problem("yaml.key", where=self.where, line=line)
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise Problem("yaml.duplicate_key", where=self.where, line=line, key=str(key))
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


# Dates stay words: a version or a period is never turned into a date object behind our back.
_StrictLoader.yaml_implicit_resolvers = {
    first: [(tag, rule) for tag, rule in rules if tag != "tag:yaml.org,2002:timestamp"]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_yaml(text: str, where: str) -> Mapping[str, Any]:
    """The mapping in ``text``; ``where`` names the file in every complaint.

    Raises ``Problem`` with the line for bad syntax, duplicate keys, aliases, too much depth or size,
    and for a file whose top is not a mapping.
    """
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise Problem("yaml.too_large", where=where, limit=MAX_BYTES)
    try:
        _refuse_bombs(text, where)
        content = _loaded(text, where)
    except yaml.MarkedYAMLError as error:
        why = _why(str(error.problem))
        mark = error.context_mark if why == "quote" and error.context_mark else error.problem_mark
        line = mark.line + 1 if mark else 1
        if "\t" in "".join(text.splitlines()[line - 1 : line]):
            raise Problem("yaml.tab", where=where, line=line) from error
        raise _syntax(where, mark, why) from error
    except (yaml.YAMLError, UnicodeEncodeError) as error:
        raise _syntax(where, None, "sign") from error
    if not isinstance(content, dict):
        raise Problem("yaml.not_a_mapping", where=where)
    return content


def composed(text: str) -> yaml.Node:
    """A text that ``read_yaml`` has read, as its parts with their lines."""
    node = yaml.compose(text, Loader=_Loader)
    assert node is not None
    return node


def _syntax(where: str, mark: yaml.Mark | None, why: str) -> Problem:
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return Problem("yaml.syntax", where=where, line=line, column=column, why=Problem(f"yaml.why.{why}"))


def _why(told: str) -> str:
    """What the reader's own English means, as the end of the key of a sentence."""
    return next((why for part, why in _TOLD.items() if part in told), "other")


def _refuse_bombs(text: str, where: str) -> None:
    """Refuse what grows when it is read: an alias explodes when it is written out, depth exhausts the stack."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent):
            raise Problem("yaml.alias", where=where, line=line)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise Problem("yaml.too_deep", where=where, line=line, limit=MAX_DEPTH)


def _loaded(text: str, where: str) -> object:
    loader = _StrictLoader(text)
    loader.where = where
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()
