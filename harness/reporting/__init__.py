"""Reports of a run: HTML for people, JSON and JUnit for programs. Consumers of the run store, which they only read."""

from harness.reporting.errors import ReportError, UnknownFormat, UnsafeReport, UnwritableReport
from harness.reporting.publish import FORMATS, write

__all__ = ["FORMATS", "ReportError", "UnknownFormat", "UnsafeReport", "UnwritableReport", "write"]
