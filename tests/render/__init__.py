"""Tests of what is rendered for Prometheus, Alertmanager, Grafana, Compose and Kubernetes."""
