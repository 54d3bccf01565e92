"""What an operator mounts, made of the one configuration file: rules, routes, dashboards, manifests."""

from driftboard.render.output import rendered

__all__ = ["rendered"]
