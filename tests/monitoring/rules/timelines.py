"""The worked timelines of clinical.md §4 for the recurring items and findings: T1–T7, T9–T11, every cell and window."""

from tests.monitoring.rules.timelines_corrections import t5, t6, t7, t7_wrong_patient
from tests.monitoring.rules.timelines_findings import t9
from tests.monitoring.rules.timelines_grid import t1, t1_course_day, t1_late_evening, t2, t3, t3_close_out, t4
from tests.monitoring.rules.timelines_life import t10, t11_hpv, t11_skin
from tests.timeline import Timeline


def all_timelines() -> tuple[Timeline, ...]:
    return (
        t1(),
        t1_late_evening(),
        t1_course_day(),
        t2(),
        t3(),
        t3_close_out(),
        t4(),
        t5(),
        t6(),
        t7(),
        t7_wrong_patient(),
        t9(),
        t10(),
        t11_skin(),
        *t11_hpv(),
    )
