"""The doors of the monitoring service: lists, one treatment, the stream, the digest, operations."""
