"""How do we read a YAML file so that a slip of the pen is told, with its line, and never guessed at?"""

from collections.abc import Mapping
from typing import Any

import yaml

from survey.problem import Problem

MAX_BYTES = 1_000_000
MAX_DEPTH = 12


class _StrictLoader(yaml.SafeLoader):
    """SafeLoader that refuses duplicate keys and aliases (an alias bomb explodes when it is written out).

    Where SafeLoader stumbles over a value (``0x_``, a list as a key, ``!!int abc``), it names the line.
    """

    where = "?"
    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.events.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise Problem("yaml.alias", where=self.where, line=event.start_mark.line + 1)
        self.depth += 1
        if self.depth > MAX_DEPTH:
            line = self.peek_event().start_mark.line + 1  # type: ignore[no-untyped-call]
            raise Problem("yaml.too_deep", where=self.where, line=line, limit=MAX_DEPTH)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep=deep)
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            line = node.start_mark.line + 1
            raise Problem("yaml.syntax", where=self.where, line=line, detail=str(error)) from error

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
        content = _loaded(text, where)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise Problem("yaml.syntax", where=where, line=line, detail=str(error.problem)) from error
    except yaml.YAMLError as error:
        raise Problem("yaml.syntax", where=where, line=1, detail=str(error)) from error
    if not isinstance(content, dict):
        raise Problem("yaml.not_a_mapping", where=where)
    return content


def _loaded(text: str, where: str) -> object:
    loader = _StrictLoader(text)
    loader.where = where
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()
