"""Batches for the life cycle: windows, reports of every monitor, and a model's standing kept in memory."""

from dataclasses import dataclass, field
from datetime import timedelta

from driftboard.alert_settings import AlertSettings
from driftboard.alerts.memory import Memory, Window, memory_from_json, memory_to_json
from driftboard.alerts.turn import Standing, take_turn
from driftboard.data.incident import with_id
from driftboard.monitors.finding import Finding
from driftboard.monitors.report import QualityReport, RelationReport, Report
from driftboard.monitors.verdict import Verdict
from tests.alerts.fakes import features, finding
from tests.alerts.incidents import MODEL, NOW, alert_settings

CRITICAL, WARNING, INFO, OK = Verdict.CRITICAL, Verdict.WARNING, Verdict.INFO, Verdict.OK


def window(number: int, rows: int = 1000, *, key: int | None = None) -> Window:
    """The batch of so many hours after the first; with a key of its own when it was logged out of order."""
    return Window(NOW + timedelta(hours=number), number if key is None else key, f"b{number}", rows)


def quality(*findings: Finding, verdict=OK) -> QualityReport:
    """A report of the data quality with these findings."""
    return QualityReport(verdict=verdict, message="", n=1000, n_reference=5000, findings=findings)


def relations(*findings: Finding, verdict=OK) -> RelationReport:
    """A report of the relations with these findings."""
    return RelationReport(verdict=verdict, message="", n=1000, n_reference=5000, n_pairs=1, findings=findings)


def drifts(**verdicts: Verdict):
    """A report of the inputs: each feature with its verdict."""
    return features(*(finding("feature_drift", verdict, name) for name, verdict in verdicts.items()))


@dataclass
class Life:
    """One model's standing, as a log would keep it: memories as JSON, open incidents, every event so far."""

    settings: AlertSettings = field(default_factory=alert_settings)
    memories: dict[str, str] = field(default_factory=dict)
    incidents: dict = field(default_factory=dict)
    over: list = field(default_factory=list)
    events: list = field(default_factory=list)
    ids: int = 0

    def standing(self) -> Standing:
        """What `take_turn` starts from."""
        memories = {name: memory_from_json(text) for name, text in self.memories.items()}
        return Standing(1, MODEL, memories, {each.fingerprint: each for each in self.incidents.values()})

    def take(self, number: int, *reports: Report, key: int | None = None):
        """Take a batch's turn and keep what changed; return the kinds of the events."""
        now = NOW + timedelta(hours=number)
        turn = take_turn(self.standing(), reports, window(number, key=key), self.settings, now=now)
        self.memories |= {name: memory_to_json(memory) for name, memory in turn.memories.items()}
        for moved in turn.moved:
            incident = self._kept(moved.incident)
            self.events += [(incident.incident_id, each.kind, each.detail) for each in moved.events]
        return [each.kind for moved in turn.moved for each in moved.events]

    def _kept(self, incident):
        if not incident.incident_id:
            self.ids += 1
            incident = with_id(incident, self.ids)
        self.incidents.pop(incident.incident_id, None)
        if incident.is_open:
            self.incidents[incident.incident_id] = incident
        else:
            self.over.append(incident)
        return incident

    @property
    def only(self):
        """The one open incident."""
        (incident,) = self.incidents.values()
        return incident

    def memory(self, name: str) -> Memory:
        """What is remembered under a fingerprint."""
        return memory_from_json(self.memories[name])
