"""The sentence of evidence in an alert: numbers, their limits and sample sizes, never the subject's name."""

from driftboard.monitors.report import FeatureReport, FeatureResult, PerformanceReport, PredictionReport, Test

_NAMED = 5


def drift(feature: FeatureResult, report: FeatureReport) -> str:
    """Say what the population stability index and the test found.

    Both limits of the index are given, so that a reader sees which one was passed.
    """
    index = "PSI not computed" if feature.psi is None else f"PSI {feature.psi:.3f}"
    limits = f"limits {report.psi_warning:g} and {report.psi_critical:g}"
    tests = [_test("KS", feature.ks), _test("chi-square", feature.chi_square)]
    return "; ".join([f"{index} ({limits})", *filter(None, tests), _sizes(feature.n, feature.n_reference)])


def missing(feature: FeatureResult, limit: float) -> str:
    """Say how much of the feature is missing now, and before."""
    now, before = feature.missing_rate, feature.reference_missing_rate
    return f"{now:.1%} missing, {before:.1%} in the reference (limit: {100 * limit:g} points more)"


def unexpected(names: tuple[str, ...]) -> str:
    """Name features the reference does not know, the first few of them.

    >>> unexpected(("a", "b"))
    '2 features the reference does not know: a, b'
    """
    rest = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return f"{len(names):,} features the reference does not know: {', '.join(names[:_NAMED])}{rest}"


def label_shift(report: PredictionReport) -> str:
    """Say how the mix of predicted classes, or the predicted value, moved."""
    tests = [_test("chi-square of the classes", report.chi_square), _test("KS of the value", report.value_ks)]
    return "; ".join([*filter(None, tests), _sizes(report.n, report.n_reference)])


def confidence_shift(report: PredictionReport) -> str:
    """Say how the confidence moved."""
    means = _pair("mean confidence", report.mean_confidence, report.reference_mean_confidence)
    parts = [means, _test("KS", report.confidence_ks), _sizes(report.n, report.n_reference)]
    return "; ".join(filter(None, parts))


def decay(report: PerformanceReport) -> str:
    """Say how the measured quality stands beside the reference, and on how many labels that rests."""
    parts = [
        _pair("accuracy", report.accuracy, report.reference_accuracy),
        _interval(report),
        _pair("macro F1", report.macro_f1, report.reference_macro_f1),
        _pair("MAE", report.mae, report.reference_mae),
        f"decay limit {report.decay_limit:g}",
        f"{report.n_labelled:,} of {report.n:,} rows labelled",
    ]
    return "; ".join(filter(None, parts))


def _test(name: str, test: Test | None) -> str:
    if test is None:
        return ""
    verb = "rejects" if test.rejects else "does not reject"
    return f"{name} {verb} (statistic {test.statistic:.3f}, p {test.p_value:.2g}, level {test.alpha:g})"


def _pair(name: str, now: float | None, before: float | None) -> str:
    if now is None:
        return ""
    return f"{name} {now:.3f}" + ("" if before is None else f", reference {before:.3f}")


def _interval(report: PerformanceReport) -> str:
    interval = report.accuracy_interval
    return "" if interval is None else f"95 % interval {interval.low:.3f} to {interval.high:.3f}"


def _sizes(n: int, n_reference: int) -> str:
    return f"{n:,} rows against {n_reference:,}"
