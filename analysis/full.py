"""What do these answers say in every respect that statistics knows? ``full_results`` computes it once."""

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.counting.matrix import Matrix
from analysis.files.background import Background, background_of
from analysis.methods import servqual
from analysis.methods.covariance import LISTWISE
from analysis.plain import named, plain
from analysis.regulation import EXACT, ONCE
from analysis.results import Results, evaluate
from analysis.study import Study
from analysis.topics.certainty import IndexCertainty, certainty_topic
from analysis.topics.comparison import ComparisonTopic, comparison_topic
from analysis.topics.distributions import Spread, distributions_topic
from analysis.topics.gaps import GapsTopic, gaps_topic
from analysis.topics.priorities import PrioritiesTopic, priorities_topic
from analysis.topics.quality import QualityTopic, quality_topic
from analysis.topics.reliability import ReliabilityTopic, reliability_topic
from analysis.topics.sample import SampleTopic, sample_topic
from analysis.topics.time import TimeTopic, time_topic
from analysis.topics.validity import ValidityTopic, validity_topic
from survey.packed import NOT_COUNTED
from survey.questionnaire import Questionnaire


@dataclass(frozen=True, eq=False)
class FullResults:
    """``results`` and every topic. With nobody who counts, or too few to tell, ``results`` is all there is."""

    results: Results
    certainty: tuple[IndexCertainty, ...] = ()
    gaps: GapsTopic | None = None
    reliability: ReliabilityTopic | None = None
    validity: ValidityTopic | None = None
    priorities: PrioritiesTopic | None = None
    comparison: ComparisonTopic | None = None
    time: TimeTopic | None = None
    sample: SampleTopic | None = None
    quality: QualityTopic | None = None
    spread: tuple[Spread, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The keys of ``Results.to_json`` and one for each topic; documented in ``analysis/README.md``."""
        topics = {field.name: plain(getattr(self, field.name)) for field in fields(self) if field.name != "results"}
        return {**self.results.to_json(), "full": named(topics)}


def full_results(
    questionnaire: Questionnaire,
    matrix: Matrix,
    *,
    background: Background | None = None,
    weights: str = EXACT,
    minimum: int = 5,
    rounding: str = ONCE,
    policy: str = servqual.AVAILABLE,
    covariances: str = LISTWISE,
    rows: npt.NDArray[np.int64] | None = None,
) -> FullResults:
    """Everything about these responses.

    Arguments as in ``results.evaluate``; ``background`` is what is known of the respondents, in the order of the
    matrix (None: what the matrix itself knows); ``covariances`` whether covariance matrices are ``listwise`` or
    ``pairwise``; ``rows`` (n,) the row of each response in its file. Groups with fewer than ``minimum`` respondents
    count as not known.
    """
    study = study_of(
        questionnaire,
        matrix,
        background=background,
        weights=weights,
        minimum=minimum,
        rounding=rounding,
        policy=policy,
        covariances=covariances,
    )
    if study.results.hidden or study.n == 0:
        return FullResults(study.results)
    counts = _counts(matrix)
    return FullResults(
        results=study.results,
        certainty=certainty_topic(study),
        gaps=gaps_topic(study),
        reliability=reliability_topic(study),
        validity=validity_topic(study),
        priorities=priorities_topic(study),
        comparison=comparison_topic(study),
        time=time_topic(study),
        sample=sample_topic(study),
        quality=quality_topic(study, None if rows is None else rows[counts]),
        spread=distributions_topic(study),
    )


def study_of(
    questionnaire: Questionnaire,
    matrix: Matrix,
    *,
    background: Background | None = None,
    weights: str = EXACT,
    minimum: int = 5,
    rounding: str = ONCE,
    policy: str = servqual.AVAILABLE,
    covariances: str = LISTWISE,
    results: Results | None = None,
) -> Study:
    """What all topics share; arguments as in ``full_results``. ``results``: of the same responses, if already there."""
    if results is None:
        results = evaluate(questionnaire, matrix, weights=weights, minimum=minimum, rounding=rounding, policy=policy)
    counts = _counts(matrix)
    counted = matrix.select(counts)
    known = (background or background_of(matrix)).chosen(counts)
    groupings = tuple(grouping.without_small(minimum) for grouping in known.groupings)
    known = replace(known, groupings=tuple(grouping for grouping in groupings if grouping.names))
    return Study(questionnaire, counted, results, known, weights, rounding, covariances)


def _counts(matrix: Matrix) -> npt.NDArray[np.bool_]:
    """(n,) which responses count."""
    return np.asarray((matrix.flags & np.uint8(NOT_COUNTED)) == 0)
