"""Reports of every kind, made by hand: what a worker would have said of a model that drifts half-way."""

from collections.abc import Iterator

from driftboard.monitors.finding import Evidence, Finding
from driftboard.monitors.interval import Interval
from driftboard.monitors.report import (
    Calibration,
    ClassResult,
    Estimate,
    FeatureReport,
    FeatureResult,
    Monitor,
    PairResult,
    PerformanceReport,
    PredictionReport,
    QualityReport,
    QualityResult,
    RelationReport,
    ReliabilityBin,
    Report,
    SegmentResult,
    Test,
)
from driftboard.monitors.verdict import Verdict
from tests.dashboard.information_reports import multivariate_report, sequential_report

N, N_REFERENCE = 200, 52_000
LEVEL = 1e-4
CELLS = ("below 20", "20 to 40", "40 to 60", "above 60")
CHANGE = 3


def evidence(p_value: float, effect: float, measure: str = "PSI", **given: object) -> Evidence:
    """What four batches say."""
    values = {
        "batches": 4,
        "since": "2013-03-01",
        "n": 1212,
        "n_reference": N_REFERENCE,
        "p_value": p_value,
        "level": LEVEL,
        "effect": effect,
        "measure": measure,
        "warning_floor": 0.1,
        "page_floor": 0.2,
        "visible": 0.2,
    }
    return Evidence(**(values | given))


def reports(number: int, *, policy: str = "calibrated", attack: str = "") -> Iterator[tuple[Monitor, Report]]:
    """The reports of one batch by monitor; from batch 3 on it has drifted; a feature and a class may be an attack."""
    drifted, calibrated = number >= CHANGE, policy == "calibrated"
    name, label = attack or "age", attack or "leave"
    yield "feature", feature_report(drifted=drifted, calibrated=calibrated, name=name)
    yield "quality", quality_report(spoilt=drifted, calibrated=calibrated, name=name)
    yield "prediction", prediction_report(shifted=drifted, calibrated=calibrated, name=label)
    yield "performance", performance_report(decayed=drifted, calibrated=calibrated, name=label)
    if calibrated:
        yield "relations", relation_report(changed=drifted, name=name)
        yield "multivariate", multivariate_report(moved=drifted)
        yield "sequential", sequential_report(label)


def feature_report(*, drifted: bool = True, calibrated: bool = True, name: str = "age") -> FeatureReport:
    """One feature that moves, one that stands, one that could not be judged."""
    found = evidence(2.5e-5, 0.24, wobble=1.7) if drifted else evidence(0.31, 0.01, visible=None)
    verdict = Verdict.CRITICAL if drifted else Verdict.OK
    text = f"`{name}` moved: KS 0.21 (moderate), 1 chance in 40,000 of that by luck" if drifted else "all is steady"
    moved = FeatureResult(
        name,
        "numeric",
        verdict,
        f"{text}.",
        N,
        N_REFERENCE,
        0.0,
        0.01,
        psi=0.29 if drifted else 0.06,
        psi_noise=0.05,
        psi_limit=0.14 if calibrated else None,
        ks=Test(0.21 if drifted else 0.03, 1e-6 if drifted else 0.4, 0.01),
        mean=52.0,
        reference_mean=40.0,
        cells=CELLS,
        share=(0.1, 0.2, 0.3, 0.4),
        reference_share=(0.25,) * 4,
        evidence=found if calibrated else None,
    )
    plan = FeatureResult(
        "plan",
        "categorical",
        Verdict.OK,
        "`plan` is steady.",
        N,
        N_REFERENCE,
        0.0,
        0.0,
        psi=0.01,
        psi_noise=0.02,
        psi_limit=0.07 if calibrated else None,
        chi_square=Test(1.2, 0.55, 0.01),
        cells=("free", "pro"),
        share=(0.5, 0.5),
        reference_share=(0.5, 0.5),
        evidence=evidence(0.6, 0.01, "total variation") if calibrated else None,
    )
    sparse = FeatureResult("sparse", "numeric", Verdict.INSUFFICIENT, "3 rows are too few.", 3, N_REFERENCE, 0.98, 0.97)
    findings = (
        Finding(verdict, text, "feature_drift", name, moved.evidence),
        *([Finding(Verdict.WARNING, "`plan` may follow", "feature_drift", "plan")] if drifted else []),
    )
    return FeatureReport(
        verdict,
        f"{text}.",
        N,
        N_REFERENCE,
        (plan, moved, sparse),
        0.1,
        0.2,
        "harmless so far" if drifted and calibrated else None,
        findings,
    )


def relation_report(*, changed: bool = True, name: str = "age") -> RelationReport:
    """One pair."""
    verdict = Verdict.WARNING if changed else Verdict.OK
    text = f"`{name}` and `income` go together: r 0.72, was 0.30" if changed else "no pair changed"
    pair = PairResult(
        name, "income", verdict, f"{text}.", 0.72 if changed else 0.31, 0.3, evidence(1e-9, 0.42, "correlation")
    )
    finding = Finding(verdict, text, "relation_change", f"{name} and income")
    return RelationReport(verdict, f"{text}.", N, N_REFERENCE, 3, (pair,), (finding,))


def quality_report(*, spoilt: bool = True, calibrated: bool = True, name: str = "age") -> QualityReport:
    """Missing values, new levels, a constant, a column that is gone and one nobody knows."""
    verdict = Verdict.WARNING if spoilt else Verdict.OK
    text = f"`{name}` is missing in 11 % of the rows, was 1 %" if spoilt else "the data are as they were"
    features = (
        QualityResult(
            name,
            "numeric",
            verdict,
            f"{text}.",
            N,
            missing_rate=0.11 if spoilt else 0.01,
            reference_missing_rate=0.01,
            below_rate=0.0,
            above_rate=0.04 if spoilt else 0.0,
            infinite_rate=0.0,
            lowest=18.0,
            highest=140.0 if spoilt else 80.0,
            reference_lowest=18.0,
            reference_highest=90.0,
            evidence=evidence(1e-8, 0.1, "points") if calibrated else None,
        ),
        QualityResult("plan", "categorical", Verdict.OK, "`plan` is as it was.", N, new_rate=0.02 if spoilt else 0.0),
        QualityResult("flag", "numeric", Verdict.INFO, "`flag` is constant.", N, constant=True),
        QualityResult("gone", "numeric", Verdict.INVALID if spoilt else Verdict.OK, "`gone` is gone.", 0, "absent"),
    )
    findings = [Finding(verdict, text, "missing_values", name, features[0].evidence)]
    if spoilt:
        findings.append(Finding(Verdict.INVALID, "the column `gone` is gone", "schema", "gone"))
    return QualityReport(
        Verdict.INVALID if spoilt else Verdict.OK,
        f"{text}.",
        N,
        N_REFERENCE,
        features,
        (f"new {name}",) if spoilt else (),
        0.031 if spoilt else 0.0,
        0.002,
        tuple(findings),
    )


def prediction_report(*, shifted: bool = True, calibrated: bool = True, name: str = "leave") -> PredictionReport:
    """Two classes whose mix shifts."""
    verdict = Verdict.WARNING if shifted else Verdict.OK
    counts = (140, 60) if shifted else (100, 100)
    text = f"the share of `{name}` rose to {counts[0] / N:.0%}" if shifted else "the mix is steady"
    mix = evidence(1e-6 if shifted else 0.4, 0.2 if shifted else 0.01, "total variation")
    return PredictionReport(
        verdict,
        f"{text}.",
        N,
        N_REFERENCE,
        (name, "stay"),
        counts,
        (26_000, 26_000),
        tuple(Interval(count / N - 0.06, count / N + 0.06) for count in counts),
        Test(12.0, 1e-5 if shifted else 0.4, 0.01),
        0.82,
        0.85,
        Test(0.05, 0.2, 0.01),
        mix=mix if calibrated else None,
        confidence=evidence(0.4, 0.03, "KS") if calibrated else None,
        findings=(Finding(verdict, text, "label_shift", evidence=mix if calibrated else None),),
    )


def performance_report(*, decayed: bool = True, calibrated: bool = True, name: str = "leave") -> PerformanceReport:
    """Half the labels of a batch, with all there is to say of them."""
    verdict = Verdict.CRITICAL if decayed else Verdict.OK
    accuracy = 0.8 if decayed else 0.9
    error = evidence(1e-7 if decayed else 0.5, 0.1 if decayed else 0.0, "points")
    text = f"accuracy fell to {accuracy:.0%}" if decayed else "accuracy is as it was"
    rich = {
        "weighted_f1": 0.8,
        "reference_weighted_f1": 0.9,
        "roc_auc": 0.91,
        "reference_roc_auc": 0.95,
        "log_loss": 0.4,
        "reference_log_loss": 0.3,
        "brier": 0.2,
        "reference_brier": 0.15,
        "calibration": Calibration(1200, 12, 0.06, 0.05 if decayed else 0.0, 0.02),
        "error": error,
        "by_class": (
            ClassResult(name, verdict, 50, 48, 0.7, 0.72, 0.71, 0.9, evidence(1e-6, 0.2, "points")),
            ClassResult("stay", Verdict.OK, 50, 52, 0.9, 0.89, 0.9, 0.9),
            ClassResult("never", Verdict.NO_DATA, 0, 0),
        ),
        "segments": (
            SegmentResult("origin", name, verdict, "", 40, 0.7, 0.9, Interval(0.55, 0.82), evidence(1e-5, 0.2)),
            SegmentResult("origin", "JFK", Verdict.INSUFFICIENT, "", 4),
        ),
        "estimates": (
            Estimate("accuracy", 0.88, 0.84, 0.92, 0.9, N),
            Estimate("macro_f1", 0.87, 0.83, 0.91, 0.89, N),
        ),
        "provisional": decayed,
        "maturity": "provisional: 34 % of the labels are usually known by now, mature in 2 days" if decayed else "",
        "label_bias": f"labelled rows are not like the others: `{name}` KS 0.31" if decayed else "",
    }
    return PerformanceReport(
        verdict,
        f"{text}.",
        N,
        100,
        0.5,
        0.03 if calibrated else 0.05,
        accuracy=accuracy,
        accuracy_interval=Interval(accuracy - 0.07, accuracy + 0.06),
        reference_accuracy=0.9,
        macro_f1=0.79,
        reference_macro_f1=0.88,
        ece=0.06,
        reference_ece=0.02,
        classes=(name, "stay"),
        support=(50, 50),
        confusion=((35, 15), (5, 45)),
        reliability=(
            ReliabilityBin(0.7, 0.8, 40, 0.75, 0.7, Interval(0.55, 0.82)),
            ReliabilityBin(0.8, 0.9, 60, 0.85, 0.87, Interval(0.76, 0.93)),
        ),
        findings=(Finding(verdict, text, "performance_decay", evidence=error if calibrated else None),),
        **(rich if calibrated else {}),
    )


def value_report(*, decayed: bool = True) -> PerformanceReport:
    """Regression, with an estimate."""
    verdict = Verdict.CRITICAL if decayed else Verdict.OK
    return PerformanceReport(
        verdict,
        "the mean absolute error grew by 40 %." if decayed else "the error is as it was.",
        N,
        N,
        1.0,
        0.05,
        mae=7.0 if decayed else 5.0,
        reference_mae=5.0,
        rmse=9.0,
        reference_rmse=6.0,
        r2=0.8,
        reference_r2=0.9,
        error=evidence(1e-7, 0.4, "growth"),
        estimates=(Estimate("mae", 5.2, 4.8, 5.6, 5.0, N), Estimate("rmse", 6.2, 5.8, 6.6, 6.0, N)),
    )
