"""Alpha of every scale from a tally is alpha of the covariance matrices, and is not told where it would not be."""

import numpy as np
import pytest

from analysis.counting.alphas import alphas_of
from analysis.counting.tally import Tally
from analysis.methods.covariance import Covariance
from analysis.methods.reliability import cronbach_alpha
from tests.numbers import matrix, servqual400


def test_alpha_of_every_scale_follows_from_the_counts() -> None:
    """Who answered everything in ``servqual400.csv``: expectation, perception and gap of five dimensions."""
    everybody = servqual400()
    complete = everybody.select(everybody.answers.all(axis=0))
    found = alphas_of(Tally.of(complete))
    assert found is not None
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


def test_alpha_is_not_told_where_an_answer_is_missing() -> None:
    """Listwise the items would have to be counted among complete persons alone, which a tally does not."""
    assert alphas_of(Tally.of(servqual400())) is None


def test_nobody_has_no_alpha_and_the_reason_is_told() -> None:
    """No respondents: every scale says so."""
    asked = servqual400().questionnaire
    found = alphas_of(Tally.of(matrix(asked, {})))
    assert found is not None
    assert {alpha.reason for alpha in found.values()} == {"no_complete_responses"}
