"""Perception against expectation over the same persons, against R: closed forms to 1e-9, p-values to 1e-7."""

from itertools import product
from math import exp, inf, isclose, log

import numpy as np
import pytest
from scipy import special, stats

from analysis.methods import significance
from analysis.methods.multiplicity import benjamini_hochberg, family, holm
from analysis.methods.paired import Paired, effect_interval, paired, paired_items, paired_scores, paired_sums
from analysis.methods.significance import by_chi_square, by_f, by_normal, by_t, of_signs
from tests.numbers import SERVQUAL, codes400, reference
from tests.soundness import nothing_is_nan

ITEMS = tuple(f"{dimension}{k}" for dimension, n in SERVQUAL.items() for k in range(1, n + 1))
PAIRS = {item: reference()["paired"][item] for item in ITEMS}


def joint(expected: list[int], found: list[int], points: int = 7) -> np.ndarray:
    """Persons by both answers, 0 = missing."""
    table = np.zeros((points + 1, points + 1), dtype=np.int64)
    np.add.at(table, (expected, found), 1)
    return table


def joint400(item: str) -> np.ndarray:
    return joint(codes400(f"E_{item}"), codes400(f"P_{item}"))


def both400(dimension: str) -> tuple[np.ndarray, np.ndarray]:
    """(items, 400) expectation and perception."""
    names = [f"{dimension}{k}" for k in range(1, SERVQUAL[dimension] + 1)]
    return np.array([codes400(f"E_{n}") for n in names]), np.array([codes400(f"P_{n}") for n in names])


def sums400(dimension: str) -> tuple[np.ndarray, int]:
    expected, found = both400(dimension)
    complete = ((expected > 0) & (found > 0)).all(axis=0)
    width = 7 * len(expected) + 1
    table = np.zeros((width, width), dtype=np.int64)
    np.add.at(table, (expected.sum(axis=0)[complete], found.sum(axis=0)[complete]), 1)
    return table, len(expected)


def scores400(dimension: str) -> tuple[np.ndarray, int]:
    expected, found = both400(dimension)
    both = (expected > 0) & (found > 0)
    items, lowest = len(expected), -6 * len(expected)
    table = np.zeros((items + 1, 1 - 2 * lowest), dtype=np.int64)
    np.add.at(table, (both.sum(axis=0), ((found - expected) * both).sum(axis=0) - lowest), 1)
    return table, lowest


def close(ours: float | None, theirs: float, rel: float = 1e-9) -> None:
    assert ours is not None
    assert isclose(ours, theirs, rel_tol=rel, abs_tol=1e-300), (ours, theirs)


@pytest.mark.parametrize("item", ITEMS)
def test_the_paired_t_test_of_every_item_is_that_of_r(item: str) -> None:
    """R: t.test(P, E, paired = TRUE): statistic, parameter, p.value, conf.int, stderr."""
    found, r = paired(joint400(item)), PAIRS[item]
    assert (found.n, found.zero, found.positive, found.negative) == tuple(
        r[name] for name in ("n", "n_zero", "n_pos", "n_neg")
    )
    close(found.t.statistic, r["t_paired"]["statistic"])
    assert found.t.df == (r["t_paired"]["parameter"],)
    close(found.t.p, r["t_paired"]["p"], 1e-7)
    close(found.t.log_p, log(r["t_paired"]["p"]))
    close(found.difference.low, r["t_paired"]["ci"][0])
    close(found.difference.high, r["t_paired"]["ci"][1])
    close(found.difference.se, r["t_paired"]["stderr"])
    close(found.sd.value, r["sd_d"])


@pytest.mark.parametrize("item", ITEMS)
def test_the_signed_rank_test_of_every_item_is_that_of_r_and_coin(item: str) -> None:
    """R: wilcox.test(P, E, paired = TRUE, exact = FALSE, correct = TRUE / FALSE); coin::wilcoxsign_test, both zeros."""
    found, r = paired(joint400(item)), PAIRS[item]
    close(found.wilcoxon.w_plus, r["wilcox_V"])
    close(found.wilcoxon.w_minus, r["W_minus"])
    close(found.wilcoxon.plain.statistic, r["wilcox_z_nocorrect"])
    close(found.wilcoxon.plain.p, r["wilcox_p_nocorrect"], 1e-7)
    close(found.wilcoxon.continuity.p, r["wilcox_p_correct"], 1e-7)
    close(found.wilcoxon.plain.p, r["coin_wilcoxon"]["p"], 1e-7)
    close(found.pratt.plain.statistic, r["coin_pratt"]["z"])
    close(found.pratt.plain.p, r["coin_pratt"]["p"], 1e-7)
    assert found.wilcoxon.n == r["n_pos"] + r["n_neg"]


@pytest.mark.parametrize("item", ITEMS)
def test_effect_sizes_and_the_sign_test_are_those_of_r(item: str) -> None:
    """R: mean(d)/sd(d), mean(d)/mean(sd), exact J by lgamma, matched rank-biserial, cor, binom.test."""
    found, r = paired(joint400(item)), PAIRS[item]
    close(found.d_z.value, r["cohen_dz"])
    close(found.d_av.value, r["cohen_dav"])
    close(found.g_z.value, r["hedges_gz_exactJ"])
    close(found.rank_biserial.value, r["rank_biserial_matched"])
    close(found.correlation.value, r["r"])
    close(found.sign.p, r["sign_test"]["p"], 1e-7)
    close(found.share_positive.value, r["sign_test"]["estimate"])
    close(found.share_positive.low, r["sign_test"]["ci"][0])
    close(found.share_positive.high, r["sign_test"]["ci"][1])


@pytest.mark.parametrize("item", ITEMS)
def test_the_interval_of_d_z_is_that_of_the_noncentral_t(item: str) -> None:
    """R: effectsize::cohens_d(P, E, paired = TRUE). Its bounds come from optim(), which stops early for EMP4 and ASS3
    (4e-6 and 5e-5 off), so the definition is checked too: the noncentral t with the bound as noncentrality has .975
    or .025 below the observed t (to 1e-6, by scipy.stats.nct).
    """
    found, r = effect_interval(paired(joint400(item)).d_z), PAIRS[item]["cohens_d_effectsize"]
    assert found.low == pytest.approx(r["CI_low"], abs=6e-5)
    assert found.high == pytest.approx(r["CI_high"], abs=6e-5)
    t, root = PAIRS[item]["t_paired"]["statistic"], np.sqrt(found.n)
    assert stats.nct.cdf(t, found.n - 1, found.low * root) == pytest.approx(0.975, abs=1e-6)
    assert stats.nct.cdf(t, found.n - 1, found.high * root) == pytest.approx(0.025, abs=1e-6)


@pytest.mark.parametrize("dimension", ["TAN", "RES", "ASS"])
def test_a_dimension_of_four_items_is_compared_as_r_does(dimension: str) -> None:
    """R: paired_ref(rowMeans(P), rowMeans(E)) over complete persons; quarters are exact floats, so ties are ties."""
    sums, items = sums400(dimension)
    found, r = paired_sums(sums, items=items), reference()["dim"][dimension]["paired"]
    same_as_r(found, r)
    close(found.wilcoxon.w_plus, r["wilcox_V"])
    close(found.wilcoxon.continuity.p, r["wilcox_p_correct"], 1e-7)
    close(found.pratt.plain.p, r["coin_pratt"]["p"], 1e-7)


@pytest.mark.parametrize("dimension", ["REL", "EMP"])
def test_a_dimension_of_five_items_has_exact_ties_where_r_compares_floats(dimension: str) -> None:
    """R's rowMeans of fifths are floats: 4.2 - 3.8 and 4.4 - 4.0 differ in the last bit, and R ranks them apart.

    Ranking the same floats here gives R's V (10161 and 7100); ranking the exact fifths gives ours.
    """
    sums, items = sums400(dimension)
    found, r = paired_sums(sums, items=items), reference()["dim"][dimension]["paired"]
    same_as_r(found, r)
    e, p = np.nonzero(sums)
    times = sums[e, p]
    floats = np.repeat(p / 5 - e / 5, times)
    exact = np.repeat(p - e, times)
    v = {}
    for name, d in (("floats", floats), ("exact", exact)):
        ranks = stats.rankdata(np.abs(d[d != 0]))
        v[name] = ranks[d[d != 0] > 0].sum()
    assert v["floats"] == r["wilcox_V"]
    assert found.wilcoxon.w_plus == v["exact"]


def same_as_r(found: Paired, r: dict) -> None:  # type: ignore[type-arg]
    assert (found.n, found.zero, found.positive) == (r["n"], r["n_zero"], r["n_pos"])
    close(found.t.statistic, r["t_paired"]["statistic"])
    close(found.t.p, r["t_paired"]["p"], 1e-7)
    close(found.d_av.value, r["cohen_dav"])
    close(found.g_z.value, r["hedges_gz_exactJ"])
    close(found.correlation.value, r["r"])


@pytest.mark.parametrize("dimension", SERVQUAL)
def test_a_dimension_may_take_everybody_with_at_least_one_item(dimension: str) -> None:
    """R: t.test(rowMeans(P - E, na.rm = TRUE)), ``person_gap_available``; the ranks by scipy on exact twelfths etc."""
    scores, lowest = scores400(dimension)
    found, r = paired_scores(scores, lowest=lowest), reference()["dim"][dimension]["person_gap_available"]
    assert found.n == r["n"] == 400
    close(found.difference.value, r["mean"])
    close(found.difference.se, r["se"])
    close(found.difference.low, r["ci95"][0])
    answered, place = np.nonzero(scores)
    d = np.repeat((place + lowest) / np.maximum(answered, 1), scores[answered, place])
    assert found.wilcoxon.w_plus == stats.rankdata(np.abs(d[d != 0]))[d[d != 0] > 0].sum()
    assert found.d_av.reason == found.correlation.reason == "needs_both_sums"


def test_on_complete_answers_both_tables_of_a_dimension_say_the_same() -> None:
    sums = np.zeros((11, 11), dtype=np.int64)
    scores = np.zeros((3, 17), dtype=np.int64)
    for e, p, persons in ((10, 8, 4), (9, 9, 3), (7, 8, 2), (6, 2, 5)):
        sums[e, p] += persons
        scores[2, p - e + 8] += persons
    one, other = paired_sums(sums, items=2), paired_scores(scores, lowest=-8)
    for name in ("n", "zero", "difference", "sd", "t", "wilcoxon", "pratt", "sign", "d_z", "g_z", "rank_biserial"):
        assert getattr(one, name) == getattr(other, name)


def test_a_million_persons_with_the_same_shares_give_the_same_effect_sizes_at_the_same_cost() -> None:
    small, large = paired(joint400("TAN1")), paired(joint400("TAN1") * 25_000)
    assert large.n == 25_000 * small.n
    close(large.rank_biserial.value, small.rank_biserial.value, 1e-3)
    close(large.d_z.value, small.d_z.value, 2e-3)
    assert large.t.p == large.wilcoxon.plain.p == large.sign.p == 0
    for test in (large.t, large.wilcoxon.plain, large.pratt.continuity, large.sign):
        assert test.log_p is not None and -1e8 < test.log_p < -1e5


def test_small_samples_are_told_the_exact_p_and_it_is_that_of_all_sign_flips() -> None:
    """exactRankTests::wilcox.exact does the same; here all 2^9 choices of signs are made."""
    d = np.array([3, 3, -1, 2, 0, 1, 1, 4, -2, 2])
    e = np.full(len(d), 5) - np.maximum(d, 0)
    found = paired(joint(e.tolist(), (e + d).tolist(), 9)).wilcoxon
    ranks = stats.rankdata(np.abs(d[d != 0]))
    flips = np.array([np.dot(ranks, signs) for signs in product((0, 1), repeat=len(ranks))])
    least = min(found.w_plus, found.w_minus)
    assert found.exact_p == pytest.approx(min(1.0, 2 * np.mean(flips <= least + 1e-9)), rel=1e-12)
    assert paired(joint400("TAN1")).wilcoxon.exact_p is None


def test_without_ties_the_exact_p_is_the_printed_one() -> None:
    """R: wilcox.test(c(1, 2, 3, 4, 5, 6)) gives V = 21, p = 0.03125 = 2 / 2^6."""
    found = paired(joint([1] * 6, [2, 3, 4, 5, 6, 7])).wilcoxon
    assert (found.w_plus, found.exact_p) == (21, 0.03125)


@pytest.mark.parametrize(
    ("table", "reasons"),
    [
        (joint([], []), {"difference": "no_pairs", "t": "no_pairs", "rank_biserial": "no_pairs", "d_av": "no_pairs"}),
        (joint([0, 3], [4, 0]), {"difference": "no_pairs", "sign": "no_pairs"}),
        (joint([5], [4]), {"difference": "one_respondent", "t": "one_respondent", "correlation": "one_respondent"}),
        (joint([5, 4], [4, 3]), {"t": "no_variance", "d_z": "no_variance", "rank_biserial": None, "d_av": None}),
        (joint([5, 5], [4, 4]), {"t": "no_variance", "d_av": "no_variance", "correlation": "no_variance"}),
        (joint([5, 3], [5, 3]), {"t": "no_variance", "sign": "no_differences", "rank_biserial": "no_differences"}),
        (joint([5, 3], [4, 3]), {"t": None, "g_z": "few_respondents", "d_z": None}),
    ],
)
def test_what_is_not_defined_is_none_with_a_reason(table: np.ndarray, reasons: dict[str, str | None]) -> None:
    """n = 0, nobody with both, n = 1, all differences equal, all answers equal, no difference at all, n = 2."""
    found = paired(table)
    nothing_is_nan(found)
    assert {name: getattr(found, name).reason for name in reasons} == reasons
    assert found.share_positive.reason == found.rank_biserial.reason


def test_items_on_different_scales_are_compared_in_one_call_and_in_order() -> None:
    tables = [joint([1, 2, 2], [2, 2, 1], 4), joint400("TAN1"), joint([4, 4, 1], [2, 3, 4], 4)]
    assert paired_items(tables) == tuple(paired(table) for table in tables)
    assert paired_items([]) == ()


def test_swapping_expectation_and_perception_turns_every_sign_round() -> None:
    one, other = paired(joint400("ASS4")), paired(joint400("ASS4").T)
    assert one.t.statistic == pytest.approx(-other.t.statistic)
    assert one.wilcoxon.w_plus == other.wilcoxon.w_minus
    assert one.pratt.continuity.p == pytest.approx(other.pratt.continuity.p)
    assert one.rank_biserial.value == pytest.approx(-other.rank_biserial.value)


@pytest.mark.parametrize("test", ["t", "wilcoxon"])
def test_adjusted_p_values_of_the_22_items_are_those_of_r(test: str) -> None:
    """R: p.adjust(p, "holm") and p.adjust(p, "BH") over the 22 items."""
    found = {item: paired(joint400(item)) for item in ITEMS}
    logs = {item: (one.t if test == "t" else one.wilcoxon.plain).log_p for item, one in found.items()}
    adjusted = family("item gaps", logs)
    r = reference()["paired_p_adjust"][test]
    for item, ours, theirs in zip(adjusted.tests, adjusted.holm, adjusted.benjamini_hochberg, strict=True):
        close(ours, r["holm"][item], 1e-7)
        close(theirs, r["BH"][item], 1e-7)
    assert (adjusted.name, adjusted.m) == ("item gaps", 22)


def test_a_test_that_is_not_defined_does_not_count_in_its_family() -> None:
    """R: p.adjust(c(.01, NA, .04, .03), "holm") is 0.03 NA 0.06 0.06; "BH" is 0.03 NA 0.04 0.04."""
    logs = [log(0.01), None, log(0.04), log(0.03)]
    assert holm(logs) == (pytest.approx(0.03), None, pytest.approx(0.06), pytest.approx(0.06))
    assert benjamini_hochberg(logs) == (pytest.approx(0.03), None, pytest.approx(0.04), pytest.approx(0.04))
    assert holm([]) == () and holm([None]) == (None,)
    assert holm([0.0, 0.0]) == (1.0, 1.0)


def test_adjusting_works_where_p_is_too_small_for_a_float() -> None:
    assert holm([-2000.0, log(0.5)]) == (0.0, 0.5)
    assert family("f", {"a": -inf, "b": None}).holm == (0.0, None)


@pytest.mark.parametrize(
    ("law", "statistic", "df", "direct"),
    [
        ("t", 40.0, (500.0,), 2 * stats.t.sf(40, 500)),
        ("t", 7.0, (3.0,), 2 * stats.t.sf(7, 3)),
        ("f", 80.0, (4.0, 300.0), stats.f.sf(80, 4, 300)),
        ("f", 9.0, (12.0, 5000.0), stats.f.sf(9, 12, 5000)),
        ("chi_square", 900.0, (199.0,), stats.chi2.sf(900, 199)),
        ("chi_square", 200.0, (3.0,), stats.chi2.sf(200, 3)),
        ("normal", 25.0, (), 2 * stats.norm.sf(25)),
        ("range", 25.0, (2.0, 5000.0), 2 * stats.t.sf(25 / np.sqrt(2), 5000)),
    ],
)
def test_the_series_for_tiny_tails_agrees_with_the_distribution_where_both_work(
    law: str, statistic: float, df: tuple[float, ...], direct: float
) -> None:
    """The logarithm of scipy's tails (R's pt, pf, pchisq, pnorm, lower.tail = FALSE) at p between 1e-3 and 1e-280."""
    assert significance._log_tail(law, statistic, df, 0) == pytest.approx(log(direct), rel=1e-9)


def test_log_p_goes_on_where_p_underflows() -> None:
    """ln p of t = 36, 37, 38, 39 with a million degrees of freedom bends by -1, across the end of the floats."""
    logs = [by_t(t, 1e6, 0).log_p for t in (36.0, 37.0, 38.0, 39.0)]
    assert by_t(39.0, 1e6, 0).p == 0 < by_t(36.0, 1e6, 0).p
    steps = np.diff(logs)  # type: ignore[arg-type]
    assert np.allclose(np.diff(steps), -1, atol=0.01)
    assert by_normal(-45.0, 0).log_p == pytest.approx(log(2) + special.log_ndtr(-45.0))
    assert by_f(1e5, (4, 1000), 0).log_p < -1000 and by_chi_square(5000, 10, 0).log_p < -2000  # type: ignore[operator]
    assert by_t(inf, 10, 0).log_p == -inf


def test_the_sign_test_of_a_million_signs_has_a_logarithm() -> None:
    """At 49 000 of 100 000 scipy still has the tail (p = 3e-10); the series agrees there, and goes on further out."""
    near, far = of_signs(49_000, 51_000), of_signs(400_000, 600_000)
    assert near.p == pytest.approx(2 * stats.binom.cdf(49_000, 100_000, 0.5), rel=1e-9)
    assert significance._log_tail("binomial", 49_000, (), 100_000) == pytest.approx(near.log_p, rel=1e-9)
    assert far.p == 0 and far.log_p == pytest.approx(-20_140, abs=10)
    assert exp(of_signs(3, 3).log_p or 0) == 1
