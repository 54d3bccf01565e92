"""The sections of the service side: what they refuse, and which promise holds for which model."""

import pytest

from driftboard import service_settings
from driftboard.config import load_settings
from driftboard.data.service_counts import CONFIDENCE_BOUNDS, LATENCY_BOUNDS
from driftboard.errors import ConfigError


def test_objectives_lie_on_the_bounds_that_are_counted():
    """The configuration knows no data room; so the bounds stand in both, and are the same."""
    assert service_settings._BOUNDS == LATENCY_BOUNDS
    assert CONFIDENCE_BOUNDS[:-1] == service_settings._CONFIDENCES


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({"slo": {"latency_p95": 0.45}}, r"slo\.latency_p95: latencies .* write 0\.4 "),
        ({"slo": {"availability": 99.5}}, r"slo\.availability: .*less than 1"),
        ({"slo": {"cost_per_thousand": 0.1}}, "needs cost_per_hour"),
        ({"slo": {"models": {"churn": {"latency_p59": 1}}}}, "did you mean 'latency_p99'"),
        ({"service": {"low_confidence": 0.65}}, r"confidence .* write 0\.[67] "),
        ({"review": {"unsure_below": 0.5}}, "set both or neither"),
        ({"review": {"fraction": 2}}, r"review\.fraction: .*less than or equal to 1"),
        ({"schedule": {"reference_window": "a month"}}, "no length of time: write 90d"),
        ({"api": {"window": "1x"}}, "no length of time"),
        ({"deploy": {"namespace": "No Spaces"}}, r"deploy\.namespace"),
    ],
)
def test_a_mistake_is_one_line_that_says_what_to_write(section, message):
    """As in every other section."""
    with pytest.raises(ConfigError, match=message) as error:
        load_settings(**section)
    assert "\n" not in str(error.value)


def test_a_model_may_be_promised_something_else_or_nothing():
    """By its whole key, else by its name, else what is promised of all; "none" takes a promise back."""
    models = {"churn": {"latency_p95": 0.1, "accuracy": "none"}, "churn:3@staging": {"error_rate": 0.05}}
    slo = load_settings(slo={"models": models, "latency_p95": 1.0}).slo
    assert slo.of("fraud", "fraud:1@production").latency_p95 == 1.0
    assert slo.of("churn", "churn:1@production").latency_p95 == 0.1
    assert slo.of("churn", "churn:1@production").accuracy is None
    assert slo.of("churn", "churn:3@staging").error_rate == 0.05
    review = load_settings(review={"fraction": 0.01, "models": {"churn": 0.1}}).review
    assert (review.of("churn", "churn:1@production"), review.of("fraud", "fraud:1@production")) == (0.1, 0.01)
