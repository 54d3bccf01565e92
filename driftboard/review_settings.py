"""What people are asked to label, and when the monitors look: the sections `[review]` and `[schedule]`."""

from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from driftboard.section import Section, checked
from driftboard.written_times import parse_age

Fraction = Annotated[float, Field(ge=0, le=1)]


class ReviewSettings(Section):
    """Which predictions chance sends to the review queue: a stable fraction, by a hash of their ids."""

    fraction: Fraction = Field(default=0.0, description="Of all predictions; 0: none.")
    models: dict[str, Fraction] = Field(default={}, description='By model: { churn = 0.05 }, "churn:3@staging".')
    unsure_below: Fraction = Field(default=0.0, description="Predictions with less confidence are chosen more often:")
    unsure_fraction: Fraction = Field(default=0.0, description="... this fraction of them.")
    max_waiting: int = Field(default=10_000, gt=0, description="Of each model; while so many wait, none is added.")

    @model_validator(mode="after")
    def _goes_together(self) -> "ReviewSettings":
        if (self.unsure_below > 0) != (self.unsure_fraction > 0):
            raise ValueError("unsure_below and unsure_fraction go together: set both or neither")
        return self

    def of(self, name: str, key: str) -> float:
        """Return the fraction of a model: by its whole key, else by its name, else of all."""
        return self.models.get(key, self.models.get(name, self.fraction))


def _is_age(text: str) -> str:
    return checked(parse_age, text)


def _is_cron(text: str) -> str:
    if text:
        from datetime import UTC, datetime  # noqa: PLC0415

        from cronsim import CronSim, CronSimError  # noqa: PLC0415 - a service that only logs has no need of it

        try:
            next(CronSim(text, datetime(2026, 1, 1, tzinfo=UTC)))
        except (CronSimError, StopIteration):
            raise ValueError(
                f"{text!r} is no schedule: write minute, hour, day, month, weekday as in 0 */6 * * *"
            ) from None
    return text


class ScheduleSettings(Section):
    """When the monitors look, and how much of production makes a reference."""

    judge: Annotated[str, AfterValidator(_is_cron)] = Field(
        default="", description="Cron expression in UTC, as in 0 */6 * * *; empty: at every round of driftboard run."
    )
    reference_window: Annotated[str, AfterValidator(_is_age)] = Field(
        default="30d", description="Production that `driftboard promote` makes a reference of, by default."
    )
