"""Column types that every table shares."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from sqlalchemy import BigInteger, DateTime, Text, func
from sqlalchemy.orm import mapped_column

Id = Annotated[str, mapped_column(Text, primary_key=True)]
"""One of our ids, or a provider's: text, because a provider's prefixes and lengths are no contract."""

Words = Annotated[str, mapped_column(Text)]
Minor = Annotated[int, mapped_column(BigInteger)]
"""An amount in minor units."""

Serial = Annotated[int, mapped_column(BigInteger, primary_key=True, autoincrement=True)]
Created = Annotated[datetime, mapped_column(DateTime(timezone=True), server_default=func.now())]
Moment = Annotated[datetime, mapped_column(DateTime(timezone=True))]
