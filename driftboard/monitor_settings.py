"""What the monitors can be told: the section `[monitors]` of the configuration."""

from typing import Literal

from pydantic import Field, field_validator

from driftboard.budget import parse_false_pages
from driftboard.section import Section, checked


class ClassicSettings(Section):
    """Fixed thresholds, as of `policy = "classic"`; nothing here matters under the calibrated policy."""

    psi_warning: float = Field(default=0.10, gt=0, description="Population stability index that is a warning.")
    psi_critical: float = Field(default=0.20, gt=0, description="The index that pages, if a test agrees.")
    ks_alpha: float = Field(default=0.01, gt=0, lt=1)
    chi_square_alpha: float = Field(default=0.01, gt=0, lt=1)
    missing_points: float = Field(default=0.05, gt=0, lt=1, description="Rise of the missing rate that is a warning.")
    decay: float = Field(default=0.05, gt=0, lt=1, description="Accuracy or macro-F1 points lost that are decay.")
    min_rows: int = Field(default=50, ge=1, description="Fewer rows than this are `insufficient`.")
    min_labels: int = Field(default=30, ge=1, description="Fewer labels than this are `insufficient`.")


class MonitorSettings(Section):
    """When a batch is worth a page: the budget of false pages, and what else the monitors look at."""

    policy: Literal["calibrated", "classic"] = Field(
        default="calibrated", description="calibrated: evidence and magnitude in a budget; classic: fixed thresholds."
    )
    false_pages: str = Field(
        default="1 per 2000 batches",
        description="Pages that luck alone may cause: N per M batches, or N per day, week, month, quarter or year.",
    )
    page_on: Literal["all", "performance", "performance+outputs"] = Field(
        default="all",
        description="What may page, the rest only warns: all, performance, performance+outputs.",
    )
    segments: tuple[str, ...] = Field(
        default=(), description="Features by whose levels performance is shown too, beside the logged segments."
    )
    season: Literal["none", "weekday", "hour", "weekday+hour"] = Field(
        default="none",
        description="Compare Mondays with Mondays: none, weekday, hour, weekday+hour (in UTC; 500 rows of reference "
        "each, else the whole reference).",
    )
    maturity: float = Field(
        default=0.8, gt=0, le=1, description="Share of the usual labels that must be in before performance may page."
    )
    min_labels: int = Field(default=30, ge=1, description="Labels a window needs before its performance is judged.")
    multivariate: bool = Field(default=True, description="Look at all features together: information, never a page.")
    sequential: bool = Field(default=True, description="ADWIN, DDM, Page-Hinkley on errors: information, never a page.")
    classic: ClassicSettings = ClassicSettings()

    @field_validator("false_pages")
    @classmethod
    def _is_a_budget(cls, text: str) -> str:
        return checked(parse_false_pages, text)

    def alpha(self, batches_per_day: float | None = None) -> float:
        """Return the chance of a false page that the budget leaves to one batch; see `driftboard.budget`."""
        return parse_false_pages(self.false_pages).alpha(batches_per_day)
