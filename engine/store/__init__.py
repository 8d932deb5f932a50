"""The tables, the one transaction and the migrations; nothing outside this package opens a database."""

from engine.store import appraisal as appraisal  # its tables are part of the metadata
from engine.store import declarations as declarations
from engine.store import handovers as handovers
from engine.store import low_income as low_income
from engine.store import payments as payments
from engine.store import power as power
from engine.store import province as province
from engine.store import referrals as referrals
from engine.store import registers as registers
from engine.store import supervision as supervision
