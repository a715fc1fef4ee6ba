"""Why a report was not written.

ReportError
 +-- UnknownFormat     a format that does not exist, or not yet; names the nearest that does
 +-- UnknownRun        no such run; names the nearest that exists
 +-- UnsafeReport      card data or a secret would have been in it; nothing was written
 +-- UnwritableReport  the folder cannot be written
"""

from __future__ import annotations


class ReportError(Exception):
    """Nothing was written; the message says why, where, and the next move."""


class UnknownFormat(ReportError):  # noqa: N818 - the package's errors read as what is wrong
    """A format that does not exist, or not yet."""


class UnsafeReport(ReportError):  # noqa: N818 - as above
    """Card data or a secret would have been written."""


class UnwritableReport(ReportError):  # noqa: N818 - as above
    """The folder of the report cannot be made or written."""
