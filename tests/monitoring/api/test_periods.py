"""The periods that infusions begin, over HTTP and at both clocks."""

from datetime import UTC, datetime

from services.monitoring.api.app import create_app
from services.monitoring.settings import Settings
from shared.clock import ManualClock
from shared.contracts.v1 import facts as v1
from shared.database import Database
from tests.monitoring.api.cohorts import Log
from tests.monitoring.api.serving import Asked
from tests.scenario import treated

Store = tuple[Database, Settings]
NOW = datetime(2025, 6, 1, 11, tzinfo=UTC)


def test_periods_say_from_when_to_when_and_which_days_nothing_covers(store: Store) -> None:
    t = treated("2024-01-08", name="periods")
    t.record(v1.ProphylaxisStarted("antiviral"), "2024-01-08", known="2024-02-05")
    Log(store[0]).deliver(t)

    with Asked(create_app(store[1], ManualClock(NOW))) as asking:
        path = f"/v1/treatments/{t.treatment}/periods"
        now = asking.get(f"{path}?on=2024-02-01").json()
        then = asking.get(f"{path}?on=2024-02-01&known_at=2024-02-01").json()
        nobody = asking.get("/v1/treatments/0190f3c2-0000-7000-8000-000000000000/periods")

    assert now["on"] == "2024-02-01"
    [covered] = [one for one in now["periods"] if one["rule"] == "PRX-01"]
    assert (covered["from_on"], covered["at_least_through"], covered["covered"]) == ("2024-01-08", "2024-03-12", True)
    assert covered["basis"] == "label_us"
    [open_then] = [one for one in then["periods"] if one["rule"] == "PRX-01"]
    assert open_then["gaps"] == [{"from_on": "2024-01-08", "through_on": "2024-02-01"}]
    assert open_then["sentence"].endswith("not covered from 2024-01-08 through 2024-02-01.")
    assert len([one for one in now["periods"] if one["rule"] == "POST-03"]) == 5
    assert nobody.status_code == 404
