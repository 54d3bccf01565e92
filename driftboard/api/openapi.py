"""What a stranger reads first in /openapi.json."""

DESCRIPTION = """\
Log the predictions of a machine-learning model, send the truth as it becomes known, and read what driftboard makes of
both: reports on each batch, drift of each feature, service levels, incidents.

**Keys.** `driftboard keys create --name scorer --scope ingest` prints one. Send it as `Authorization: Bearer dbk_...`
or `X-API-Key`. `ingest` sends predictions, labels and events; `read` reads; `admin` reads and acts on incidents. Until
there is a key the API serves its own machine only, and asks nobody.

**Errors** all look like `{"error": {"code": "...", "message": "..."}}`. 429 and 503 with `Retry-After` are worth a
retry of the same request: nothing of it was stored, and what was stored is not stored twice. Other errors are not.

**Times** are RFC 3339 in UTC.
"""

TAGS = [
    {"name": "ingest", "description": "Predictions and labels, many in a request; partial success row by row."},
    {"name": "reading", "description": "Models, what the monitors said of them, and how promises are kept."},
    {"name": "incidents", "description": "What is wrong, and what people do about it."},
    {"name": "silences", "description": "Quiet about what is known."},
    {"name": "health", "description": "For probes and Prometheus."},
]
