"""Priorities, tingkat kesesuaian and the satisfaction index, against R and published cases. Relative 1e-9."""

from decimal import Decimal
from fractions import Fraction
from math import cos, isclose, pi, sin, sqrt

import numpy as np
import pytest
from scipy import stats

from analysis.methods.csi import class_of, satisfaction_index
from analysis.methods.importance import (
    CONCENTRATE,
    KEEP_UP,
    LOW_PRIORITY,
    MEDIAN,
    PAIRS,
    POSSIBLE_OVERKILL,
    SCALE_MIDDLE,
    SPEARMAN,
    conformity,
    derived_priorities,
    pearson,
    stated_priorities,
)
from tests.numbers import SERVQUAL, codes400, reference, with_sum
from tests.soundness import nothing_is_nan

ITEMS = tuple(f"{dimension}{k}" for dimension, n in SERVQUAL.items() for k in range(1, n + 1))
OVERALL = codes400("overall")
NAMES = {
    "I concentrate here": CONCENTRATE,
    "II keep up": KEEP_UP,
    "III low priority": LOW_PRIORITY,
    "IV possible overkill": POSSIBLE_OVERKILL,
}


def table(rows: list[int], columns: list[int], points: int = 7) -> np.ndarray:
    found = np.zeros((points + 1, points + 1), dtype=np.int64)
    np.add.at(found, (rows, columns), 1)
    return found


def joints400() -> list[np.ndarray]:
    return [table(codes400(f"E_{item}"), codes400(f"P_{item}")) for item in ITEMS]


def close(ours: float | Fraction | None, theirs: float, rel: float = 1e-9) -> None:
    assert ours is not None and isclose(ours, theirs, rel_tol=rel), (ours, theirs)


@pytest.mark.parametrize(
    ("cut", "quadrants", "cross"),
    [
        ("grand_mean", "quadrant_mean", "cross_mean"),
        ("median", "quadrant_median", "cross_median"),
        ("scale_middle", "quadrant_scale_mid_4", None),
    ],
)
def test_quadrants_by_each_cut_are_those_of_r(cut: str, quadrants: str, cross: str | None) -> None:
    """R: me >= cut & mp < cut and so on, cut at mean(me), median(me) or 4; the cut is stored in the result."""
    found, r = stated_priorities(joints400(), cut=cut), reference()["ipa"]
    assert found.cut == cut and found.importance == "stated"
    lines = r[cross] if cross else (4, 4)
    close(found.cut_importance, lines[0])
    close(found.cut_performance, lines[1])
    for item, placed in zip(ITEMS, found.items, strict=True):
        close(placed.importance.value, r["importance"][item])
        close(placed.performance.value, r["performance"][item])
        assert placed.quadrant == NAMES[r[quadrants][item]]


@pytest.mark.parametrize("kind", ["pearson", "spearman"])
def test_derived_importance_is_the_correlation_of_r(kind: str) -> None:
    """R: cor(P, overall, use = "pairwise", method = kind)."""
    joints = [table(OVERALL, codes400(f"P_{item}")) for item in ITEMS]
    found, r = derived_priorities(joints, kind=kind), reference()["ipa"][f"derived_importance_{kind}"]
    for item, placed in zip(ITEMS, found.items, strict=True):
        close(placed.importance.value, r[item])
        close(placed.performance.value, reference()["ipa"]["performance"][item])
    close(found.cut_importance, float(np.mean(list(r.values()))))
    nothing_is_nan(found)


@pytest.mark.parametrize("kind", ["pearson", "spearman"])
def test_the_error_of_a_derived_importance_is_the_jackknife_over_persons(kind: str) -> None:
    """Leaving out each of the persons in turn, row by row, with scipy's correlations."""
    overall, found = np.array(OVERALL[:60]), np.array(codes400("P_REL4")[:60])
    known = found > 0
    x, y = overall[known], found[known]
    correlate = stats.pearsonr if kind == "pearson" else stats.spearmanr
    n = len(x)
    left = np.array([correlate(np.delete(x, i), np.delete(y, i))[0] for i in range(n)])
    means = np.array([np.delete(y, i).mean() for i in range(n)])
    placed = derived_priorities([table(overall.tolist(), found.tolist())], kind=kind).items[0]
    moved = left - left.mean()
    close(placed.importance.se, sqrt((n - 1) / n * (moved @ moved)))
    close(placed.covariance, (n - 1) / n * float(moved @ (means - means.mean())), 1e-8)


def test_the_ellipse_is_that_of_the_paired_covariance_of_both_means() -> None:
    """Complete pairs: cov of the means = cov(E, P) / n; R: Hotelling's T2 region, its points have T2 on the bound."""
    e, p = np.array([6, 5, 7, 4, 6, 5, 7, 6, 3, 6]), np.array([4, 4, 6, 3, 5, 2, 6, 5, 3, 5])
    placed = stated_priorities([table(e.tolist(), p.tolist())]).items[0]
    covariance = np.cov(e, p) / 10
    close(placed.covariance, covariance[0, 1])
    ellipse = placed.ellipse
    assert ellipse is not None
    bound = 2 * 9 / 8 * stats.f.ppf(0.95, 2, 8)
    outline = []
    for turn in np.linspace(0, 2 * pi, 721):
        along, across = ellipse.long * cos(turn), ellipse.short * sin(turn)
        point = np.array(
            [
                along * cos(ellipse.angle) - across * sin(ellipse.angle),
                along * sin(ellipse.angle) + across * cos(ellipse.angle),
            ]
        )
        assert point @ np.linalg.solve(covariance, point) == pytest.approx(bound)
        outline.append(point)
    assert np.max(np.array(outline), axis=0) == pytest.approx(
        [ellipse.reach_importance, ellipse.reach_performance], rel=1e-4
    )


def test_an_item_whose_ellipse_crosses_a_line_is_undecided() -> None:
    """Ten thousand persons settle what ten leave open; the quadrant by the point stays the same."""
    few = [table([6, 5] * 5, [3, 4] * 5), table([4, 5] * 5, [4, 3] * 5), table([3, 2] * 5, [6, 6] * 4 + [5, 6])]
    small, large = stated_priorities(few), stated_priorities([joint * 1000 for joint in few])
    assert [placed.quadrant for placed in small.items] == [placed.quadrant for placed in large.items]
    assert [placed.undecided for placed in small.items] == [False, True, False]
    assert [placed.undecided for placed in large.items] == [False, False, False]
    on_the_line = stated_priorities([table([4] * 5, [4] * 5)] * 2, cut=MEDIAN).items[0]
    assert on_the_line.quadrant == KEEP_UP and on_the_line.undecided


def test_items_of_the_same_mean_stand_on_the_line() -> None:
    """The mean of equal numbers is that number, and what stands on a line counts as above it (R: ``>=``). Eleven means
    of 179 / 60, one of them over twice as many persons: added up as floats their mean is 2.983333333333334, above each.
    """
    codes = [3] * 59 + [2]
    found = stated_priorities([table(codes, codes)] * 10 + [table(codes * 2, codes * 2)])
    assert found.cut_importance == found.cut_performance == 179 / 60
    assert {placed.quadrant for placed in found.items} == {KEEP_UP}
    thirds = stated_priorities([table([a] * 3, [a, a, b]) for a, b in ((3, 4), (4, 3), (4, 4), (3, 3))])
    assert thirds.cut_performance == 3.5
    assert [placed.quadrant for placed in thirds.items] == [LOW_PRIORITY, KEEP_UP, KEEP_UP, LOW_PRIORITY]


def test_a_correlation_that_rests_on_one_person_has_no_error_but_says_why() -> None:
    """Forty persons of whom one alone differs: the jackknife leaves that person out, and then nothing varies."""
    found = derived_priorities([table([4] * 39 + [3], [4] * 39 + [2], 4)]).items[0]
    assert found.importance.value == pytest.approx(1) and found.importance.se is None and found.undecided
    assert found.importance.reason == found.reason == "rests_on_one"


def products(expected: np.ndarray, found: np.ndarray) -> np.ndarray:
    """(4k, 4k) sums of products of E, P and the indicators, from (n, k) codes with 0 = missing."""
    answers = np.hstack([expected, found])
    rows = np.hstack([answers, (answers > 0).astype(np.int64)])
    return rows.T @ rows


def test_against_the_grand_mean_the_ellipse_is_of_the_distance_from_it() -> None:
    """Complete answers: cov of (e_ij - mean_j e_ij, p_ij - mean_j p_ij) / n over persons, by numpy."""
    generator = np.random.default_rng(6)
    mood = generator.integers(-1, 2, size=(50, 1))
    expected = np.clip(5 + mood + generator.integers(-1, 2, size=(50, 4)), 1, 7)
    found = np.clip(4 + mood + generator.integers(-2, 3, size=(50, 4)), 1, 7)
    joints = [table(expected[:, j].tolist(), found[:, j].tolist()) for j in range(4)]
    plain = stated_priorities(joints)
    ours = stated_priorities(joints, cross=products(expected, found), persons=50)
    assert (plain.ellipses, ours.ellipses) == ("means", "distances")
    radius = sqrt(2 * 49 / 48 * stats.f.ppf(0.95, 2, 48))
    for j, (one, other) in enumerate(zip(ours.items, plain.items, strict=True)):
        e, p = expected[:, j] - expected.mean(axis=1), found[:, j] - found.mean(axis=1)
        assert one.ellipse is not None and other.ellipse is not None
        close(one.ellipse.reach_importance, radius * e.std(ddof=1) / sqrt(50))
        close(one.ellipse.reach_performance, radius * p.std(ddof=1) / sqrt(50))
        long, short = np.sqrt(np.linalg.eigvalsh(np.cov(e, p) / 50))[::-1] * radius
        close(one.ellipse.long, long)
        close(one.ellipse.short, short)
        assert one.ellipse.long < other.ellipse.long
        assert (one.quadrant, one.importance) == (other.quadrant, other.importance)


def test_distances_with_missing_answers_leave_fewer_items_undecided_than_means() -> None:
    """The 400 respondents share a mood: against a line that moves with them, 22 items are placed more surely."""
    expected, found = (np.array([codes400(f"{aspect}_{item}") for item in ITEMS]).T for aspect in "EP")
    plain = stated_priorities(joints400())
    ours = stated_priorities(joints400(), cross=products(expected, found), persons=400)
    assert sum(placed.undecided for placed in ours.items) < sum(placed.undecided for placed in plain.items)
    nothing_is_nan(ours)
    assert stated_priorities(joints400(), cut=MEDIAN, cross=products(expected, found)).ellipses == "means"
    with pytest.raises(ValueError, match="22 items"):
        stated_priorities(joints400(), cross=np.zeros((4, 4), dtype=np.int64), persons=400)


def test_with_missing_answers_everybody_counts_in_the_mean_they_answered() -> None:
    """Persons (5, 3), (7, -), (-, 1), (4, 4): mean E 16/3 and P 8/3, each of three; covariance over two pairs."""
    placed = stated_priorities([table([5, 7, 0, 4], [3, 0, 1, 4])]).items[0]
    close(placed.importance.value, 16 / 3)
    close(placed.performance.value, 8 / 3)
    cross = (5 - 16 / 3) * (3 - 8 / 3) + (4 - 16 / 3) * (4 - 8 / 3)
    close(placed.covariance, cross / 9 * 4 / 3)


def test_a_correlation_has_no_scale_middle_and_an_unknown_cut_is_an_error() -> None:
    found = derived_priorities([table([1, 2, 3], [1, 3, 2])], cut=SCALE_MIDDLE)
    assert found.reason == "no_scale_middle" and found.items[0].quadrant is None
    nothing_is_nan(found)
    with pytest.raises(ValueError, match="cut"):
        stated_priorities([], cut="somewhere")
    with pytest.raises(ValueError, match="correlation"):
        derived_priorities([], kind="kendall")


def test_published_priorities_of_the_laboratory_come_out() -> None:
    """143 students, item sums E / P as published: grand means 4.4517 and 3.9863, first priority {REL2}, CSI 79.7661."""
    expected = "635 636 650 646 634 643 629 626 639 624 626 631 645 627 647 654 634 622 636 637 646 638"
    found = "501 540 625 583 572 591 543 574 512 567 564 554 571 566 607 618 556 513 580 594 618 592"
    joints = [
        table(with_sum(int(e), 143, 5), with_sum(int(p), 143, 5), 5)
        for e, p in zip(expected.split(), found.split(), strict=True)
    ]
    priorities = stated_priorities(joints)
    assert round(priorities.cut_importance or 0, 4) == 4.4517
    assert round(priorities.cut_performance or 0, 4) == 3.9863
    assert [at for at, placed in enumerate(priorities.items) if placed.quadrant == CONCENTRATE] == [8]
    csi = satisfaction_index([joint.sum(axis=1) for joint in joints], [joint.sum(axis=0) for joint in joints])
    assert round(csi.from_maximum.estimate.value or 0, 4) == 79.7661
    assert csi.from_maximum.satisfaction == "satisfied"


def test_conformity_is_that_of_r_by_everybody_and_by_pairs() -> None:
    """R: mp / me * 100 (``fit_pct``); by pairs sum(P) / sum(E) over complete pairs = mean_x / mean_y of ``paired``."""
    for item, joint in zip(ITEMS, joints400(), strict=True):
        close(conformity(joint).value, reference()["ipa"]["fit_pct"][item])
        r = reference()["paired"][item]
        close(conformity(joint, policy=PAIRS).value, 100 * r["mean_x"] / r["mean_y"])


def test_the_error_of_conformity_is_that_of_a_ratio() -> None:
    """survey::svyratio on pairs: residuals P - R E over mean E; sqrt(var / n) / mean E, here by numpy."""
    e, p = np.array([5, 6, 7, 5, 4, 6]), np.array([4, 6, 5, 5, 2, 6])
    found = conformity(table(e.tolist(), p.tolist()), policy=PAIRS)
    ratio = p.sum() / e.sum()
    close(found.se, 100 * sqrt(np.var(p - ratio * e, ddof=1) / 6) / e.mean())
    assert found.low is not None and found.high is not None
    assert found.low < found.value < found.high  # type: ignore[operator]


def test_the_satisfaction_index_is_that_of_r_both_ways() -> None:
    """R: wf = me / sum(me); sum(wf * mp) / 7 * 100 and (sum(wf * mp) - 1) / 6 * 100."""
    found = satisfaction_index([j.sum(axis=1) for j in joints400()], [j.sum(axis=0) for j in joints400()])
    r = reference()["csi"]
    close(found.from_maximum.estimate.value, r["CSI_pct"])
    close(found.from_minimum.estimate.value, r["CSI_pct_from_minimum"])
    close(found.total, r["WT"])
    for item, mis, mss, wf, ws in zip(
        ITEMS, found.importance, found.satisfaction, found.weights, found.scores, strict=True
    ):
        close(mis, r["MIS"][item])
        close(mss, r["MSS"][item])
        close(100 * (wf or 0), r["WF_pct"][item])
        close(ws, r["WS"][item])
    assert (found.from_maximum.rounded, found.from_maximum.satisfaction) == (72, "satisfied")
    assert (found.from_minimum.rounded, found.from_minimum.satisfaction) == (67, "satisfied")
    assert found.from_maximum.estimate.reason == "needs_products"


def test_the_interval_of_the_satisfaction_index_is_the_delta_method_over_persons() -> None:
    """Complete answers of 40 persons to three items: gradient times covariance of the six means, by numpy."""
    generator = np.random.default_rng(5)
    answers = generator.integers(1, 6, size=(40, 6))
    marginals = [np.bincount(answers[:, j], minlength=6) for j in range(6)]
    rows = np.hstack([answers, np.ones_like(answers)])
    found = satisfaction_index(marginals[:3], marginals[3:], cross=rows.T @ rows, persons=40)
    mis, mss = answers.mean(axis=0)[:3], answers.mean(axis=0)[3:]
    total = mis @ mss / mis.sum()
    slope = np.concatenate([(mss - total) / mis.sum(), mis / mis.sum()])
    se = sqrt(slope @ np.cov(answers.T) @ slope / 40)
    close(found.from_maximum.estimate.se, se * 100 / 5)
    close(found.from_minimum.estimate.se, se * 100 / 4)
    assert found.from_maximum.estimate.n == 40


@pytest.mark.parametrize(
    ("percent", "name"),
    [
        (0, "dissatisfied"), (34, "dissatisfied"), (35, "less_satisfied"), (50, "less_satisfied"),
        (51, "fairly_satisfied"), (65, "fairly_satisfied"), (66, "satisfied"), (80, "satisfied"),
        (81, "very_satisfied"), (100, "very_satisfied"),
    ],
)  # fmt: skip
def test_classes_have_no_holes_between_whole_per_cents(percent: int, name: str) -> None:
    assert class_of(Decimal(percent)) == name


def test_a_half_is_rounded_up_before_the_class_is_read() -> None:
    """A mean of 3.22 on four points is 80.5 % exactly, which is 81: very satisfied."""
    importance = np.array([0, 0, 0, 0, 200])
    mean = Fraction(805, 1000) * 4
    satisfaction = np.array([0, 0, 0, 156, 44])
    assert Fraction(156 * 3 + 44 * 4, 200) == mean
    found = satisfaction_index([importance], [satisfaction]).from_maximum
    assert (found.rounded, found.satisfaction) == (81, "very_satisfied")


def test_an_item_without_answers_is_left_out_and_the_weights_add_up_to_one() -> None:
    e, p, nobody = np.array([1, 0, 2, 3, 4]), np.array([0, 1, 2, 3, 4]), np.array([10, 0, 0, 0, 0])
    found = satisfaction_index([e, e, nobody], [p, nobody, p])
    assert found.weights == (1, None, None) and found.n == 9
    nothing_is_nan(found)
    joints = [table([3, 4, 4], [2, 2, 1]), table([0, 0], [3, 2]), table([], [])]
    priorities = stated_priorities(joints)
    assert [placed.reason for placed in priorities.items] == [None, "no_answers", "no_answers"]
    assert priorities.items[1].performance.value == 2.5
    nothing_is_nan(priorities)


@pytest.mark.parametrize("joint", [table([], []), table([5], [4]), table([5, 0], [0, 4]), table([5, 5, 5], [4, 4, 4])])
def test_tiny_and_constant_data_have_no_interval_but_a_reason(joint: np.ndarray) -> None:
    """n = 0, 1, two persons with one answer each, and everybody the same."""
    for found in (
        stated_priorities([joint, joint]),
        stated_priorities([joint], cut=SCALE_MIDDLE),
        derived_priorities([joint]),
        derived_priorities([joint], kind=SPEARMAN),
        conformity(joint),
        conformity(joint, policy=PAIRS),
        satisfaction_index([joint.sum(axis=1)], [joint.sum(axis=0)]),
    ):
        nothing_is_nan(found)


def test_nothing_at_all_gives_nothing_with_a_reason() -> None:
    assert stated_priorities([]).reason == "no_answers"
    assert satisfaction_index([], []).from_maximum.estimate.reason == "no_answers"
    with pytest.raises(ValueError, match="different length"):
        satisfaction_index([np.ones(5, int)] * 2, [np.ones(5, int), np.ones(6, int)])


def test_a_correlation_does_not_depend_on_how_many_millions_answered() -> None:
    joint = table(OVERALL, codes400("P_REL4"))[1:, 1:].astype(float)
    close(float(pearson(joint * 1e5)), float(pearson(joint)))
