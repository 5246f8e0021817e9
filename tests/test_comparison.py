"""Do groups differ, which ones, and which share a tier? Against R: closed forms to 1e-9, p-values to 1e-7."""

from math import isclose, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.methods.comparison import Moments, associate, compare, kruskal
from analysis.methods.estimate import Estimate, of_mean
from analysis.methods.pairwise import dunn, games_howell
from analysis.methods.studentized_range import log_tail, quantile, tail
from analysis.methods.tiers import Tiers, letter_display, tiers
from tests.numbers import SERVQUAL, codes400, reference, rows400
from tests.soundness import nothing_is_nan

GROUPS = ("group_overall_by_unit", "group_REL_by_gender", "group_REL_by_age", "group_TAN1_by_edu")
MANY = tuple(name for name in GROUPS if name != "group_REL_by_gender")


def close(ours: float | None, theirs: float, rel: float = 1e-9) -> None:
    assert ours is not None
    assert isclose(ours, theirs, rel_tol=rel), (ours, theirs)


def counts400(name: str) -> tuple[np.ndarray, np.ndarray]:
    """(groups, values) persons and the values, groups in the order of R's levels."""
    levels = reference()[name]["levels"]
    heading = {"unit": "unit", "gender": "gender", "age": "age", "edu": "edu"}[name.rsplit("_", 1)[1]]
    if (
        "_REL_" in name
    ):  # R: rowMeans(P[, REL1..REL5], na.rm = TRUE): the sum over answered items, a quotient of integers
        answers = np.array([codes400(f"P_REL{k}") for k in range(1, SERVQUAL["REL"] + 1)])
        y = answers.sum(axis=0) / np.maximum((answers > 0).sum(axis=0), 1)
    else:
        y = np.array(codes400("overall" if "overall" in name else "P_TAN1"), dtype=float)
    group = np.array([levels.index(row[heading]) for row in rows400()])
    values = np.unique(y[y > 0])
    counts = np.zeros((len(levels), len(values)), dtype=np.int64)
    known = y > 0
    np.add.at(counts, (group[known], np.searchsorted(values, y[known])), 1)
    return counts, values


@pytest.mark.parametrize("name", GROUPS)
def test_analysis_of_variance_and_effect_sizes_are_those_of_r(name: str) -> None:
    """R: aov(y ~ g), oneway.test(y ~ g) (Welch), eta2, omega2, epsilon2 by formula."""
    counts, values = counts400(name)
    found, r = compare(Moments.of_counts(counts, values)), reference()[name]
    assert found.n == r["n"]
    # REL by gender has an F of 2e-4: the difference of two nearly equal means keeps fewer digits.
    rel = 1e-6 if name == "group_REL_by_gender" else 1e-9
    close(found.anova.statistic, r["anova"]["F"], rel)
    assert found.anova.df == (r["anova"]["df1"], r["anova"]["df2"])
    close(found.anova.p, r["anova"]["p"], 1e-7)
    close(found.welch.statistic, r["welch_anova"]["statistic"], rel)
    close(found.welch.df[1], r["welch_anova"]["parameter"][1])
    close(found.welch.p, r["welch_anova"]["p"], 1e-7)
    close(found.eta2.value, r["eta2"], rel)
    close(found.omega2.value, r["omega2"])
    close(found.epsilon2.value, r["epsilon2"])


@pytest.mark.parametrize("name", GROUPS)
def test_kruskal_wallis_from_counts_is_that_of_r(name: str) -> None:
    """R: kruskal.test(y ~ g), tie-corrected; epsilon2 = H / ((n^2 - 1) / (n + 1))."""
    found, r = kruskal(*counts400(name)), reference()[name]
    close(found.test.statistic, r["kruskal"]["statistic"])
    assert found.test.df == (r["kruskal"]["parameter"],)
    close(found.test.p, r["kruskal"]["p"], 1e-7)
    close(found.epsilon2.value, r["kruskal_epsilon2"])


@pytest.mark.parametrize("name", MANY)
def test_games_howell_is_that_of_r_for_every_pair(name: str) -> None:
    """R: ptukey and qtukey on Welch's se and df. R's qtukey stops iterating at 1e-4."""
    found, r = games_howell(Moments.of_counts(*counts400(name))), reference()[name]
    levels = r["levels"]
    assert len(found) == len(r["games_howell"])
    for pair, theirs in zip(found, r["games_howell"], strict=True):
        assert (levels[pair.first], levels[pair.second]) == (theirs["a"], theirs["b"])
        close(pair.difference.value, theirs["diff"])
        close(pair.difference.se, theirs["se"])
        close(pair.test.df[1], theirs["df"])
        close(pair.test.p, theirs["p"], 1e-7)
        assert pair.difference.low == pytest.approx(theirs["ci"][0], abs=1e-4)
        assert pair.difference.high == pytest.approx(theirs["ci"][1], abs=1e-4)


@pytest.mark.parametrize("name", MANY)
def test_dunn_is_that_of_r_for_every_pair(name: str) -> None:
    """R: z from mean ranks and the tie-corrected variance; p.adjust holm and BH. R's z is first minus second."""
    found, r = dunn(*counts400(name)), reference()[name]["dunn"]
    close_all = zip(found, r["z"], r["p"], r["p_holm"], r["p_bh"], strict=True)
    for pair, z, p, holm, bh in close_all:
        close(pair.test.statistic, -z)
        close(pair.test.p, p, 1e-7)
        close(pair.holm, holm, 1e-7)
        close(pair.benjamini_hochberg, bh, 1e-7)


def test_two_groups_have_the_hedges_g_and_the_welch_t_of_r() -> None:
    """R: effectsize::hedges_g(F, M), t.test(F, M): their first minus second is the opposite of ours."""
    (pair,) = games_howell(Moments.of_counts(*counts400("group_REL_by_gender")))
    r = reference()["group_REL_by_gender"]
    close(pair.hedges_g.value, -r["hedges_g"]["Hedges_g"], 1e-6)
    close(pair.test.statistic, abs(r["t_welch"]["statistic"]) * sqrt(2), 1e-6)
    close(pair.test.p, r["t_welch"]["p"], 1e-7)
    close(pair.difference.low, -r["t_welch"]["ci"][1], 1e-6)


def test_means_of_groups_may_come_from_their_estimates_as_well_as_from_counts() -> None:
    """An index has no table of values per person, but a value, a standard error and n."""
    counts, values = counts400("group_overall_by_unit")
    estimates = [of_mean(int(c.sum()), int(c @ values), int(c @ values**2)) for c in counts]
    one, other = compare(Moments.of_counts(counts, values)), compare(Moments.of_estimates(estimates))
    close(one.welch.p, other.welch.p or 0)
    close(one.eta2.value, other.eta2.value or 0)


def test_chi_square_and_cramers_v_are_those_of_r() -> None:
    """R: chisq.test(t, correct = FALSE), t = 54 91 86 / 50 54 65; V = sqrt(X2 / (n (min(r, c) - 1)))."""
    r = reference()["gender_x_sat3"]
    table = np.array(r["table"]["values"])
    found = associate(table)
    close(found.test.statistic, r["chisq"]["statistic"])
    close(found.test.p, r["chisq"]["p"], 1e-7)
    assert found.test.df == (2,)
    close(found.cramers_v.value, sqrt(r["chisq"]["statistic"] / 400))
    expected = stats.contingency.expected_freq(table)
    close(found.smallest_expected, float(expected.min()))
    assert found.expected_below_5 == 0
    share = table.sum(axis=1, keepdims=True) / 400, table.sum(axis=0, keepdims=True) / 400
    residuals = (table - expected) / np.sqrt(expected * (1 - share[0]) * (1 - share[1]))
    assert np.allclose(np.array(found.residuals, dtype=float), residuals)


def test_a_category_nobody_chose_changes_nothing_but_its_own_residuals() -> None:
    table = np.array([[54, 0, 91, 86], [50, 0, 54, 65], [0, 0, 0, 0]])
    found = associate(table)
    assert found.test == associate(table[:2][:, [0, 2, 3]]).test
    assert [row[1] for row in found.residuals] == [None, None, None]
    assert found.residuals[2] == (None,) * 4


def test_complete_association_has_v_of_one() -> None:
    found = associate(np.array([[30, 0], [0, 20]]))
    assert found.cramers_v.value == pytest.approx(1)
    assert found.corrected_v.value == pytest.approx(1)


@pytest.mark.parametrize("k", [3, 10])
def test_the_studentized_range_is_that_of_scipy(k: int) -> None:
    """scipy.stats.studentized_range.sf, whose 1 - P loses digits where P is near 1."""
    for df in (1.0, 5.0, 30.0, 1000.0):
        q = np.array([0.1, 0.5, 1.0, 2.0, 4.0, 5.0])
        ours = tail(q, groups=k, df=np.full(6, df))
        assert np.allclose(ours, stats.studentized_range.sf(q, k, df), rtol=1e-8, atol=1e-12)


@given(
    q=st.floats(0.01, 60),
    df=st.floats(1, 1e7),
)
@settings(max_examples=100, deadline=None)
def test_the_range_of_two_means_is_students_t(q: float, df: float) -> None:
    """P(range of two > q) = P(|t| > q / sqrt 2), down to the smallest tails."""
    exact = np.log(2) + stats.t.logsf(q / sqrt(2), df)
    if np.isfinite(exact):
        assert log_tail(np.array([q]), groups=2, df=np.array([df]))[0] == pytest.approx(exact, rel=1e-8, abs=1e-9)


def test_the_quantile_of_the_range_is_the_printed_one() -> None:
    """Tukey's table, 5 %: q(3, 10) = 3.88, q(5, 30) = 4.10, q(10, 60) = 4.65, q(3, inf) = 3.31, q(2, 1) = 17.97."""
    for k, df, printed in ((3, 10, 3.88), (5, 30, 4.10), (10, 60, 4.65), (3, 1e9, 3.31), (2, 1, 17.97)):
        q = quantile(0.05, groups=k, df=np.array([float(df)]))
        assert round(float(q[0]), 2) == printed
        assert tail(q, groups=k, df=np.array([float(df)]))[0] == pytest.approx(0.05, rel=1e-9)


def test_groups_that_cannot_be_told_apart_share_a_tier() -> None:
    """The 400 respondents: u01 (4.80) is below the other three units (5.24 to 5.31), which do not differ."""
    found = tiers(Moments.of_counts(*counts400("group_overall_by_unit")))
    assert found.order == (3, 1, 2, 0)
    assert found.letters == ("b", "a", "a", "a")


def test_a_group_in_between_stands_in_both_tiers() -> None:
    """Means 3.0, 3.5, 4.0 with se 0.2: only the first and the last can be told apart."""
    found = tiers(Moments.of_estimates([Estimate(v, 50, se=0.2) for v in (3.0, 3.5, 4.0)]))
    assert found.letters == ("b", "ab", "a")


def test_the_letters_are_those_of_piephos_algorithm_by_hand() -> None:
    """1 > 2 > 3 > 4; apart 1-3, 1-4, 2-4: {1234}; {234}{124}; {234}{24}{12} = {234}{12}; {34}{23}{12}."""
    assert letter_display([1, 2, 3, 4], {(1, 3), (4, 1), (2, 4)}) == {1: (1,), 2: (1, 2), 3: (2, 3), 4: (3,)}


@given(
    st.integers(2, 9).flatmap(
        lambda g: st.tuples(
            st.just(g),
            st.sets(st.tuples(st.integers(0, g - 1), st.integers(0, g - 1)).filter(lambda pair: pair[0] < pair[1])),
        )
    )
)
@settings(max_examples=150, deadline=None)
def test_two_groups_share_a_tier_exactly_when_they_are_not_told_apart(case: tuple[int, set[tuple[int, int]]]) -> None:
    g, apart = case
    found = letter_display(range(g), apart)
    assert found is not None and all(found.values())
    for i in range(g):
        for j in range(i):
            assert bool(set(found[i]) & set(found[j])) == ((j, i) not in apart)


def test_twenty_units_are_put_into_tiers_fast_and_a_single_respondent_is_left_out() -> None:
    generator = np.random.default_rng(3)
    shares = np.linspace(0.1, 0.6, 20)
    counts = np.array([generator.multinomial(250, [0.05, 0.2, 0.75 - share, share]) for share in shares])
    counts = np.vstack([counts, [0, 0, 0, 1], [0, 0, 0, 0]])
    found = tiers(Moments.of_counts(counts, np.arange(1, 5)))
    assert found.left_out == (20, 21) and len(found.order) == 20
    assert found.letters[20] == found.letters[21] == ""
    assert 1 < max(t for own in found.tiers for t in own) < 20


def test_more_than_26_tiers_get_two_letters() -> None:
    found = Tiers(0.05, (0,), ((26, 27, 53),), ())
    assert found.letters == ("z.aa.ba",)


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        ([[0, 0], [0, 0]], "fewer_than_two_groups"),
        ([[3, 4]], "fewer_than_two_groups"),
        ([[1, 0], [5, 5]], "fewer_than_two_groups"),
        ([[5, 0], [0, 5]], "no_variance"),
        ([[5, 0], [9, 0]], "no_variance"),
    ],
)
def test_what_cannot_be_compared_says_why(counts: list[list[int]], reason: str) -> None:
    """Nobody, one group, a group of one, no spread within the groups, everybody the same."""
    table, values = np.array(counts), np.array([1, 2])
    found = compare(Moments.of_counts(table, values))
    assert found.welch.reason == found.anova.reason == found.eta2.reason == reason
    for result in (found, kruskal(table, values), dunn(table, values), games_howell(Moments.of_counts(table, values))):
        nothing_is_nan(result)
    nothing_is_nan(tiers(Moments.of_counts(table, values)))
    nothing_is_nan(associate(table))


def test_two_units_without_any_spread_are_still_told_apart() -> None:
    assert tiers(Moments.of_counts(np.array([[5, 0], [0, 5]]), np.array([1, 2]))).letters == ("b", "a")
    assert tiers(Moments.of_counts(np.array([[5, 0], [7, 0]]), np.array([1, 2]))).letters == ("a", "a")


def test_one_group_without_spread_leaves_welch_undefined_but_not_the_pairs() -> None:
    table, values = np.array([[6, 0, 0], [3, 4, 5], [1, 5, 9]]), np.array([1, 2, 3])
    found = compare(Moments.of_counts(table, values))
    assert found.welch.reason == "no_variance" and found.anova.p is not None
    pairs = games_howell(Moments.of_counts(table, values))
    assert all(pair.test.p is not None for pair in pairs)
    nothing_is_nan(pairs)


def test_counts_that_do_not_fit_the_values_are_a_programming_error() -> None:
    with pytest.raises(ValueError, match="3 values"):
        Moments.of_counts(np.zeros((2, 4), dtype=np.int64), np.arange(3))
