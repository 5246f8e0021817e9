"""Is a response gone when the person who gave it asks for it, and does everything else still hold?"""

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from analysis.counting.cells import evaluate_cells
from analysis.counting.live import Live
from survey.principal import LOCAL_STAFF, Principal
from survey.problem import Problem
from survey.settings import read_settings
from survey.store import Store
from survey.store.answers.deletion import Found, delete_response, find_by_receipt, list_deletions
from survey.store.answers.responses import newest, read_responses
from survey.store.answers.submissions import Fate, Outcome, receipt_for
from survey.store.paper.forms import PaperForm, key_form
from survey.store.people.audit import Did, read_audit
from survey.store.safety.backup import check_backup, make_backup
from survey.store.safety.restore import rehearse
from survey.store.safety.verify import verify_database
from survey.store.stations.arrivals import completeness
from tests.builders import NOW, body, encoded, respond, rows, send, set_survey, shipped, survey_called

REASON = "Diminta oleh pengisi di loket"
EPOCH = "6f7d6b80-1111-4222-8333-444455556666"


def found_by(store: Store, code: str | None, survey: str = "skm") -> Found:
    found = find_by_receipt(store, LOCAL_STAFF, survey_called(store, survey), code or "")
    assert found is not None
    return found


def delete(store: Store, outcome: Outcome, survey: str = "skm") -> None:
    found = found_by(store, outcome.receipt, survey)
    delete_response(store, LOCAL_STAFF, survey_called(store, survey), found, reason=REASON)


def test_a_response_is_found_by_its_receipt_however_it_is_typed(store: Store) -> None:
    respond(store, time=1)
    sent = respond(store, time=4, service="nib", comment="rahasia")
    respond(store, time=2)
    assert sent.receipt
    for typed in (sent.receipt, f" {sent.receipt[:4].lower()} {sent.receipt[4:].lower()} "):
        found = found_by(store, typed)
        assert (found.id, found.service, found.channel, found.has_comment) == (sent.id, "nib", "phone", True)
    assert "rahasia" not in repr(found) and not hasattr(found, "answers")
    assert find_by_receipt(store, LOCAL_STAFF, survey_called(store, "contoh"), sent.receipt) is None


@pytest.mark.parametrize("typed", ["", "ABC", "ABCDEFG!", "ABCDEFGHI"])
def test_what_cannot_be_a_code_is_told(store: Store, typed: str) -> None:
    with pytest.raises(Problem) as told:
        find_by_receipt(store, LOCAL_STAFF, survey_called(store), typed)
    assert told.value.key == "deletion.no_code"


def test_row_and_comment_go_and_a_tombstone_without_answers_stays(store: Store) -> None:
    respond(store, time=1)
    sent = respond(store, time=4, comment="rahasia")
    delete(store, sent)
    assert [row.number for row in rows(store)] == [1] and rows(store, "SELECT * FROM comment") == []
    (grave,) = rows(store, "SELECT * FROM tombstone")
    assert UUID(grave.id) == sent.id and grave.reason == REASON
    (entry,) = read_audit(store, LOCAL_STAFF)
    assert (entry.did, entry.what, entry.who) == (Did.RESPONSE_DELETED, "skm", "local-staff")
    assert "rahasia" not in json.dumps(dict(entry.detail)) and entry.detail["reason"] == REASON
    assert [one.reason for one in list_deletions(store, LOCAL_STAFF)] == [REASON]


def test_the_same_bytes_sent_again_get_the_same_receipt_and_are_not_stored(store: Store) -> None:
    content = encoded(body(shipped(), time=4))
    sent = send(store, content)
    delete(store, sent)
    again = send(store, content, at=NOW + timedelta(days=1))
    assert (again.fate, again.receipt) == (Fate.AGAIN, sent.receipt)
    assert rows(store) == [] and rows(store, "SELECT * FROM set_aside") == []


def test_what_was_set_aside_under_its_id_goes_too(store: Store) -> None:
    sent = respond(store, time=4)
    conflict = respond(store, time=1, id=str(sent.id))
    assert conflict.fate is Fate.CONFLICT
    delete(store, sent)
    assert rows(store, "SELECT * FROM set_aside") == []
    assert respond(store, time=1, id=str(sent.id)).fate is Fate.AGAIN and rows(store) == []


def test_what_was_only_set_aside_is_found_and_deleted(store: Store) -> None:
    wrong = {"name": "nothing", "version": 1, "digest": "0"}
    sent = respond(store, questionnaire=wrong, time=4)
    found = found_by(store, sent.receipt)
    assert found.aside
    delete(store, sent)
    assert rows(store, "SELECT * FROM set_aside") == []
    assert respond(store, questionnaire=wrong, time=4, id=str(sent.id)).fate is Fate.AGAIN
    assert rows(store, "SELECT * FROM set_aside") == []


def test_the_number_of_a_deleted_response_is_never_given_again(store: Store) -> None:
    """SQLite would: whoever reads on from that number would miss the next response."""
    respond(store, time=1)
    for _ in range(2):
        delete(store, respond(store, time=4))
    respond(store, time=2)
    respond(store, time=3)
    assert [row.number for row in rows(store)] == [1, 4, 5]
    assert len(rows(store, "SELECT * FROM tombstone")) == 2


def test_the_dashboard_counts_anew_after_a_deletion_in_the_middle_and_at_the_end(store: Store) -> None:
    live, survey = Live(store), survey_called(store)
    sent = [respond(store, time=code) for code in (1, 2, 3)]
    assert live.seen(LOCAL_STAFF, survey).matrix.column("P_time").tolist() == [1, 2, 3]
    stands = [live.seen(LOCAL_STAFF, survey).stand]
    for outcome, left in ((sent[1], [1, 3]), (sent[2], [1])):
        delete(store, outcome)
        seen = live.seen(LOCAL_STAFF, survey)
        assert seen.matrix.column("P_time").tolist() == left
        chosen = seen.cells.chosen()
        assert chosen and evaluate_cells(survey.questionnaire, chosen, weights="exact", minimum=1).n == len(left)
        stand = newest(store, LOCAL_STAFF, survey)
        assert seen.stand[1] == stand.deleted
        stands.append(seen.stand)
    respond(store, time=4)
    assert live.seen(LOCAL_STAFF, survey).matrix.column("P_time").tolist() == [1, 4]
    assert len(set(stands)) == 3


def test_a_stations_number_still_counts_as_arrived(store: Store) -> None:
    for sequence in (1, 2, 3):
        sent = respond(store, time=4, station="loket-1", channel="kiosk", epoch=EPOCH, sequence=sequence)
        if sequence == 2:
            delete(store, sent)
    (epoch,) = completeness(store, LOCAL_STAFF)
    assert (epoch.announced, epoch.arrived, epoch.missing) == (3, 3, ())


def test_the_database_verifies_is_backed_up_and_restored_as_before(store: Store) -> None:
    settings = read_settings({"SURVEY_DATA": str(store.data)})
    kept = respond(store, time=1)
    delete(store, respond(store, time=4, comment="rahasia"))
    found = verify_database(store, LOCAL_STAFF)
    assert not found.wrong and found.responses == 1
    made = make_backup(store, LOCAL_STAFF, settings)
    assert check_backup(made.backup.file) and made.backup.manifest.rows["tombstone"] == 1
    assert rehearse(store, LOCAL_STAFF, settings).responses == 1
    assert len(read_responses(store, LOCAL_STAFF, survey_called(store))) == 1 and kept.receipt


def test_without_a_reason_nothing_goes_and_it_goes_only_once(store: Store) -> None:
    sent = respond(store, time=4)
    survey, found = survey_called(store), found_by(store, sent.receipt)
    with pytest.raises(Problem) as told:
        delete_response(store, LOCAL_STAFF, survey, found, reason="  ya  ")
    assert told.value.key == "deletion.reason" and len(rows(store)) == 1
    delete_response(store, LOCAL_STAFF, survey, found, reason=REASON, now=datetime(2026, 12, 1, tzinfo=UTC))
    with pytest.raises(Problem) as gone:
        delete_response(store, LOCAL_STAFF, survey, found, reason=REASON)
    assert gone.value.key == "deletion.gone" and len(read_audit(store, LOCAL_STAFF)) == 1


def test_only_who_may_delete_finds_anything(store: Store) -> None:
    sent = respond(store, time=4)
    nobody, survey = Principal("manager", frozenset()), survey_called(store)
    found = found_by(store, sent.receipt)
    for call in (
        lambda: find_by_receipt(store, nobody, survey, str(sent.receipt)),
        lambda: delete_response(store, nobody, survey, found, reason=REASON),
        lambda: list_deletions(store, nobody),
    ):
        with pytest.raises(Problem) as told:
            call()
        assert told.value.key == "forbidden"


def test_a_response_outside_the_period_is_deleted_like_any_other(store: Store) -> None:
    set_survey(store, status="closed")
    sent = respond(store, time=4)
    assert sent.fate is Fate.KEPT
    delete(store, sent)
    assert rows(store) == []


def test_a_deleted_paper_form_is_not_kept_again_when_it_is_keyed_again(store: Store) -> None:
    """What was keyed is gone from the list of forms as well."""
    survey = survey_called(store)
    form = PaperForm(number=7, day=NOW.date(), service="nib", profile={}, answers={"P_time": 4}, comment="rahasia")
    key_form(store, LOCAL_STAFF, survey, form, now=NOW)
    (row,) = rows(store)
    receipt = receipt_for(UUID(row.id), store.receipt_key)
    delete_response(store, LOCAL_STAFF, survey, found_by(store, receipt), reason=REASON)
    with pytest.raises(Problem) as told:
        key_form(store, LOCAL_STAFF, survey, form, now=NOW)
    assert told.value.key == "key.again" and rows(store) == []
    assert [row for row in rows(store, "SELECT first FROM paper_form") if row.first] == []
