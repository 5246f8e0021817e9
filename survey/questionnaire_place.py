"""Where in the file of a questionnaire is something wrong, as a person counts and reads?

``items[1].perception.scale.labels`` becomes *line 12, scale four, labels*: entries count from 1 and have their names,
and what a question takes from a scale is looked for where the scale stands.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import yaml

from survey.problem import Problem
from survey.strict_yaml import composed
from survey.words import Words

Steps = tuple[int | str, ...]
"""The keys and the places in lists that lead to a part of the file; lists count from 0."""
NAME_LONGEST = 40
_CALLED = {"items": "name", "dimensions": "name", "profile": "name", "blocks": "aspect"}


@dataclass(frozen=True)
class Place:
    """A part of the file: the steps to it, its line, and what the entry of a list on the way is called."""

    steps: Steps
    line: int | None = None
    name: str = ""

    def say(self, words: Words) -> str:
        """The place in the reader's language; keys stay as they stand in the file."""
        parts = [words("place.line", line=self.line)] if self.line else []
        rest = self.steps
        match rest:
            case ["scales", name, *more]:
                parts.append(words("place.scale", name=name))
                rest = tuple(more)
            case [str(group), int(index), *more] if group in _CALLED:
                called = f" ({self.name})" if self.name else ""
                parts.append(words(f"place.{group}", n=index + 1) + called)
                rest = tuple(more)
        keys = ""
        for step in rest:
            keys += f", {words('place.entry', n=step + 1)}" if isinstance(step, int) else f".{step}"
        return ", ".join(parts + ([keys.lstrip("., ")] if keys else [])) or "-"


def placed(problems: Iterable[Problem], text: str) -> list[Problem]:
    """The problems, each ``path`` as its place in ``text``; what is wrong in a scale is told once, not at each use."""
    file = _File(text)
    told: dict[object, Problem] = {}
    for problem in problems:
        params = problem.params | {"path": file.place(problem.params["path"])}  # type: ignore[arg-type]
        told.setdefault((problem.key, *params.values()), Problem(problem.key, **params))
    return list(told.values())


class _File:
    """The file as it was written, with the line of each part."""

    def __init__(self, text: str) -> None:
        self._root = composed(text)
        self._known: dict[int, dict[int | str, tuple[int, yaml.Node]]] = {}

    def place(self, steps: Steps) -> Place:
        """The place at the end of the steps; where a part is missing, the line of the one that should hold it."""
        node, line, name = self._root, None, ""
        written = list(steps)
        for at, given in enumerate(steps):
            step = written[at] = str(given) if isinstance(node, yaml.MappingNode) else given
            found = self._parts(node).get(step)
            if found is None:
                break
            line, node = found
            if step == "scale" and isinstance(node, yaml.ScalarNode) and steps[at + 1 :]:
                return self.place(("scales", node.value, *steps[at + 1 :]))
            if at == 1 and isinstance(step, int):
                name = self._name(node, str(steps[0]))
        return Place(tuple(written), line, name)

    def _name(self, entry: yaml.Node, group: str) -> str:
        found = self._parts(entry).get(_CALLED.get(group, ""))
        return found[1].value[:NAME_LONGEST] if found and isinstance(found[1], yaml.ScalarNode) else ""

    def _parts(self, node: yaml.Node) -> dict[int | str, tuple[int, yaml.Node]]:
        """What a part holds, by key or place in the list, with its line."""
        if id(node) not in self._known:
            parts: dict[int | str, tuple[int, yaml.Node]] = {}
            if isinstance(node, yaml.MappingNode):
                parts = {key.value: (key.start_mark.line + 1, value) for key, value in node.value}
            elif isinstance(node, yaml.SequenceNode):
                parts = {at: (value.start_mark.line + 1, value) for at, value in enumerate(node.value)}
            self._known[id(node)] = parts
        return self._known[id(node)]
