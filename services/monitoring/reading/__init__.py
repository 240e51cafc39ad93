"""The questions that dashboards and auditors ask, each answered from one read transaction."""
