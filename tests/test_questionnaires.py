"""Does a questionnaire come in by a file, compared with what was published, and is a published one never changed?"""

import json
from pathlib import Path
from typing import Any

import pytest

from survey.principal import LOCAL_STAFF, Principal
from survey.problem import Problem, Problems
from survey.questionnaire import Questionnaire, load_questionnaire, parse_questionnaire
from survey.questionnaire_file import questionnaire_file
from survey.revision import Kind, differences, lost_columns, regulated
from survey.settings import ROOT
from survey.store import Store
from survey.store.people.audit import Did, read_audit
from survey.store.plans.questionnaires import (
    Draft,
    discard_draft,
    keep_draft,
    list_drafts,
    list_questionnaires,
    publish_draft,
)
from survey.strict_yaml import MAX_BYTES
from survey.words import LANGUAGES, load_words
from tests.builders import both, content, scale, settings_of, yaml_of

SKM = load_questionnaire(ROOT / "questionnaires" / "skm-2017.yaml")
MANAGER = Principal("manager", frozenset())


def own(version: int = 1, **changes: Any) -> Questionnaire:
    """The nine elements under a name of the office's own; ``items`` may be changed by a function."""
    said = json.loads(SKM.canonical) | {"name": "skm-kota", "version": version}
    change_items = changes.pop("items", lambda items: items)
    said["items"] = change_items(said["items"])
    return Questionnaire.from_canonical(json.dumps(said | changes))


def keep(store: Store, given: Questionnaire | str | bytes) -> Draft:
    text = questionnaire_file(given) if isinstance(given, Questionnaire) else given
    sent = text.encode() if isinstance(text, str) else text
    return keep_draft(store, LOCAL_STAFF, sent, "file.yaml", settings_of(store.data))


def publish(store: Store, given: Questionnaire) -> Questionnaire:
    keep(store, given)
    return publish_draft(store, LOCAL_STAFF, given.name)


def with_extra(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [*items, {**items[-1], "name": "parking", "number": "K1", "in_index": False, "label": both("Parking")}]


@pytest.mark.parametrize("file", sorted((ROOT / "questionnaires").glob("*.yaml")), ids=lambda file: file.stem)
def test_a_questionnaire_becomes_a_file_that_says_the_same(file: Path) -> None:
    shipped = load_questionnaire(file)
    assert parse_questionnaire(questionnaire_file(shipped), "x").digest == shipped.digest
    assert parse_questionnaire(questionnaire_file(shipped, 7), "x").version == 7


def test_an_own_questionnaire_is_uploaded_compared_and_published(store: Store) -> None:
    draft = keep(store, own(items=with_extra))
    assert draft.objections == () and draft.former == SKM
    added = [d for d in draft.differences if d.kind is Kind.ADDED]
    assert [(d.place, d.after) for d in added] == [("parking", both("Parking"))]
    assert [one.questionnaire.name for one in list_drafts(store, LOCAL_STAFF)] == ["skm-kota"]
    published = publish_draft(store, LOCAL_STAFF, "skm-kota")
    assert list_drafts(store, LOCAL_STAFF) == ()
    assert published in [one.questionnaire for one in list_questionnaires(store, LOCAL_STAFF)]


def test_the_questionnaires_of_the_newest_regulation_come_first(store: Store) -> None:
    """Most offices want the regulated nine elements; by the alphabet alone, a rare questionnaire stood at the top."""
    names = [one.questionnaire.name for one in list_questionnaires(store, LOCAL_STAFF)]
    assert names[0] == "skm-2017"
    assert names.index("skm-2004") < names.index("egov-2003-citizen")


def test_a_published_version_is_never_replaced(store: Store) -> None:
    publish(store, own())
    draft = keep(store, own(minutes=9))
    assert [problem.key for problem in draft.objections] == ["revision.version"]
    with pytest.raises(Problems):
        publish_draft(store, LOCAL_STAFF, "skm-kota")
    assert publish(store, own(2, minutes=9)).version == 2
    versions = [one.questionnaire for one in list_questionnaires(store, LOCAL_STAFF)]
    assert [(q.version, q.minutes) for q in versions if q.name == "skm-kota"] == [(2, 9), (1, SKM.minutes)]


@pytest.mark.parametrize(
    "items",
    [
        lambda items: [item for item in items if item["name"] != "fee"],
        lambda items: [{**item, "in_index": item["name"] != "fee"} for item in items],
    ],
    ids=["left out", "out of the index"],
)
@pytest.mark.parametrize("version", [1, 2])
def test_a_regulated_element_cannot_be_taken_out_in_any_version(store: Store, items: Any, version: int) -> None:
    if version > 1:
        publish(store, own())
    draft = keep(store, own(version, items=items))
    assert [problem.key for problem in draft.objections] == ["revision.regulated"]
    for language in LANGUAGES:
        assert "fee" in draft.objections[0].say(load_words(language))


def test_an_own_item_can_be_added_and_taken_out_again(store: Store) -> None:
    publish(store, own(items=with_extra))
    assert keep(store, own(2)).objections == ()


def test_the_regulation_cannot_be_dropped(store: Store) -> None:
    publish(store, own())
    assert [p.key for p in keep(store, own(2, regulation=None)).objections] == ["revision.regulation"]


def test_regulated_are_the_elements_that_all_questionnaires_of_a_regulation_count(store: Store) -> None:
    published = [one.questionnaire for one in list_questionnaires(store, LOCAL_STAFF)]
    assert regulated(published, SKM.regulation) == {item.name for item in SKM.items} and len(SKM.items) == 9
    assert regulated(published, None) == frozenset()


def test_a_name_keeps_its_scale(store: Store) -> None:
    small = parse_questionnaire(yaml_of(content("time", name="small")), "small.yaml")
    publish(store, small)
    wider = content("time", name="small", version=2, scales={"four": scale(5)})
    draft = keep(store, yaml_of(wider))
    assert [problem.key for problem in draft.objections] == ["revision.rescaled"]
    assert lost_columns(small, draft.questionnaire) == ("P_time",)


def test_every_kind_of_difference_is_told(store: Store) -> None:
    def changed(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        items = with_extra(items)
        items[0], items[1] = items[1], items[0]
        items[2]["perception"]["question"] = both("Reworded?")
        return items

    found = differences(own(), own(2, items=changed, title=both("Other title")))
    told = {(d.kind, d.place) for d in found}
    assert told == {
        (Kind.ADDED, "parking"),
        (Kind.MOVED, "items"),
        (Kind.REWORDED, f"P_{SKM.items[2].name}"),
        (Kind.REWORDED, "title"),
    }
    assert differences(own(), own(2)) == ()


@pytest.mark.parametrize(
    ("sent", "key"),
    [
        (b"x" * (MAX_BYTES + 1), "yaml.too_large"),
        (b"\xff\xfe\x00", "questionnaire.not_utf8"),
        ("a: &a [1]\nb: *a\n", "yaml.alias"),
        ("[" * 50 + "]" * 50, "yaml.too_deep"),
        ("- a list", "yaml.not_a_mapping"),
        ("name: x", "several"),
        (questionnaire_file(SKM, 2), "revision.shipped"),
    ],
    ids=["size", "encoding", "alias", "depth", "list", "incomplete", "shipped"],
)
def test_what_is_no_questionnaire_is_refused_with_where_and_how_to_repair(
    store: Store, sent: str | bytes, key: str
) -> None:
    with pytest.raises(Problem) as told:
        keep(store, sent)
    assert told.value.key == key and list_drafts(store, LOCAL_STAFF) == ()
    for language in LANGUAGES:
        assert "file.yaml" in told.value.say(load_words(language))


def test_a_draft_can_be_replaced_and_forgotten(store: Store) -> None:
    keep(store, own())
    keep(store, own(minutes=9))
    (draft,) = list_drafts(store, LOCAL_STAFF)
    assert draft.questionnaire.minutes == 9 and draft.by == "local-staff"
    discard_draft(store, LOCAL_STAFF, "skm-kota")
    assert list_drafts(store, LOCAL_STAFF) == ()
    with pytest.raises(Problem, match="skm-kota"):
        discard_draft(store, LOCAL_STAFF, "skm-kota")


def test_the_audit_tells_who_uploaded_published_and_discarded_a_questionnaire(store: Store) -> None:
    """By name, version and digest: whoever has the file can show that it is the one."""
    first, second = own(), own(2, minutes=9)
    publish(store, first)
    keep(store, second)
    discard_draft(store, LOCAL_STAFF, "skm-kota")
    with pytest.raises(Problem):
        keep(store, "name: [")
    told = [(entry.did, entry.what, entry.detail) for entry in reversed(read_audit(store, LOCAL_STAFF))]
    assert told == [
        (did, "skm-kota", {"version": one.version, "digest": one.digest})
        for did, one in (
            (Did.DRAFT_KEPT, first),
            (Did.QUESTIONNAIRE_PUBLISHED, first),
            (Did.DRAFT_KEPT, second),
            (Did.DRAFT_DISCARDED, second),
        )
    ]


def test_only_an_administrator_handles_questionnaires(store: Store) -> None:
    for call in (
        lambda: keep_draft(store, MANAGER, b"", "x", settings_of(store.data)),
        lambda: list_drafts(store, MANAGER),
        lambda: list_questionnaires(store, MANAGER),
        lambda: discard_draft(store, MANAGER, "x"),
        lambda: publish_draft(store, MANAGER, "x"),
    ):
        with pytest.raises(Problem) as told:
            call()
        assert told.value.key == "forbidden"
