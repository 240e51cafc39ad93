"""From a delivered fact to stored spans and announcements, exactly once."""

from services.monitoring.projector.projector import Advance, Projected, Projector

__all__ = ["Advance", "Projected", "Projector"]
