"""The clinical rules: pure functions from facts and an edition to obligations. No IO, no clock."""

from services.monitoring.rules.assess import assess as assess
