"""`README.md` of the folder: what each file is for, which secrets have to be there, who tells people of what."""

from driftboard.config import Settings
from driftboard.render.compose import PASSWORD, alertmanager_secrets, prometheus_secrets
from driftboard.render.container import CONFIG, USER
from driftboard.render.kubernetes import SECRET
from driftboard.render.owners import owner_of
from driftboard.render.rules import rule_groups
from driftboard.render.written_yaml import NOTE

_TEXT = r"""<!-- {note} -->
# Deploying driftboard

Everything here is made of one file: change `driftboard.toml`, then run `driftboard config diff` to see what would
change, and `driftboard config render` to write it. Thresholds in these rules are those that driftboard judges by.

| file | what reads it |
|---|---|
| `compose.yml`, `Dockerfile` | Docker Compose: driftboard, Prometheus, Alertmanager, Grafana, on this machine only |
| `driftboard.toml` | driftboard in its container: the settings that differ from the defaults |
| `prometheus.yml`, `rules/` | Prometheus 2.42 or newer: what it scrapes, the alert rules |
| `alertmanager.yml` | Alertmanager: who is told (0.26 or newer where a webhook is among them) |
| `grafana/` | Grafana: four dashboards, the data source |
| `kubernetes/` | `kubectl`: a Deployment with probes, its volume, Service and configuration |
| `secrets/` | you: one file for each secret; git ignores them |

## Secrets

None is in these files. Write each, alone, into a file of this name in `secrets/`. The servers run as users of their
own, so the files have mode 0444, and the folder keeps others out: `chgrp {user} secrets && chmod 0710 secrets` (the
group is driftboard's in its container).

{secrets}

What driftboard itself reads as `env:NAME` goes into `driftboard.env` (`NAME=value`, mode 0600); `file:PATH` below
`{folder}` is a file in `secrets/`.

## Docker Compose

```sh
docker compose build
docker compose run --rm driftboard --config {config} keys create --name operator --scope admin
docker compose up -d
```

The API does not listen beyond loopback without a key, and every address of a container is beyond it: hence the first
key. driftboard is at http://127.0.0.1:{dashboard}, its API at {api}, Prometheus at 9090, Alertmanager at 9093, Grafana
at 3000 (user `admin`). The dashboard has no log-in: reach it from elsewhere through an SSH tunnel or an authenticating
proxy.

Into a Grafana that you have already: `driftboard config import-dashboards --url https://grafana.example --token
env:GRAFANA_TOKEN`.

## Kubernetes

```sh
kubectl create namespace {namespace}
kubectl -n {namespace} create secret generic {secret} --from-env-file=driftboard.env
kubectl apply -f kubernetes/driftboard.yaml -f kubernetes/shell.yaml
kubectl -n {namespace} exec -it driftboard-shell -- driftboard --config {config} \
  keys create --name operator --scope admin
kubectl -n {namespace} delete pod driftboard-shell
```

Until there is a key the pod is started again and again, and says why. Have your Prometheus scrape
`driftboard.{namespace}:{api}/metrics` and evaluate `rules/driftboard.rules.yml`.

## Who tells people

One owner for each alert, so that nobody is paged twice. Its label says who: `driftboard` tells people itself, and
Alertmanager shows the alert without telling anybody; `prometheus` tells them through Alertmanager.

{owners}

driftboard owns what it judges once `alerts.dry_run = false` and there is a channel. To hand a rule over to Prometheus,
set `[alerts.rules.NAME] enabled = false`; to hand over all, leave `alerts.dry_run = true`. `driftboard config check`
says when an alert would go out twice.
"""


def readme_file(settings: Settings) -> str:
    """Return the text of `README.md`."""
    return _TEXT.format(
        note=NOTE,
        secrets=_secrets(settings),
        owners=_owners(settings),
        config=CONFIG,
        user=USER,
        folder=settings.deploy.secrets,
        dashboard=settings.dashboard.port,
        api=settings.api.port,
        namespace=settings.deploy.namespace,
        secret=SECRET,
    )


def _secrets(settings: Settings) -> str:
    lines = [f"- `{PASSWORD}`: the password of Grafana's user `admin`"]
    lines += [f"- `{name}`: an API key that may read, for Prometheus" for name in prometheus_secrets(settings)]
    lines += [f"- `{name}`: of the channel, for Alertmanager" for name in alertmanager_secrets(settings)]
    return "\n".join(lines)


def _owners(settings: Settings) -> str:
    owners = {
        rule.alert: (owner_of(rule, settings.alerts), rule.rule)
        for rules in rule_groups(settings).values()
        for rule in rules
    }
    lines = [f"| `{alert}` | `{rule}` | {owner} |" for alert, (owner, rule) in owners.items()]
    return "\n".join(["| alert | rule | owner |", "|---|---|---|", *lines])
