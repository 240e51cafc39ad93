"""What `coursewatch up` says when both services answer: where they are, and three things to try."""

from pathlib import Path


def reading(monitoring: str) -> str:
    return f"The monitoring service reads the log. {monitoring}/ fills as it goes."


def text(course: str, monitoring: str, data: Path) -> str:
    return f"""
Coursewatch is up. Ctrl-C stops it; everything recorded stays in {data}/.

  Dashboard           {monitoring}/
  Course service      {course}/docs
  Monitoring service  {monitoring}/docs

Three things to try:
  1. Who is overdue for a blood count?
     curl '{monitoring}/v1/obligations?requirement=MON-01&standing=overdue&limit=3'
  2. Open a treatment, and see what it answers when you send it again:
     curl {course}/v1/treatments -H 'Content-Type: application/json' \\
       -d '{{"identifier":{{"system":"urn:example:mrn","value":"1"}},"zone":"Europe/Berlin","label":"A. Example"}}'
  3. Watch what changes, and post a fact in another window (see README.md):
     curl -N {monitoring}/v1/obligations/stream
"""
