"""Sample sizes, against R and the printed table of 1970."""

import json
from datetime import date
from math import isclose

import pytest

from survey.sampling import (
    cochran,
    for_mean,
    krejcie_morgan,
    krejcie_morgan_printed,
    krejcie_morgan_table,
    margin_of_share,
    progress,
    slovin,
)
from tests.numbers import REFERENCE

R = json.loads((REFERENCE / "formulas.json").read_text(encoding="utf-8"))
PRINTED = """
10 10 15 14 20 19 25 24 30 28 35 32 40 36 45 40 50 44 55 48 60 52 65 56 70 59 75 63 80 66 85 70 90 73 95 76
100 80 110 86 120 92 130 97 140 103 150 108 160 113 170 118 180 123 190 127 200 132 210 136 220 140 230 144
240 148 250 152 260 155 270 159 280 162 290 165 300 169 320 175 340 181 360 186 380 191 400 196 420 201 440
205 460 210 480 214 500 217 550 226 600 234 650 242 700 248 750 254 800 260 850 265 900 269 950 274 1000 278
1100 285 1200 291 1300 297 1400 302 1500 306 1600 310 1700 313 1800 317 1900 320 2000 322 2200 327 2400 331
2600 335 2800 338 3000 341 3500 346 4000 351 4500 354 5000 357 6000 361 7000 364 8000 367 9000 368 10000 370
15000 375 20000 377 30000 379 40000 380 50000 381 75000 382
"""


def test_krejcie_and_morgan_is_that_of_r() -> None:
    """R: km(N) of tests/reference/r/servqual.R, unrounded and rounded, N = 10 to 1,000,000."""
    r = R["krejcie_morgan"]
    for population, exact, rounded in zip(r["N"], r["n_unrounded"], r["n_round"], strict=True):
        found = krejcie_morgan(population)
        assert isclose(found.exact, exact, rel_tol=1e-12)
        assert found.size == rounded


def test_the_printed_table_is_the_rounded_formula_in_every_row() -> None:
    """Krejcie & Morgan (1970), table 1, all rows but the last."""
    numbers = [int(number) for number in PRINTED.split()]
    assert dict(krejcie_morgan_table()) == dict(zip(numbers[::2], numbers[1::2], strict=True))


@pytest.mark.parametrize(
    ("population", "size"),
    [
        (1, 1),
        (7, 7),
        (10, 10),
        (11, 11),
        (14, 14),
        (16, 16),
        (21, 21),
        (23, 23),
        (26, 26),
        (31, 31),
        (33, 32),
        (100, 80),
        (101, 86),
        (4500, 354),
        (4501, 357),
        (75_000, 382),
        (75_001, 384),
    ],
)
def test_between_two_printed_rows_the_next_one_upwards_is_taken(population: int, size: int) -> None:
    """The practice of the offices; above 75,000 the last row, 384; never more than there are people."""
    assert krejcie_morgan_printed(population).size == size


def test_cochran_is_that_of_r_with_and_without_a_population() -> None:
    """R: coch(e, conf, N) of tests/reference/r/servqual.R."""
    for key, given in (
        ("e05", {}),
        ("e03", {"margin": 0.03}),
        ("e05_N500", {"population": 500}),
        ("e05_N2000", {"population": 2000}),
        ("e01_conf99", {"margin": 0.01, "confidence": 0.99}),
    ):
        r, found = R["cochran"][key], cochran(**given)  # type: ignore[arg-type]
        assert isclose(found.exact, r["fpc"] or r["n0"], rel_tol=1e-9), key
        assert found.size == (r["fpc_ceil"] or r["n0_ceil"]), key


def test_slovin_is_that_of_r() -> None:
    """R: N / (1 + N e^2), e = 0.05 and 0.10."""
    r = R["slovin"]
    for population, five, ten in zip(r["N"], r["e05"], r["e10"], strict=True):
        assert isclose(slovin(population).exact, five, rel_tol=1e-12)
        assert isclose(slovin(population, margin=0.1).exact, ten, rel_tol=1e-12)
    assert slovin(100).size == 80  # 100 / 1.25, where a float says 80.00000000000001


def test_the_sample_for_a_mean_is_that_of_r() -> None:
    """R: (qnorm(.975) * .6 / .1)^2 and the same from N = 500."""
    r = R["mean_sample_size"]
    assert isclose(for_mean(deviation=r["sd"], half_width=r["E"]).exact, r["n0"], rel_tol=1e-12)
    assert isclose(for_mean(deviation=r["sd"], half_width=r["E"], population=500).exact, r["N500"], rel_tol=1e-12)
    assert for_mean(deviation=0, half_width=1).size == 1


def test_a_sample_is_never_larger_than_the_population() -> None:
    """Two people cannot give three answers."""
    for found in (
        krejcie_morgan(2),
        cochran(population=2),
        slovin(2),
        for_mean(deviation=9, half_width=1, population=2),
    ):
        assert found.size == 2, found
    assert krejcie_morgan(1).size == 1


def test_the_margin_turns_cochrans_formula_around() -> None:
    """The exact sample for 5 % gives back 5 %: n = 385 is a little better; a census has none."""
    assert isclose(margin_of_share(385) or 0, 0.05 * (384.145882069412 / 385) ** 0.5, rel_tol=1e-9)
    assert margin_of_share(0) is None
    assert margin_of_share(500, population=500) == 0
    assert isclose(margin_of_share(218, population=500) or 0, 0.04991, abs_tol=1e-4)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: krejcie_morgan(0),
        lambda: slovin(10, margin=0),
        lambda: cochran(confidence=1),
        lambda: for_mean(deviation=1, half_width=0),
        lambda: progress(1, 0, today=date(2026, 1, 1)),
        lambda: progress(1, 5, today=date(2026, 1, 1), n_today=2),
    ],
)
def test_impossible_settings_are_refused(wrong: object) -> None:
    """Whoever asks for them has made a mistake."""
    with pytest.raises(ValueError, match=r"\d"):
        wrong()  # type: ignore[operator]


def on(day: int, n: int, **kwargs: int) -> object:
    return progress(n, 400, today=date(2026, 1, day), opens=date(2026, 1, 1), closes=date(2026, 1, 20), **kwargs)


def test_progress_compares_the_pace_so_far_with_the_days_left() -> None:
    """By hand: 120 in ten days = 12 a day; the ten days left (11th to 20th) need 28 a day; 240 are expected."""
    found = progress(120, 400, today=date(2026, 1, 11), opens=date(2026, 1, 1), closes=date(2026, 1, 20))
    assert (found.days_left, found.needed_a_day, found.so_far_a_day) == (10, 28.0, 12.0)
    assert (found.expected, found.state, found.remaining, found.share) == (240.0, "behind", 280, 0.3)


@pytest.mark.parametrize(
    ("day", "n", "state"),
    [(1, 0, "unknown"), (11, 250, "ahead"), (11, 400, "reached"), (25, 399, "missed"), (25, 400, "reached")],
)
def test_progress_has_a_state_on_every_day(day: int, n: int, state: str) -> None:
    """First day, middle, after the last day."""
    assert on(day, n).state == state  # type: ignore[attr-defined]


def test_progress_after_the_last_day_needs_nothing_that_could_still_come() -> None:
    """No day is left: what was needed a day is not defined, what is expected is what is there."""
    found = progress(300, 400, today=date(2026, 2, 1), opens=date(2026, 1, 1), closes=date(2026, 1, 20))
    assert (found.days_left, found.needed_a_day, found.expected, found.so_far_a_day) == (0, None, 300.0, 15.0)


def test_progress_without_a_last_day_only_counts() -> None:
    """A survey that stays open."""
    found = progress(30, 400, today=date(2026, 1, 11), opens=date(2026, 1, 1), n_today=10)
    assert (found.days_left, found.needed_a_day, found.so_far_a_day, found.state) == (None, None, 2.0, "unknown")
    assert progress(500, 400, today=date(2026, 1, 11)).state == "reached"


def test_progress_before_the_first_day_counts_the_days_of_the_survey() -> None:
    """Opens on the 10th, closes on the 19th: ten days whatever today is."""
    found = progress(0, 100, today=date(2026, 1, 1), opens=date(2026, 1, 10), closes=date(2026, 1, 19))
    assert (found.days_left, found.needed_a_day, found.expected) == (10, 10.0, None)
