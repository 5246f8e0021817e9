"""How would a competent user do the job of a dashboard with pandas, and with polars?"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.counting.matrix import Matrix
from tests.benchmarks.asked_twice import asked_twice
from tests.benchmarks.dashboard_job import ELEMENTS, ITEMS, KINDS, NAMES, Floats, Told

COLUMNS = [f"{aspect}_{name}" for aspect in "EP" for name in NAMES]
GAPS = range(-6, 7)


class WithPandas:
    """pandas, scipy and pingouin, as their manuals show it. ``pingouin.wilcoxon`` itself needs 80 GB for a million."""

    name, slow = "pandas + scipy + pingouin", True

    def __init__(self, matrix: Matrix, cell: npt.NDArray[np.intp]) -> None:
        import pandas as pd

        self.frame = pd.DataFrame(_columns(matrix, cell))

    def run(self) -> Told:
        """The whole job."""
        import pingouin as pg
        from scipy import stats

        frame, n = self.frame, len(self.frame)
        means, gaps, widths, t, ranks = [], [], [], [], []
        for name in NAMES:
            e, p = frame[f"E_{name}"].astype("float64"), frame[f"P_{name}"].astype("float64")
            gap = p - e
            for column in (e, p, gap):
                stats.t.interval(0.95, n - 1, loc=column.mean(), scale=stats.sem(column))
            tested = stats.ttest_rel(p, e)
            means.append([e.mean(), p.mean()])
            gaps.append(gap.mean())
            widths.append(tested.confidence_interval().high - gap.mean())
            t.append(tested.statistic)
            ranks.append(stats.wilcoxon(gap, method="asymptotic").pvalue)
        dimensions, alphas = [], {}
        for dimension, inside in ITEMS.items():
            e = frame[[f"E_{name}" for name in inside]].astype("float64")
            p = frame[[f"P_{name}" for name in inside]].astype("float64")
            gap = p.set_axis(inside, axis=1) - e.set_axis(inside, axis=1)
            for kind, scale in zip(KINDS, (e, p, gap), strict=True):
                score = scale.mean(axis=1)
                stats.t.interval(0.95, n - 1, loc=score.mean(), scale=stats.sem(score))
                alphas[kind, dimension] = pg.cronbach_alpha(data=scale)[0]
            dimensions.append(gap.mean(axis=1).mean())
        index = frame[ELEMENTS].mean(axis=1) * 25
        by_cell = index.groupby(frame["cell"]).agg(["mean", "sem"])
        counts = [frame[column].value_counts().reindex(range(1, 8), fill_value=0).to_numpy() for column in COLUMNS]
        return Told(
            means=np.array(means),
            gaps=np.array(gaps),
            half_widths=np.array(widths),
            t=np.array(t),
            signed_rank_p=np.array(ranks),
            dimensions=np.array(dimensions),
            alphas=np.array([alphas[kind, dimension] for kind in KINDS for dimension in ITEMS]),
            index=by_cell["mean"].to_numpy(),
            index_se=by_cell["sem"].to_numpy(),
            counts=np.array(counts, dtype=np.float64),
        )


class WithPolars:
    """polars by somebody who knows that Wilcoxon's test follows from counts of differences; it uses all cores."""

    name, slow = "polars", True

    def __init__(self, matrix: Matrix, cell: npt.NDArray[np.intp]) -> None:
        import polars as pl

        self.frame = pl.DataFrame(_columns(matrix, cell))

    def run(self) -> Told:
        """One query for all persons and one by cell; the tests from what they bring."""
        import polars as pl

        wanted = [_counted(pl.col(column), column) for column in COLUMNS]
        for name in NAMES:
            e, p = pl.col(f"E_{name}").cast(pl.Int8), pl.col(f"P_{name}").cast(pl.Int8)
            wanted.append(_counted(p - e, f"gap {name}"))
            for what, values in (("E", e), ("P", p), ("gap", p - e)):
                wanted += [values.mean().alias(f"mean {what} {name}"), values.var().alias(f"var {what} {name}")]
        found = self._query([*wanted, *_of_dimensions()])
        moments = {
            (what, name): (found[f"mean {what} {name}"], found[f"var {what} {name}"])
            for what in ("E", "P", "gap")
            for name in NAMES
        }
        by_gap = {name: _dense(found[f"gap {name}"], GAPS) for name in NAMES}
        counts = [_dense(found[column], range(1, 8)) for column in COLUMNS]
        return self._told(found, moments, by_gap, counts)

    def _query(self, wanted: list[Any]) -> dict[str, Any]:
        row: dict[str, Any] = self.frame.lazy().select(wanted).collect().row(0, named=True)
        return row

    def _told(
        self,
        found: dict[str, Any],
        moments: dict[tuple[str, str], tuple[float, float]],
        by_gap: dict[str, Floats],
        counts: Sequence[Floats],
    ) -> Told:
        import polars as pl
        from scipy import special, stats

        index = sum((pl.col(name).cast(pl.Int16) for name in ELEMENTS), pl.lit(0, pl.Int16)) * (25 / 9)
        se = index.std() / pl.len().sqrt()
        by_cell = self.frame.lazy().group_by("cell").agg(index.mean().alias("mean"), se.alias("se")).sort("cell")
        cells = by_cell.collect()
        n = len(self.frame)
        reach = float(stats.t.ppf(0.975, n - 1))
        gaps = np.array([moments["gap", name] for name in NAMES])
        se_of_gaps = np.sqrt(gaps[:, 1] / n)
        t = gaps[:, 0] / se_of_gaps
        special.stdtr(n - 1, -np.abs(t))
        alphas = []
        for kind, what in zip(KINDS, ("E", "P", "gap"), strict=True):
            for dimension, inside in ITEMS.items():
                parts, k = sum(moments[what, name][1] for name in inside), len(inside)
                alphas.append(k / (k - 1) * (1 - parts / found[f"var {kind} {dimension}"]))
        return Told(
            means=np.array([[moments["E", name][0], moments["P", name][0]] for name in NAMES]),
            gaps=gaps[:, 0],
            half_widths=reach * se_of_gaps,
            t=t,
            signed_rank_p=np.array([2 * special.ndtr(-abs(_signed_rank_z(by_gap[name]))) for name in NAMES]),
            dimensions=np.array([found[f"mean gap {d}"] / len(inside) for d, inside in ITEMS.items()]),
            alphas=np.array(alphas),
            index=cells["mean"].to_numpy(),
            index_se=cells["se"].to_numpy(),
            counts=np.array(counts),
        )


class WithPolarsOurWay(WithPolars):
    """polars with our own idea: everything about an item follows from the counts of both answers together."""

    name, slow = "polars counting as we do", False

    def run(self) -> Told:
        """One table of 64 places per item; means, variances, differences and distributions come from it."""
        import polars as pl

        joint = [_counted(pl.col(f"E_{name}") * 8 + pl.col(f"P_{name}"), f"joint {name}") for name in NAMES]
        found = self._query([*joint, *_of_dimensions()])
        moments, by_gap = {}, {}
        counts: dict[str, Floats] = {}
        for name in NAMES:
            table = _dense(found[f"joint {name}"], range(64)).reshape(8, 8)
            by_gap[name] = np.array([np.trace(table, offset) for offset in GAPS])
            both = {"E": table.sum(axis=1), "P": table.sum(axis=0)}
            for what, values in both.items():
                moments[what, name] = _moments(values, np.arange(8))
                counts[f"{what}_{name}"] = values[1:]
            moments["gap", name] = _moments(by_gap[name], np.array(GAPS))
        return self._told(found, moments, by_gap, [counts[column] for column in COLUMNS])


ALL = (WithPolarsOurWay, WithPolars, WithPandas)


def _columns(matrix: Matrix, cell: npt.NDArray[np.intp]) -> dict[str, npt.NDArray[Any]]:
    """Copies, one by one, as a data frame has them."""
    names = [column.name for column in asked_twice().columns]
    return {name: matrix.column(name).copy() for name in names} | {"cell": cell.astype(np.int16)}


def _counted(values: Any, name: str) -> Any:
    return values.alias("value").value_counts(name="count").implode().alias(name)


def _of_dimensions() -> list[Any]:
    """Mean and variance of the sums of every dimension in three respects."""
    import polars as pl

    wanted = []
    for dimension, inside in ITEMS.items():
        e, p = (
            sum((pl.col(f"{aspect}_{name}").cast(pl.Int16) for name in inside), pl.lit(0, pl.Int16)) for aspect in "EP"
        )
        for kind, score in zip(KINDS, (e, p, p - e), strict=True):
            wanted += [score.var().alias(f"var {kind} {dimension}"), score.mean().alias(f"mean {kind} {dimension}")]
    return wanted


def _dense(rows: Sequence[dict[str, int]], values: Sequence[int]) -> Floats:
    """The counts of ``values``, which follow each other, in their order."""
    counts = np.zeros(len(values))
    for row in rows:
        counts[row["value"] - values[0]] = row["count"]
    return counts


def _moments(counts: Floats, values: npt.NDArray[Any]) -> tuple[float, float]:
    """Mean and variance of values by their counts."""
    n = counts.sum()
    mean = counts @ values / n
    return float(mean), float(counts @ (values - mean) ** 2 / (n - 1))


def _signed_rank_z(by_gap: Floats) -> float:
    """Of Wilcoxon's test, zeros dropped, corrected for ties; by_gap: from -6 to 6."""
    plus, minus = by_gap[7:], by_gap[5::-1]
    tied = plus + minus
    rank = np.cumsum(tied) - (tied - 1) / 2
    w, whole = (plus * rank).sum(), (tied * rank).sum()
    return float((w - whole / 2) / np.sqrt((tied * rank**2).sum() / 4))
