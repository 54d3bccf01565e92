"""What an operator mounts, made of the one configuration file: rules, routes, dashboards, manifests."""
