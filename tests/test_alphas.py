"""Alpha of every scale from a tally is alpha of the covariance matrices, also when answers are missing."""

import numpy as np
import pytest

from analysis.counting.alphas import alphas_of
from analysis.counting.tally import Tally
from analysis.methods.covariance import Covariance
from analysis.methods.reliability import cronbach_alpha
from tests.numbers import matrix, reference, servqual400


def test_alpha_of_every_scale_follows_from_the_counts() -> None:
    """Who answered everything in ``servqual400.csv``: expectation, perception and gap of five dimensions."""
    everybody = servqual400()
    complete = everybody.select(everybody.answers.all(axis=0))
    found = alphas_of(Tally.of(complete))
    assert len(found) == 15
    answers = complete.answers.astype(np.float64)
    for scores in Tally.of(complete).layout.scores:
        values = answers[list(scores.first)]
        if scores.minus:
            values = values - answers[list(scores.minus)]
        expected = cronbach_alpha(Covariance(np.cov(values), len(complete)))
        alpha = found[scores.dimension, scores.kind]
        assert alpha.n == expected.n == len(complete)
        for one, other in ((alpha.value, expected.value), (alpha.low, expected.low), (alpha.high, expected.high)):
            assert one == pytest.approx(other, rel=1e-9)


def test_alpha_rests_on_whoever_answered_all_items_of_the_scale() -> None:
    """Of 400 with 3 % of the answers missing, against the covariances of the complete rows of each scale."""
    everybody = servqual400()
    tally = Tally.of(everybody)
    found, sizes = alphas_of(tally), set()
    for scores in tally.layout.scores:
        complete = everybody.answers[[*scores.first, *scores.minus]].all(axis=0)
        values = everybody.answers[list(scores.first)].astype(np.float64)
        if scores.minus:
            values -= everybody.answers[list(scores.minus)]
        expected = cronbach_alpha(Covariance(np.cov(values[:, complete]), int(complete.sum())))
        alpha = found[scores.dimension, scores.kind]
        sizes.add(alpha.n)
        assert alpha.n == expected.n < 400
        for one, other in ((alpha.value, expected.value), (alpha.low, expected.low), (alpha.high, expected.high)):
            assert one == pytest.approx(other, rel=1e-9)
    assert len(sizes) > 5


def test_alpha_of_every_scale_is_that_of_r() -> None:
    """``psych::alpha`` of the complete rows of each scale, and Feldt's interval: servqual400.json, ``reliability``."""
    asked = reference()["reliability"]
    for (dimension, kind), alpha in alphas_of(Tally.of(servqual400())).items():
        told = asked[{"expectation": "E", "perception": "P", "gap": "gap"}[kind]][dimension]
        assert alpha.n == told["n_complete"]
        assert (alpha.value, alpha.low, alpha.high) == pytest.approx(
            (told["alpha_listwise"], *told["ci95_feldt_F"]), rel=1e-9
        )


def test_nobody_has_no_alpha_and_the_reason_is_told() -> None:
    """No respondents: every scale says so."""
    asked = servqual400().questionnaire
    found = alphas_of(Tally.of(matrix(asked, {})))
    assert {alpha.reason for alpha in found.values()} == {"no_complete_responses"}
