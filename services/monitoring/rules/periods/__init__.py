"""Periods that an infusion or a course begins: watches, and protections that must be covered throughout."""
