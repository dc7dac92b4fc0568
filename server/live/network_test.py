"""The page that tests a network: which devices have it open now, and how they fare. No room knows of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median_low
from typing import Any

SILENT_AFTER_MS = 5_000
"""A device counts for so long after it was last heard: the page sends once a second while it is looked at."""
SUMMARY_MS = 1_000
"""A summary goes over all devices, so it is made at most so often, and shared by all that ask meanwhile."""


@dataclass(frozen=True)
class Report:
    """What one device said last, and how it is connected, which the server itself knows."""

    heard_at: int
    is_polling: bool
    round_trip_ms: int | None
    jitter_ms: int | None


class NetworkTest:
    """The last report of each connection; in memory alone."""

    def __init__(self) -> None:
        self._reports: dict[str, Report] = {}
        self._summary: dict[str, Any] = {}
        self._summed_up_at = -SUMMARY_MS

    def report(self, sid: str, report: Report) -> dict[str, Any]:
        """Note a report and return the summary of all, a second old at most."""
        self._reports[sid] = report
        if report.heard_at - self._summed_up_at >= SUMMARY_MS:
            self._summed_up_at = report.heard_at
            self._summary = self._sum_up(report.heard_at)
        return self._summary

    def forget(self, sid: str) -> None:
        """Drop what a connection that is gone has said."""
        self._reports.pop(sid, None)

    def _sum_up(self, now: int) -> dict[str, Any]:
        for sid, report in list(self._reports.items()):
            if now - report.heard_at > SILENT_AFTER_MS:
                self.forget(sid)
        reports = list(self._reports.values())
        return {
            "phones": len(reports),
            "long_polling": sum(report.is_polling for report in reports),
            "round_trip_ms": _spread(report.round_trip_ms for report in reports),
            "jitter_ms": _spread(report.jitter_ms for report in reports),
        }


def _spread(measured: Iterable[int | None]) -> dict[str, int] | None:
    known = [value for value in measured if value is not None]
    return {"median": median_low(known), "highest": max(known)} if known else None
