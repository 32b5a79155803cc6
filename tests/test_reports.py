"""What a test process reports reaches the one that asked for it, whatever a server wrote into a log."""

from __future__ import annotations

import execnet
import pytest

BYTES = b"550 go away \xff".decode(errors="surrogateescape")


def test_a_failure_whose_log_is_no_text_can_be_told_to_another_process(request: pytest.FixtureRequest) -> None:
    place = ("tests/test_mail.py", 1, "test_mail")
    report = pytest.TestReport(
        "tests/test_mail.py::test_mail", place, {}, "failed", f"assert {BYTES!r}\n{BYTES}", "call", [("log", BYTES)]
    )
    config = request.config
    told = config.hook.pytest_report_to_serializable(config=config, report=report)
    heard = config.hook.pytest_report_from_serializable(config=config, data=execnet.loads(execnet.dumps(told)))
    assert heard.longrepr.endswith(r"550 go away \udcff")
    assert heard.sections == [("log", r"550 go away \udcff")]
    assert (heard.nodeid, heard.location, heard.failed) == (report.nodeid, place, True)
