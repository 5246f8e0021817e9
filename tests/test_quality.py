"""Which responses are flagged, against R and by hand."""

from math import sqrt

import numpy as np
import pytest
from scipy import stats

from analysis.methods.quality import (
    Doubt,
    Limits,
    counts_by_doubt,
    mahalanobis,
    outlier_flags,
    pattern_flags,
    patterns,
    seconds_per_question,
    speed_flags,
    with_and_without,
)
from analysis.methods.quality_places import Places, bursts, duplicates, out_of_hours
from analysis.methods.straight_lining import straight_lining
from survey.words import LANGUAGES, load_words
from tests.numbers import SERVQUAL, codes400, reference

R = reference()["quality"]
P = np.array(
    [codes400(f"P_{dimension}{k}") for dimension, n in SERVQUAL.items() for k in range(1, n + 1)], dtype=np.uint8
).T


def rows(*answers: str) -> np.ndarray:
    """Responses as words of digits; 0 = not answered."""
    return np.array([[int(code) for code in answer] for answer in answers], dtype=np.uint8)


def names(flags: np.ndarray) -> list[str]:
    return [Doubt(int(flag)).name or "" for flag in flags]


# --- patterns


def test_long_strings_and_irv_are_those_of_r() -> None:
    """R: max(rle(r[!is.na(r)])$lengths) and sd(r, na.rm = TRUE) of 400 persons, 22 perceptions, 3 % missing."""
    found = patterns(P)
    assert found.longest_run.tolist() == R["longstring_P"]
    assert np.allclose(found.irv, R["irv_P"], rtol=1e-9, atol=0)
    assert (22 * 400 - found.answered.sum()) == sum(R["missing"]["per_item_P"].values())


def test_patterns_are_told_by_hand() -> None:
    """Skipped answers do not break a run; nobody has a pattern who did not answer."""
    found = patterns(rows("444444", "440444", "123412", "000000", "000300"))
    assert found.longest_run.tolist() == [6, 5, 1, 0, 1]
    assert found.same.tolist() == [4, 4, 0, 0, 3]
    assert found.answered.tolist() == [6, 5, 6, 0, 1]
    assert np.isnan(found.irv).tolist() == [False, False, False, True, True]
    assert found.irv[0] == 0


def test_rows_in_other_blocks_are_counted_alike() -> None:
    """150,000 rows: three blocks, the same answers as a few rows repeated."""
    few = rows("444444", "123412", "333322")
    many, once = patterns(np.tile(few, (50_000, 1))), patterns(few)
    for name in ("answered", "longest_run", "irv", "same"):
        assert np.array_equal(getattr(many, name), np.tile(getattr(once, name), 50_000)), name


def test_a_straight_response_one_that_is_nearly_so_and_a_long_string_are_told_apart() -> None:
    """One answer one step beside nine equal ones: sd = 1 / sqrt(10); two steps beside: only a long string (9 of 10)."""
    answers = rows("4444444444", "4444434444", "4444444442", "4444433443", "4321432143", "4440000000")
    assert patterns(answers).irv[1] == pytest.approx(1 / sqrt(10))
    flags = pattern_flags(patterns(answers), 10)
    assert names(flags) == ["STRAIGHT", "NEARLY_STRAIGHT|LONG_STRING", "LONG_STRING", "LONG_STRING", "", ""]


def test_no_responses_have_no_patterns() -> None:
    """n = 0, and questions without columns."""
    assert len(pattern_flags(patterns(np.zeros((0, 9), dtype=np.uint8)), 9)) == 0
    assert patterns(np.zeros((2, 0), dtype=np.uint8)).longest_run.tolist() == [0, 0]


# --- expected straight-lining


def test_independent_answers_are_straight_as_often_as_their_shares_multiply() -> None:
    """By hand: three questions, shares of code 1 and 2 of 1/2 and 1/2: 1/8 for each code."""
    found = straight_lining(np.array([[0, 4, 4]] * 3), np.array([6, 1, 1]))
    assert found.independent == (0.125, 0.125)
    assert (found.observed, found.expected) == ((0.125, 0.125), None)


def test_two_questions_that_go_together_are_equal_as_often_as_the_normal_distribution_says() -> None:
    """Both halved: P(both high) = 1/4 + asin(r) / (2 pi) (Sheppard); the codes then correlate by 2 asin(r) / pi."""
    r = 0.5
    found = straight_lining(np.array([[0, 5, 5]] * 2), np.array([4, 3, 3]), correlation=2 * np.arcsin(r) / np.pi)
    assert found.factor == pytest.approx(r, abs=1e-3)
    assert found.expected == pytest.approx([1 / 3, 1 / 3], abs=1e-3)


def test_honest_all_4_is_expected_where_the_service_is_good() -> None:
    """Simulated: 9 questions, one factor, most say 4; no careless person. Observed is close to expected.

    Taken as independent, hardly anybody would be expected to be straight: that would accuse the satisfied.
    """
    random = np.random.default_rng(7)
    satisfaction = random.normal(size=(20_000, 1))
    behind = 3.6 + 0.6 * satisfaction + 0.5 * random.normal(size=(20_000, 9))
    answers = np.clip(np.rint(behind), 1, 4).astype(np.uint8)
    same = np.bincount(patterns(answers).same, minlength=5)
    marginals = np.array([np.bincount(column, minlength=5) for column in answers.T])
    together = np.corrcoef(answers.T)
    found = straight_lining(marginals, same, correlation=(together.sum() - 9) / 72)
    assert found.expected is not None
    assert found.factor == pytest.approx(0.36 / 0.61, abs=0.02)
    assert abs(found.observed[3] - found.expected[3]) < 4 * sqrt(found.expected[3] / 20_000) + 0.01
    assert found.independent[3] < found.expected[3] / 10


def test_straight_lining_without_complete_responses_has_a_reason() -> None:
    """n = 0; constant questions have no factor; shapes must fit."""
    assert straight_lining(np.zeros((2, 5), dtype=int), np.zeros(5, dtype=int)).reason == "no_complete_responses"
    flat = straight_lining(np.array([[0, 0, 9], [0, 0, 9]]), np.array([0, 0, 9]), correlation=0.4)
    assert (flat.factor, flat.expected) == (0.0, pytest.approx((0.0, 1.0)))
    assert straight_lining(np.array([[0, 4, 4]] * 2), np.array([4, 2, 2]), correlation=-0.2).factor == 0.0
    assert straight_lining(np.array([[0, 4, 4]] * 2), np.array([0, 4, 4]), correlation=1.0).factor == 0.98
    with pytest.raises(ValueError, match="marginals"):
        straight_lining(np.array([[0, 4]]), np.array([4, 2, 2]))


# --- speed


def test_speed_is_absolute_and_needs_timings() -> None:
    """Tenths of seconds: 0.5 s a question is fast, 1.0 is not; too few timings and no timings say nothing."""
    timings = np.array([[5] * 6, [10] * 6, [5, 5, 0, 0, 0, 0], [0] * 6], dtype=np.uint16)
    assert names(speed_flags(timings)) == ["FAST", "", "", ""]
    assert seconds_per_question(timings)[:3].tolist() == [0.5, 1.0, 0.5]
    assert np.isnan(seconds_per_question(timings)[3])
    assert names(speed_flags(timings, Limits(seconds=2.0))) == ["FAST", "FAST", "", ""]
    assert seconds_per_question(np.full((1, 3), 65_535, dtype=np.uint16)).tolist() == [6553.5]


def test_a_sample_in_which_all_are_quick_is_flagged_as_a_whole() -> None:
    """A rule relative to the sample would flag nobody."""
    assert counts_by_doubt(speed_flags(np.full((50, 9), 3)))[Doubt.FAST] == 50


# --- Mahalanobis


def test_mahalanobis_distances_are_those_of_r() -> None:
    """R: mahalanobis(cc, colMeans(cc), cov(cc)), pchisq(d2, 22, lower.tail = FALSE) of the 198 complete rows."""
    found, r = mahalanobis(P), R["mahalanobis_P"]
    places = np.array(r["rows"]) - 1
    assert found.n == r["n"]
    assert np.allclose(found.squared[places], r["d2"], rtol=1e-9, atol=0)
    assert np.allclose(found.p[places], r["p"], rtol=1e-7, atol=0)
    assert counts_by_doubt(outlier_flags(found))[Doubt.OUTLIER] == r["n_p001"]
    assert np.isnan(found.squared).sum() == 400 - r["n"]
    again = mahalanobis(P, means=P[(P > 0).all(axis=1)].mean(axis=0), covariance=np.cov(P[(P > 0).all(axis=1)].T))
    assert np.allclose(again.squared, found.squared, rtol=1e-9, equal_nan=True)


def test_a_response_unlike_all_others_is_flagged() -> None:
    """1,000 honest persons with one factor, and one who alternates between the ends."""
    random = np.random.default_rng(3)
    honest = np.clip(np.rint(4 + 1.2 * random.normal(size=(1000, 1)) + 0.6 * random.normal(size=(1000, 8))), 1, 7)
    answers = np.vstack([honest, [1, 7] * 4]).astype(np.uint8)
    found = mahalanobis(answers)
    assert found.p[-1] < 1e-20
    assert outlier_flags(found)[-1] == Doubt.OUTLIER
    assert found.p[-1] == pytest.approx(stats.chi2.sf(found.squared[-1], 8), rel=1e-7)


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        (rows(), "too_few_complete"),
        (rows("12", "21"), "too_few_complete"),
        (rows("120", "210", "330", "440"), "too_few_complete"),
        (rows("41", "42", "43", "44"), "singular"),
        (rows("11", "22", "33", "44"), "singular"),
        (rows("1312", "2123", "3434", "4245", "1112", "3334"), "singular"),
    ],
)
def test_without_enough_or_with_redundant_questions_there_is_no_distance(answers: np.ndarray, reason: str) -> None:
    """n <= k; a constant question; two equal ones; the last is the third plus one."""
    found = mahalanobis(answers if len(answers) else np.zeros((0, 2), dtype=np.uint8))
    assert found.reason == reason
    assert np.isnan(found.p).all()
    assert not outlier_flags(found).any()


# --- time and place


def test_five_responses_of_a_station_within_three_minutes_are_a_burst() -> None:
    """Times in seconds: five within 179 s at station 1; four at station 2; five spread over 180 s at station 3."""
    one, two, three = [0, 30, 90, 120, 179], [0, 1, 2, 3], [1000, 1045, 1090, 1135, 1180]
    station = np.array([1] * 5 + [2] * 4 + [3] * 5 + [0] * 6, dtype=np.uint16)
    moment = np.array(one + two + three + [5] * 6)
    order = np.random.default_rng(0).permutation(len(station))
    flags = np.empty(len(station), dtype=np.uint16)
    flags[order] = bursts(station[order], moment[order])
    assert np.flatnonzero(flags).tolist() == [0, 1, 2, 3, 4]
    assert set(flags) == {0, Doubt.BURST}


def test_a_burst_ends_where_the_queue_thins_out() -> None:
    """Seven in a row: five close together, then one every two minutes. Others before and after are not flagged."""
    moment = np.array([-600, 0, 10, 20, 30, 40, 160, 280])
    assert bursts(np.ones(8, dtype=int), moment).tolist() == [0, 32, 32, 32, 32, 32, 32, 0]
    assert bursts(np.ones(8, dtype=int), moment, Places(burst_seconds=60)).tolist() == [0, 32, 32, 32, 32, 32, 0, 0]
    assert len(bursts(np.zeros(0, dtype=int), np.zeros(0, dtype=int))) == 0


def test_bursts_agree_with_counting_every_stretch() -> None:
    """Brute force: a response is flagged when some stretch that begins with a response holds it and enough others."""
    random = np.random.default_rng(5)
    station, moment = random.integers(0, 4, 300), random.integers(0, 9000, 300)
    expected = np.zeros(300, dtype=np.uint16)
    for first in range(300):
        inside = (station == station[first]) & (moment >= moment[first]) & (moment < moment[first] + 180)
        if station[first] and inside.sum() >= 5:
            expected[inside] = Doubt.BURST
    assert expected.any()
    assert np.array_equal(bursts(station, moment), expected)


def test_out_of_hours_is_told_by_the_hours_of_the_weekday() -> None:
    """Open Monday to Friday 8:00 to 16:00, Friday to 11:30; the closing minute is out."""
    hours = dict.fromkeys(range(4), (480, 960)) | {4: (480, 690)}
    weekday, minute = np.array([0, 0, 0, 4, 4, 6]), np.array([479, 480, 960, 689, 690, 600])
    assert (out_of_hours(weekday, minute, hours) > 0).tolist() == [True, False, True, False, True, True]
    phones = np.array([False, True, True, True, True, False])
    assert (out_of_hours(weekday, minute, hours, applies=phones) > 0).tolist() == [
        False,
        False,
        True,
        False,
        True,
        False,
    ]
    with pytest.raises(ValueError, match="hours"):
        out_of_hours(weekday, minute, {7: (0, 1)})


def test_the_same_answers_again_at_the_same_station_are_duplicates() -> None:
    """The second and third of a series are flagged, the first is not; another station or hour, and phones, are not."""
    answers = rows("1234", "1234", "1234", "1234", "1234", "1234", "1243")
    station, moment = np.array([1, 1, 1, 2, 1, 0, 1]), np.array([0, 300, 900, 301, 5000, 301, 302])
    assert (duplicates(answers, station, moment) > 0).tolist() == [False, True, True, False, False, False, False]
    profile = np.array([[1], [2], [2], [1], [1], [1], [1]])
    assert (duplicates(answers, station, moment, profile=profile) > 0).tolist() == [False, False, True, *[False] * 4]


def test_two_satisfied_citizens_in_a_row_are_not_duplicates() -> None:
    """All 4 twice, once with a skipped answer; on request they are flagged too."""
    answers, station, moment = rows("4444", "4444", "4404", "4404"), np.ones(4, dtype=int), np.array([0, 60, 120, 180])
    assert not duplicates(answers, station, moment).any()
    assert (duplicates(answers, station, moment, ignore_straight=False) > 0).tolist() == [False, True, False, True]
    assert len(duplicates(rows().reshape(0, 4), np.zeros(0, dtype=int), np.zeros(0, dtype=int))) == 0


# --- with and without


def test_every_result_can_be_had_with_and_without_the_flagged() -> None:
    """The mean of five answers, of which two are flagged, one of them twice."""
    values = np.array([4.0, 4.0, 1.0, 3.0, 2.0])
    flags = np.array([0, 0, Doubt.FAST | Doubt.STRAIGHT, 0, Doubt.BURST], dtype=np.uint16)
    found = with_and_without(lambda keep: float(values[keep].mean()), flags)
    assert (found.all, found.n) == (2.8, 5)
    assert (found.without, found.n_without) == (pytest.approx(11 / 3), 3)
    assert found.by_doubt[Doubt.STRAIGHT] == found.by_doubt[Doubt.FAST] == found.by_doubt[Doubt.BURST] == 1
    some = with_and_without(lambda keep: float(values[keep].mean()), flags, Doubt.BURST)
    assert (some.without, some.n_without, dict(some.by_doubt)) == (3.0, 4, {Doubt.BURST: 1})


def test_without_flags_both_results_are_one_and_computed_once() -> None:
    """The costly result is not computed twice for nothing."""
    asked = []
    found = with_and_without(lambda keep: asked.append(keep.sum()) or 7, np.zeros(3, dtype=np.uint16))
    assert (found.all, found.without, asked) == (7, 7, [3])


def test_every_flag_has_its_reason_in_both_languages() -> None:
    for language in LANGUAGES:
        words = load_words(language)
        for doubt in Doubt:
            assert words(doubt.key)


def test_every_reason_of_these_modules_is_in_both_languages() -> None:
    """The keys that certainty, grades, weighting, trend, control_chart, distribution and quality give."""
    keys = [
        "no_answers",
        "element_without_answers",
        "one_respondent",
        "end_of_scale",
        "more_than_population",
        "no_population",
        "unit_with_one_respondent",
        "no_regulation",
        "highest_grade",
        "no_spread",
        "whole_population",
        "margin_without_respondents",
        "margin_without_population",
        "not_converged",
        "too_few_periods",
        "no_variation",
        "too_few_answers",
        "too_few_complete",
        "singular",
        "no_complete_responses",
    ]
    for language in LANGUAGES:
        assert all(load_words(language)(f"reason.{key}") for key in keys)
