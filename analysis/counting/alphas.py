"""How reliable are all scales, from counts that a dashboard keeps anyway?"""

from collections.abc import Mapping

from analysis.counting.layout import Scores
from analysis.counting.tally import Tally
from analysis.methods.estimate import Estimate
from analysis.methods.reliability import alpha_of_spreads


def alphas_of(tally: Tally) -> Mapping[tuple[str, str], Estimate]:
    """Cronbach's alpha of every scale that is asked, by (dimension, kind), of persons who answered all its items.

    Whoever left out an item of the scale is taken out of the sums of its items, so that items and sums are those of the
    same n persons (listwise). Formula, interval and reasons: ``reliability.alpha_of_spreads``.
    """
    found = {}
    for scores in tally.layout.scores:
        if scores.items:
            n, total, squares = tally.sums_of_scores[scores.dimension, scores.kind][scores.items]
            spreads, of_sum = _spread_of_items(tally, scores, n), n * squares - total * total
            found[scores.dimension, scores.kind] = alpha_of_spreads(scores.items, spreads, of_sum, n)
    return found


def _spread_of_items(tally: Tally, scores: Scores, n: int) -> int:
    """N (n - 1) times the variances of the items among complete persons, added up."""
    *partly, partly_squares = tally.partly[scores.dimension, scores.kind]
    items = _items_of(tally, scores)
    squares = sum(own for _, _, own in items) - partly_squares
    return int(n * squares - sum((total - less) ** 2 for (_, total, _), less in zip(items, partly, strict=True)))


def _items_of(tally: Tally, scores: Scores) -> list[list[int]]:
    """Of each item of a score: persons, sum and sum of squares."""
    if not scores.minus:
        return [tally.sums_of_columns[column] for column in scores.first]
    return [tally.sums_of_gaps[tally.layout.item_of_gap[column]] for column in scores.first]
