"""How reliable are all scales, from counts that a dashboard keeps anyway?"""

from collections.abc import Mapping

from analysis.counting.layout import Scores
from analysis.counting.tally import Tally
from analysis.methods.estimate import Estimate
from analysis.methods.reliability import alpha_of_spreads


def alphas_of(tally: Tally) -> Mapping[tuple[str, str], Estimate] | None:
    """Cronbach's alpha of every scale by (dimension, kind), when every person answered every item; else None.

    With missing answers the spread of the items counts other persons than that of the sum. Formula and interval:
    ``reliability.cronbach_alpha``. Only scales of at least one item are told.
    """
    found = {}
    for scores in tally.layout.scores:
        if not scores.items:
            continue
        n, total, squares = tally.sums_of_scores[scores.dimension, scores.kind][scores.items]
        items = _items_of(tally, scores)
        if n != tally.n or any(answered != n for answered, _, _ in items):
            return None
        spreads = [n * square - sum_ * sum_ for _, sum_, square in items]
        found[scores.dimension, scores.kind] = alpha_of_spreads(spreads, n * squares - total * total, n)
    return found


def _items_of(tally: Tally, scores: Scores) -> list[list[int]]:
    """Of each item of a score: persons, sum and sum of squares."""
    if not scores.minus:
        return [tally.sums_of_columns[column] for column in scores.first]
    gaps = {pair.perception: pair.name for pair in tally.layout.pairs if pair.is_paired}
    return [tally.sums_of_gaps[gaps[column]] for column in scores.first]
