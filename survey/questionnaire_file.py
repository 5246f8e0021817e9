"""How does a published questionnaire become a file again that somebody can change and upload?"""

from typing import Any

import yaml

from survey.questionnaire import Aspect, Questionnaire


class _NoAliases(yaml.SafeDumper):
    """Writes equal parts out each time: questionnaire files take no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def questionnaire_file(questionnaire: Questionnaire, version: int | None = None) -> str:
    """The file, with its scales named once; ``version`` replaces the version, since a published one never changes."""
    content: dict[str, Any] = questionnaire.model_dump(mode="json", exclude_none=True)
    scales: dict[str, Any] = {}
    for item in content["items"]:
        for aspect in Aspect:
            asked = item.get(aspect.value)
            if asked:
                asked["scale"] = _named(asked["scale"], item["name"], scales)
    for asked in content.get("profile", ()):
        asked["choices"] = _by_number(asked["choices"])
    written = {"name": content.pop("name"), "version": version or content.pop("version"), "scales": scales}
    content.pop("version", None)
    ordered = {**written, **content}
    text: str = yaml.dump(ordered, allow_unicode=True, sort_keys=False, width=110, Dumper=_NoAliases)
    return text


def _named(scale: dict[str, Any], item: str, scales: dict[str, Any]) -> str:
    """The name of a scale among ``scales``, put there when it is new."""
    scale = {**scale, "labels": _by_number(scale["labels"])}
    for name, known in scales.items():
        if known == scale:
            return name
    name = item if item not in scales else f"{item}_{len(scales)}"
    scales[name] = scale
    return name


def _by_number(texts: dict[Any, Any]) -> dict[int, Any]:
    return {int(code): text for code, text in texts.items()}
