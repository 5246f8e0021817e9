"""How do we tell a person what went wrong, where, and how to repair it, in that person's language?"""

from typing import Protocol, runtime_checkable

from survey.words import Words, load_words


@runtime_checkable
class Said(Protocol):
    """What is told in the language of whoever reads it, also as a part of another sentence."""

    def say(self, words: Words) -> str:
        """The words."""


class Problem(Exception):
    """Something a person can repair. The sentence lives in ``words/*.yaml`` under ``problem.<key>``.

    Every subclass is for one audience::

        Problem            whoever gave us the input: a file, a command, a setting
        ├── NotAResponse   a device: the body it sent is no response (422)
        └── Forbidden      a person without the permission
    """

    def __init__(self, key: str, /, **params: object) -> None:
        super().__init__(key)
        self.key = key
        self.params = params

    def say(self, words: Words) -> str:
        """The whole sentence in the language of ``words``; it can be printed whatever the input was."""
        params = {name: value.say(words) if isinstance(value, Said) else value for name, value in self.params.items()}
        said = words("problem." + self.key, **params)
        return said.encode("utf-8", "replace").decode()

    def __str__(self) -> str:
        return self.say(load_words("en"))


class Problems(Problem):
    """Several problems of one file, told together so that they can be repaired together."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("several", count=len(problems))
        self.problems = problems

    def say(self, words: Words) -> str:
        """One line for each."""
        return "\n".join(problem.say(words) for problem in self.problems)
