"""The full evaluation from the file to the JSON, topic by topic, against R.

Tolerances: closed forms 1e-9 relative, p-values 1e-7 relative, chi-square of the confirmatory models 1e-8 relative,
fit indices 1e-6 and loadings 1e-5 absolute, communalities 1e-4 absolute.
"""

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from scipy.stats import t

from analysis.evaluate import main
from tests.numbers import REFERENCE, SERVQUAL, questionnaire_text, reference, rows400

FILE = REFERENCE / "servqual400.csv"
MARGINS = """variable,group,people
gender,F,10000
gender,M,10000
age,17-25,3600
age,26-35,5200
age,36-45,4800
age,46-60,4400
age,>60,2000
"""
ITEMS = [f"{dimension}{k}" for dimension, n in SERVQUAL.items() for k in range(1, n + 1)]


def full(*arguments: object) -> dict[str, Any]:
    """The JSON of the command with ``--full``."""
    out, err = io.StringIO(), io.StringIO()
    code = main(["evaluate", *map(str, arguments), "--json", "--full"], out, err)
    assert (code, err.getvalue()) == (0, "")
    found: dict[str, Any] = json.loads(out.getvalue(), parse_constant=pytest.fail)
    return found


@pytest.fixture(scope="module")
def servqual(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """22 items asked twice on seven points; the third of satisfaction that R cuts is added as a column."""
    folder = tmp_path_factory.mktemp("servqual")
    asked = {dimension: [f"{dimension}{k}" for k in range(1, n + 1)] for dimension, n in SERVQUAL.items()}
    (folder / "servqual.yaml").write_text(questionnaire_text(asked, points=7, name="servqual"), encoding="utf-8")
    rows = [dict(row) | {"sat3": third(int(row["overall"]))} for row in rows400()]
    with (folder / "answers.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    groups = [part for name in ("unit", "gender", "age", "edu", "sat3") for part in ("--group", name)]
    return full(folder / "answers.csv", "--questionnaire", folder / "servqual.yaml", *groups, "--overall-points", 7)


def third(overall: int) -> str:
    """R: ``cut(overall, c(0, 4, 5, 7))``."""
    return "1" if overall <= 4 else "2" if overall <= 5 else "3"


@pytest.fixture(scope="module")
def elements(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The nine elements, without a population."""
    margins = tmp_path_factory.mktemp("skm") / "margins.csv"
    margins.write_text(MARGINS, encoding="utf-8")
    groups = ("--group", "gender", "--group", "age", "--group", "unit")
    return full(FILE, "--questionnaire", "skm-2017-servqual", *groups, "--weight-margins", margins)


def by(rows: list[dict[str, Any]], key: str = "name") -> Mapping[str, dict[str, Any]]:
    return {row[key]: row for row in rows}


def near(ours: Any, theirs: Any, tolerance: float = 1e-9) -> None:
    assert ours == pytest.approx(theirs, rel=tolerance, abs=1e-13)


def test_the_command_says_from_which_columns_it_read_groups_days_and_the_overall_judgement(
    elements: dict[str, Any],
) -> None:
    """The usual headings are found by themselves; groups are those that were named, and the units."""
    assert elements["background"] == {
        "groups": ["unit", "gender", "age"],
        "unit": "unit",
        "mode": None,
        "overall": "overall",
        "date": "month",
    }


# --- certainty


def test_the_index_has_both_intervals_of_r(elements: dict[str, Any]) -> None:
    """R: ``ikm_ref(U)``."""
    r, (ours,) = reference()["ikm"], elements["full"]["certainty"]
    near(ours["index"]["value"], r["ikm_exact"])
    near(ours["index"]["se"], r["se"])
    near([ours["index"]["t"]["low"], ours["index"]["t"]["high"]], r["ci95_t"])
    near([ours["index"]["logit"]["low"], ours["index"]["logit"]["high"]], r["ci95_logit"])
    by_weights = {grade["value"]["convention"]: grade for grade in ours["grades"]}
    near(by_weights["0.11"]["value"]["exact"], r["ikm_weight_0.11"])
    assert by_weights["0.11"]["value"]["grade"] == r["grade_0.11"]
    for grade in ours["grades"]:
        assert sum(one["probability"] for one in grade["grades"]) == pytest.approx(1)
    assert ours["next_grade"]["grade"] == "A"


def test_a_known_population_narrows_the_interval_as_in_r() -> None:
    """R: ``ikm_ref(U, N = 2000)``."""
    found = full(FILE, "--questionnaire", "skm-2017-servqual", "--population", 2000)
    r, (ours,) = reference()["ikm_fpc_N2000"], found["full"]["certainty"]
    near(ours["index"]["se"], r["se"])
    near(ours["index"]["correction"], r["fpc_sqrt"])
    near([ours["index"]["logit"]["low"], ours["index"]["logit"]["high"]], r["ci95_logit"])


def test_units_have_the_indices_of_r_and_the_agency_their_mean(elements: dict[str, Any]) -> None:
    """R: ``lapply(split(U, unit), ikm_ref)``, ``mean(...)``."""
    r, agency = reference(), elements["full"]["certainty"][0]["agency"]
    for unit in agency["units"]:
        theirs = r["ikm_by_unit"][unit["name"]]
        near(unit["index"]["value"], theirs["ikm_exact"])
        near([unit["index"]["low"], unit["index"]["high"]], theirs["ci95_t"])
        assert unit["grade"] == theirs["grade_exact"]
    near(agency["figures"]["mean_of_units"]["value"], r["ikm_mean_of_unit_ikm_unweighted"])


def test_units_and_months_have_grades_with_their_probability_under_each_convention(elements: dict[str, Any]) -> None:
    """R: ``ikm_ref`` by unit and month; the probability of a grade from value and se by ``pt(..., n - 1)``."""
    by_grouping = {found["grouping"]: found["groups"] for found in elements["full"]["certainty"][0]["by"]}
    assert list(by_grouping)[-4:] == ["month", "quarter", "semester", "year"]
    for grouping, of_r in (("unit", "ikm_by_unit"), ("month", "ikm_by_month")):
        theirs = {str(name).replace("-", ""): one for name, one in reference()[of_r].items()}
        for group in by_grouping[grouping]:
            r = theirs[group["name"].replace("-", "")]
            near([group["index"]["value"], group["index"]["se"]], [r["ikm_exact"], r["se"]])
            own = {grade["convention"]: grade for grade in group["grades"]}
            assert set(own) == {"exact", "0.11", "0.111"}
            assert own["exact"]["grade"] == r["grade_exact"]
            limits = {"A": (88.305, 1e9), "B": (76.605, 88.305), "C": (64.995, 76.605), "D": (-1e9, 64.995)}
            low, high = ((end - r["ikm_exact"]) / r["se"] for end in limits[r["grade_exact"]])
            near(own["exact"]["probability"], t.cdf(high, r["n"] - 1) - t.cdf(low, r["n"] - 1), 1e-7)


def test_units_and_months_are_rounded_as_the_whole_is(tmp_path: Path) -> None:
    """Fourteen elements by the rule of 2004, products rounded: a unit has what its rows alone have as the whole."""
    head = ",".join([*(f"U{k}" for k in range(1, 15)), "unit", "month"])
    rows = {
        unit: [[str(1 + (3 * k * k + j * j * k + j + first) % 4) for j in range(14)] for k in range(7)]
        for first, unit in enumerate("AB")
    }
    how = ("--questionnaire", "skm-2004", "--weights", "0.071", "--rounding", "products")
    both, alone = tmp_path / "both.csv", tmp_path / "alone.csv"
    lines = [",".join([*row, unit, f"2026-0{1 + at}"]) for at, unit in enumerate("AB") for row in rows[unit]]
    both.write_text("\n".join([head, *lines]), encoding="utf-8")
    alone.write_text("\n".join([head, *lines[:7]]), encoding="utf-8")
    whole, found = full(alone, *how)["index"], full(both, *how)["full"]
    unit, month = found["certainty"][0]["agency"]["units"][0], found["time"]["trends"][0]["periods"][0]
    for one in (unit, month):
        assert one["index"]["value"] == pytest.approx(whole["value"], abs=1e-12)
        assert (str(one["rounded"]), one["grade"]) == (str(float(whole["rounded"])), whole["grade"])
    assert whole["value"] != pytest.approx(full(alone, *how[:4])["index"]["value"], abs=1e-9)


# --- gaps


@pytest.mark.parametrize("item", ITEMS)
def test_the_gap_of_an_item_has_the_tests_of_r(servqual: dict[str, Any], item: str) -> None:
    """R: ``paired_ref(P, E)``."""
    r = reference()["paired"][item]
    ours = by(servqual["full"]["gaps"]["items"])[item]["test"]
    near(ours["difference"]["value"], r["mean_d"])
    near([ours["difference"]["low"], ours["difference"]["high"]], r["t_paired"]["ci"])
    near(ours["t"]["statistic"], r["t_paired"]["statistic"])
    near(ours["t"]["p"], r["t_paired"]["p"], 1e-7)
    near(ours["wilcoxon"]["w_plus"], r["wilcox_V"])
    near(ours["wilcoxon"]["plain"]["p"], r["wilcox_p_nocorrect"], 1e-7)
    near(ours["wilcoxon"]["continuity"]["p"], r["wilcox_p_correct"], 1e-7)
    near(ours["pratt"]["plain"]["p"], r["coin_pratt"]["p"], 1e-7)
    near(ours["d_z"]["value"], r["cohen_dz"])
    near(ours["g_z"]["value"], r["hedges_gz_exactJ"])
    near(ours["rank_biserial"]["value"], r["rank_biserial_matched"])
    near(ours["sign"]["p"], r["sign_test"]["p"], 1e-7)
    near([ours["share_positive"]["low"], ours["share_positive"]["high"]], r["sign_test"]["ci"], 1e-7)


def test_the_tests_of_items_are_corrected_as_in_r(servqual: dict[str, Any]) -> None:
    """R: ``p.adjust(p, "holm")`` and ``"BH"``."""
    r, families = reference()["paired_p_adjust"], by(servqual["full"]["gaps"]["families"])
    for name, theirs in (("items_t", r["t"]), ("items_signed_rank", r["wilcoxon"])):
        ours = families[name]
        assert ours["m"] == 22
        near(ours["holm"], [theirs["holm"][item] for item in ours["tests"]], 1e-7)
        near(ours["benjamini_hochberg"], [theirs["BH"][item] for item in ours["tests"]], 1e-7)


@pytest.mark.parametrize("dimension", list(SERVQUAL))
def test_the_gap_of_a_dimension_is_that_of_r_in_each_way_of_counting(servqual: dict[str, Any], dimension: str) -> None:
    """R: ``person_gap_available``, ``paired`` (complete persons), ``gap_of_item_means``."""
    r = reference()["dim"][dimension]
    ours = by(servqual["full"]["gaps"]["dimensions"])[dimension]
    near(ours["available"]["difference"]["value"], r["person_gap_available"]["mean"])
    near(ours["available"]["difference"]["se"], r["person_gap_available"]["se"])
    near(ours["listwise"]["t"]["statistic"], r["paired"]["t_paired"]["statistic"])
    near(ours["listwise"]["t"]["p"], r["paired"]["t_paired"]["p"], 1e-7)
    near(ours["listwise"]["d_av"]["value"], r["paired"]["cohen_dav"])
    near(ours["item_means"]["gap"]["value"], r["gap_of_item_means"])
    near(ours["item_means"]["expectation"]["value"], r["E_mean_of_item_means"])


def test_the_overall_gaps_are_those_of_r(servqual: dict[str, Any]) -> None:
    """R: ``mean(colMeans(P - E, na.rm = TRUE))`` and the mean of the dimensions' item means."""
    r, ours = reference(), servqual["full"]["gaps"]
    near(ours["all_items"]["gap"]["value"], r["overall_gap_22items"])
    near(ours["of_item_means"]["gap"]["value"], r["overall_gap_unweighted"])


# --- reliability


@pytest.mark.parametrize(("kind", "name"), [("expectation", "E"), ("perception", "P"), ("gap", "gap")])
def test_every_scale_is_as_reliable_as_in_r(servqual: dict[str, Any], kind: str, name: str) -> None:
    """R: ``rel(x)``; alpha listwise, Feldt's interval, omega of lavaan (1e-6 absolute), corrected item-total."""
    r = dict(reference()["reliability"][name])
    if kind != "gap":
        r["all"] = reference()["reliability"][f"{name}_all"]
    scales = by([s for s in servqual["full"]["reliability"]["scales"] if s["kind"] == kind], "dimension")
    for dimension, theirs in r.items():
        ours = scales[dimension]["found"]
        assert ours["n"] == theirs["n_complete"]
        near(ours["alpha"]["value"], theirs["alpha_listwise"])
        near([ours["alpha"]["low"], ours["alpha"]["high"]], theirs["ci95_feldt_F"])
        near(ours["alpha_standardised"]["value"], theirs["alpha_std_listwise"])
        assert ours["omega"]["value"] == pytest.approx(theirs["omega"]["omega_cfa_modelimplied"], abs=1e-6)
        near(ours["odd_even"]["spearman_brown"]["value"], theirs["split_half_oddeven"]["spearman_brown"])
        for item in ours["items"]:
            near(item["corrected"]["r"]["value"], theirs["items"][item["name"]]["r_corrected"])


def test_the_reliability_of_the_difference_is_that_of_r(servqual: dict[str, Any]) -> None:
    """R: the formulas with ``cov`` of complete rows."""
    for one in servqual["full"]["reliability"]["differences"]:
        r = reference()["difference_reliability"][one["dimension"]]
        near(one["found"]["general"]["value"], r["rel_diff_general"])
        near(one["found"]["equal_variances"]["value"], r["rel_diff_equal_var"])
        near(one["found"]["alpha_of_gaps"]["value"], r["alpha_of_gap_items"])


# --- validity


@pytest.mark.parametrize(("kind", "name"), [("expectation", "E"), ("perception", "P"), ("gap", "gap")])
def test_the_confirmatory_model_is_that_of_lavaan(servqual: dict[str, Any], kind: str, name: str) -> None:
    """R: ``cfa(model, estimator = "ML")``, ``fitMeasures``, ``standardizedSolution``, ``semTools::htmt``."""
    r = reference()[f"cfa_{name}"]
    models = [m for m in servqual["full"]["validity"]["confirmatory"] if m["kind"] == kind]
    ours = by(models, "model")["dimensions"]
    fit = ours["fit"]["fit"]
    near(fit["chi_square"], r["fit"]["chisq"], 1e-8)
    for key, theirs in (("cfi", "cfi"), ("tli", "tli"), ("rmsea", "rmsea"), ("rmsea_high", "rmsea.ci.upper")):
        assert fit[key] == pytest.approx(r["fit"][theirs], abs=1e-6)
    assert fit["srmr"] == pytest.approx(r["fit"]["srmr"], abs=1e-5)
    table = r["standardized"]
    loadings = {
        item: value for op, item, value in zip(table["op"], table["rhs"], table["est.std"], strict=True) if op == "=~"
    }
    tolerance = 1e-5 if kind != "gap" else 2e-5  # lavaan stops a little earlier than we do on 96 persons
    assert ours["fit"]["standardised"] == pytest.approx([loadings[item] for item in ours["items"]], abs=tolerance)
    for one in ours["convergence"]:
        assert one["ave"]["value"] == pytest.approx(r["AVE_std_meanl2"][one["name"]], abs=1e-5)
        assert one["cr"]["value"] == pytest.approx(r["CR_std"][one["name"]], abs=1e-5)
    places = {dimension: place for place, dimension in enumerate(r["HTMT"]["rows"])}
    for pair in ours["discrimination"]:
        theirs = r["HTMT"]["values"][places[pair["first_name"]]][places[pair["second_name"]]]
        near(pair["htmt"]["value"], theirs)


def test_one_factor_fits_as_badly_as_in_lavaan(servqual: dict[str, Any]) -> None:
    """R: ``cfa("g =~ ...")``."""
    models = [m for m in servqual["full"]["validity"]["confirmatory"] if m["kind"] == "perception"]
    near(by(models, "model")["one_factor"]["fit"]["fit"]["chi_square"], reference()["cfa_P_1factor"]["chisq"], 1e-8)


@pytest.mark.parametrize(("kind", "name"), [("expectation", "E"), ("perception", "P"), ("gap", "gap")])
def test_the_exploration_is_that_of_psych(servqual: dict[str, Any], kind: str, name: str) -> None:
    """R: ``KMO``, ``cortest.bartlett``, ``fa(R, 5, fm = "minres")`` and ``"ml"``."""
    r = reference()[f"efa_{name}"]
    ours = by(servqual["full"]["validity"]["exploratory"], "kind")[kind]
    near(ours["adequacy"]["overall"]["value"], r["kmo"])
    near(ours["sphericity"]["statistic"], r["bartlett"]["chisq"])
    near(ours["sphericity"]["p"], r["bartlett"]["p"], 1e-7)
    near(ours["parallel"]["eigenvalues"], r["eigen"])
    for one in ours["solutions"]:
        if one["by"] != "dimensions" or one["solution"]["reason"]:
            continue
        theirs = r[f"fa_{one['solution']['method']}"]["communalities"]
        assert one["solution"]["communalities"] == pytest.approx([theirs[item] for item in ours["items"]], abs=1e-4)


# --- priorities


def test_priorities_stand_in_the_quadrants_of_r(servqual: dict[str, Any]) -> None:
    """R: quadrants by ``>=`` at grand means, medians and the middle of the scale."""
    names = {
        "concentrate": "I concentrate here",
        "keep_up": "II keep up",
        "low_priority": "III low priority",
        "possible_overkill": "IV possible overkill",
    }
    r = reference()["ipa"]
    cuts = {"grand_mean": "quadrant_mean", "median": "quadrant_median", "scale_middle": "quadrant_scale_mid_4"}
    stated = [one for one in servqual["full"]["priorities"]["maps"] if one["stated_as"] == "expectation"]
    assert {(one["found"]["cut"], one["found"]["ellipses"]) for one in stated} == {
        *((cut, "means") for cut in cuts),
        ("grand_mean", "distances"),
    }
    for one in stated:
        ours = {item["name"]: names[item["quadrant"]] for item in one["found"]["items"]}
        assert ours == r[cuts[one["found"]["cut"]]]
        assert {item["name"] for item in one["found"]["items"]} == set(ITEMS)


def test_conformity_and_the_satisfaction_index_are_those_of_r(servqual: dict[str, Any]) -> None:
    """R: ``mp / me * 100``; ``sum(wf * mp) / 7 * 100``."""
    r, ours = reference(), servqual["full"]["priorities"]
    for one in ours["conformity"]:
        near(one["available"]["value"], r["ipa"]["fit_pct"][one["name"]])
    near(ours["satisfaction"]["from_maximum"]["estimate"]["value"], r["csi"]["CSI_pct"])
    near(ours["satisfaction"]["from_minimum"]["estimate"]["value"], r["csi"]["CSI_pct_from_minimum"])


def test_derived_importance_is_the_correlation_of_r(servqual: dict[str, Any]) -> None:
    """R: ``cor(P, overall, use = "pairwise")``, Pearson and Spearman."""
    for one in servqual["full"]["priorities"]["maps"]:
        if one["stated_as"]:
            continue
        theirs = reference()["ipa"][f"derived_importance_{one['found']['importance']}"]
        for item in one["found"]["items"]:
            near(item["importance"]["value"], theirs[item["name"]])


def test_the_drivers_are_those_of_r(servqual: dict[str, Any]) -> None:
    """R: ``lm``, Shapley shares (LMG) and Johnson's relative weights of the five dimension scores."""
    r, ours = reference()["drivers"], servqual["full"]["priorities"]["drivers"][0]
    near(ours["found"]["r2"]["value"], r["r2"])
    near(ours["found"]["test"]["statistic"], r["F"][0])
    for one in ours["found"]["drivers"]:
        near(one["beta"]["value"], r["beta_std"][one["name"]])
        near(one["vif"], r["vif"][one["name"]])
        near(one["shapley"]["value"], r["shapley_lmg"][one["name"]])
        near(one["relative_weight"], r["johnson_relative_weights"][one["name"]])
        assert one["shapley"]["low"] < one["shapley"]["value"] < one["shapley"]["high"]


# --- comparison


@pytest.mark.parametrize(
    ("variable", "outcome", "key"),
    [
        ("unit", "overall", "group_overall_by_unit"),
        ("gender", "perception.REL", "group_REL_by_gender"),
        ("age", "perception.REL", "group_REL_by_age"),
        ("edu", "P_TAN1", "group_TAN1_by_edu"),
    ],
)
def test_groups_differ_as_in_r(servqual: dict[str, Any], variable: str, outcome: str, key: str) -> None:
    """R: ``aov``, ``oneway.test``, ``kruskal.test``, Games-Howell and Dunn.

    R ranks means of five items as floats, among which equal ones may differ; its rank tests are compared where they do
    not (the overall judgement and a single item).
    """
    r = reference()[key]
    grouped = by(servqual["full"]["comparison"]["groupings"], "variable")[variable]
    ours = by(grouped["outcomes"])[outcome]
    for mean in ours["means"]:
        near(mean["value"], r["mean_g"][mean["name"]])
        assert mean["n"] == r["n_g"][mean["name"]]
    test = ours["test"]
    near(test["anova"]["statistic"], r["anova"]["F"], 1e-8)
    near(test["welch"]["statistic"], r["welch_anova"]["statistic"], 1e-8)
    near(test["welch"]["p"], r["welch_anova"]["p"], 1e-7)
    near(test["eta2"]["value"], r["eta2"], 1e-8)
    if outcome != "perception.REL":
        near(ours["ranks"]["test"]["statistic"], r["kruskal"]["statistic"])
        dunn = {frozenset(pair): z for *pair, z in zip(r["dunn"]["a"], r["dunn"]["b"], r["dunn"]["z"], strict=True)}
        for pair in ours["dunn"]:
            near(abs(pair["test"]["statistic"]), abs(dunn[frozenset((pair["first_name"], pair["second_name"]))]))
    theirs = {frozenset((pair["a"], pair["b"])): pair for pair in r.get("games_howell", ())}
    for pair in ours["games_howell"] if theirs else ():
        expected = theirs[frozenset((pair["first_name"], pair["second_name"]))]
        near(abs(pair["difference"]["value"]), abs(expected["diff"]))
        near(pair["test"]["p"], expected["p"], 1e-7)


def test_two_groupings_go_together_as_in_r(servqual: dict[str, Any]) -> None:
    """R: ``chisq.test(table(gender, cut(overall, c(0, 4, 5, 7))), correct = FALSE)``."""
    found = servqual["full"]["comparison"]["associations"]
    (ours,) = (one for one in found if (one["first"], one["second"]) == ("gender", "sat3"))
    r = reference()["gender_x_sat3"]
    assert ours["table"] == r["table"]["values"]
    near(ours["found"]["test"]["statistic"], r["chisq"]["statistic"])
    near(ours["found"]["test"]["p"], r["chisq"]["p"], 1e-7)


# --- time


def test_months_and_their_control_chart_are_those_of_r(elements: dict[str, Any]) -> None:
    """R: ``ikm_by_month``, ``control$xmr``, ``control$xbar_s_pooled``, ``control$mann_kendall``."""
    r = reference()["control"]
    trend = next(one for one in elements["full"]["time"]["trends"] if one["kind"] == "month")
    for period in trend["periods"]:
        near(period["index"]["value"], reference()["ikm_by_month"][period["period"]]["ikm_exact"])
    near(trend["x"]["center"], r["xmr"]["center"])
    near(trend["x"]["high"], [r["xmr"]["ucl"]] * 6)
    near(trend["x"]["low"], [r["xmr"]["lcl"]] * 6)
    near(trend["moving_range"]["high"][1:], [r["xmr"]["mr_ucl_D4_3.267"]] * 5)
    near(trend["xbar"]["center"], r["xbar_s_pooled"]["center"])
    near(trend["xbar"]["high"], [r["xbar_s_pooled"]["ucl"][month] for month in trend["charted"]])
    near(trend["mann_kendall"]["z"], r["mann_kendall"]["z_cc"])
    near(trend["mann_kendall"]["p"], r["mann_kendall"]["p_cc"], 1e-7)
    near(trend["sen_slope"]["value"], r["mann_kendall"]["sen_slope"])
    assert [one["kind"] for one in elements["full"]["time"]["trends"]] == ["month", "quarter", "semester", "year"]


def test_the_share_of_high_judgements_has_the_limits_of_r(servqual: dict[str, Any]) -> None:
    """R: ``control$p_chart``, 6 and 7 of seven."""
    r = reference()["control"]["p_chart"]
    months = next(one for one in servqual["full"]["time"]["top_shares"] if one["kind"] == "month")
    near(months["p"]["values"], [r["p"][month] for month in months["periods"]])
    near(months["p"]["high"], r["ucl"])


# --- sample


def test_the_raked_index_has_the_linearised_error_of_r(elements: dict[str, Any]) -> None:
    """R: ``svymean(~ikm, rake(...))``; raking 1e-8."""
    r, ours = reference()["weighting"], elements["full"]["sample"]["weighting"]
    found = ours["indices"][0]["found"]
    near(found["weighted"]["value"], r["rake_ikm"], 1e-8)
    near(found["weighted"]["se"], r["rake_se_linearised"], 1e-8)
    near(found["se_ignoring_margins"], r["naive_weighted_se"], 1e-8)
    near(ours["weights"]["effective_n"], r["kish"]["n_eff"], 1e-8)
    assert [margin["name"] for margin in ours["margins"]] == ["gender", "age"]


def test_one_margin_is_post_stratification(tmp_path: Path) -> None:
    """R: ``svymean(~ikm, postStratify(de, ~gender, mg))``."""
    margins = tmp_path / "margins.csv"
    margins.write_text("variable,group,people\ngender,F,1\ngender,M,1\n", encoding="utf-8")
    found = full(FILE, "--questionnaire", "skm-2017-servqual", "--group", "gender", "--weight-margins", margins)
    r, ours = reference()["weighting"], found["full"]["sample"]["weighting"]["indices"][0]["found"]["weighted"]
    near(ours["value"], r["poststrat_gender_ikm"])
    near(ours["se"], r["poststrat_gender_se"])


def test_sample_sizes_are_told_for_a_known_population() -> None:
    """``tests/reference/formulas.json``: 322 of 2,000 by Krejcie and Morgan; Slovin 334 (333.33 upwards)."""
    sample = full(FILE, "--questionnaire", "skm-2017-servqual", "--population", 2000, "--target", 500)["full"]["sample"]
    sizes = by(sample["sizes"], "method")
    assert sizes["krejcie_morgan"]["size"] == 322
    assert sizes["slovin"]["size"] == 334
    assert sample["progress"]["remaining"] == 100


# --- quality and distributions


def test_patterns_and_outliers_are_those_of_r(servqual: dict[str, Any]) -> None:
    """R: the longest run of equal answers, ``mahalanobis``, and how many cells are empty."""
    r, ours = reference()["quality"], servqual["full"]["quality"]
    block = by(ours["blocks"], "kind")["perception"]
    assert {str(run["length"]): run["n"] for run in block["runs"]} == r["longstring_table"]
    assert (block["outliers"]["n"], block["outliers"]["found"]) == (
        r["mahalanobis_P"]["n"],
        r["mahalanobis_P"]["n_p001"],
    )
    assert ours["missing"] == r["missing"]["cells"]
    assert ours["complete"] == r["missing"]["complete_EP"]


def test_results_are_told_with_and_without_doubtful_responses(servqual: dict[str, Any]) -> None:
    """Nothing is dropped: all first, then without each doubt that occurs, then without any."""
    found = by(servqual["full"]["quality"]["comparison"], "without")
    assert found["none"]["left"] == 400
    assert found["none"]["index"] == servqual["index"]["interval"]
    assert found["any"]["left"] <= 400
    assert set(found["any"]["gaps"]) == set(SERVQUAL)


@pytest.mark.parametrize("kind", ["E", "P"])
def test_the_spread_of_answers_is_that_of_r(servqual: dict[str, Any], kind: str) -> None:
    """R: ``quantile``, ``sd``, skewness and kurtosis in three definitions (``item_desc``)."""
    spread = by(servqual["full"]["spread"], "column")
    for item in ITEMS:
        r, ours = reference()[f"item_{kind}"][item], spread[f"{kind}_{item}"]
        near(ours["quartiles"], {"n": r["n"], "lower": r["q1"], "median": r["median"], "upper": r["q3"]})
        near(ours["sd"], r["sd"])
        near(
            [ours["shape"]["g1"], ours["shape"]["G2"], ours["shape"]["g2"]], [r["skew_g1"], r["kurt_G2"], r["kurt_g2"]]
        )


def test_the_two_highest_judgements_have_both_intervals_of_r(servqual: dict[str, Any]) -> None:
    """R: ``prop.test(k, n, correct = FALSE)`` and ``binom.test(k, n)``."""
    r, ours = reference()["top2box"], by(servqual["full"]["spread"], "column")["overall"]
    near([ours["top"]["low"], ours["top"]["high"]], r["wilson"])
    near([ours["top_exact"]["low"], ours["top_exact"]["high"]], r["clopper"])
