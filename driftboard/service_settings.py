"""What is promised of a service, and when its requests are worth a message: the sections `[slo]` and `[service]`."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field, field_validator, model_validator

from driftboard.section import Section

_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.75, 1.0, 1.5, 2.0,
           2.5, 5.0, 10.0)  # fmt: skip
_CONFIDENCES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)


def _latency(seconds: float) -> float:
    """A duration that the histogram can count exactly: `data.service_counts.LATENCY_BOUNDS`."""
    if seconds not in _BOUNDS:
        near = min(_BOUNDS, key=lambda bound: abs(bound - seconds))
        raise ValueError(f"latencies are counted up to fixed bounds: write {near:g} (seconds; the nearest of them)")
    return seconds


def _confidence(value: float) -> float:
    if value not in _CONFIDENCES:
        near = min(_CONFIDENCES, key=lambda bound: abs(bound - value))
        raise ValueError(f"confidence is counted up to fixed bounds: write {near:g} (the nearest of them)")
    return value


Latency = Annotated[float, AfterValidator(_latency)]
Confidence = Annotated[float, AfterValidator(_confidence)]
Share = Annotated[float, Field(gt=0, lt=1)]


class Objectives(Section):
    """What is promised of one model's service; "none" promises nothing."""

    latency_p50: Latency | None = Field(
        default=None, examples=[0.1], description="Seconds that half of the requests take at most."
    )
    latency_p95: Latency | None = Field(default=0.5, description="Seconds that 95 of 100 requests take at most.")
    latency_p99: Latency | None = Field(
        default=None, examples=[1.0], description="Seconds that 99 of 100 requests take at most."
    )
    availability: Share | None = Field(default=0.995, description="Share of the minutes with traffic that are served.")
    error_rate: Share | None = Field(default=0.01, description="Share of the requests that may fail.")
    accuracy: Share | None = Field(default=0.85, description="Share of right predictions, of those with labels.")
    throughput: float | None = Field(
        default=None, examples=[10.0], gt=0, description="Predictions a second at least, where it is busy."
    )
    cost_per_thousand: float | None = Field(
        default=None, examples=[0.05], gt=0, description="Of 1,000 predictions, at most."
    )
    cost_per_hour: float | None = Field(
        default=None, examples=[1.2], gt=0, description="What running the service costs."
    )

    @field_validator(
        *("latency_p50", "latency_p95", "latency_p99", "availability", "error_rate", "accuracy"), mode="before"
    )
    @classmethod
    def _may_be_none(cls, given: Any) -> Any:
        """TOML has no null: `"none"` stands for it."""
        return None if given == "none" else given

    @model_validator(mode="after")
    def _knows_its_cost(self) -> "Objectives":
        if self.cost_per_thousand is not None and self.cost_per_hour is None:
            raise ValueError("cost_per_thousand needs cost_per_hour: what running the service costs")
        return self


class SloSettings(Objectives):
    """What is promised of the services; `[slo.models.churn]` promises something else of one model."""

    days: int = Field(default=30, ge=1, le=90, description="Over which compliance and budget are counted.")
    models: dict[str, Objectives] = Field(default={}, description='By model: "churn" or "churn:3@production".')

    def of(self, name: str, key: str) -> Objectives:
        """Return what is promised of a model: by its whole key, else by its name, else of all."""
        return self.models.get(key) or self.models.get(name) or self


class ServiceSettings(Section):
    """When requests as such are worth a message; here and in the rules rendered for Prometheus."""

    error_rate_warning: Share = Field(default=0.02, description="Share of failed requests, for 10 minutes.")
    error_rate_critical: Share = Field(default=0.05, description="Share of failed requests, for 5 minutes.")
    latency_warning: float = Field(default=1.5, ge=1, description="Times latency_p95, for 15 minutes.")
    latency_critical: float = Field(default=2.0, ge=1, description="Times latency_p95, for 10 minutes.")
    low_confidence: Confidence = Field(default=0.7, description="At most so sure is unsure.")
    low_confidence_share: Share = Field(default=0.2, description="Share of unsure predictions, for an hour.")
    accuracy_floor: Share = Field(default=0.7, description="Accuracy below which it is critical, for 30 minutes.")
    min_requests: int = Field(default=20, ge=1, description="Fewer requests in a rule's time say nothing.")
