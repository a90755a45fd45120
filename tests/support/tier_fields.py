"""The names of INFO tiering's fields and the words of TIER WHERE, in one place for all tests."""

SPILLS = "tier_spills"
READS = "tier_reads"
PROMOTIONS = "tier_promotions"
COLD_KEYS = "tier_cold_keys"
CLEAN_KEYS = "tier_clean_keys"
RESIDENT_KEYS = "tier_resident_keys"
LIVE_BYTES = "tier_live_bytes"
DISK_BYTES = "tier_disk_bytes"
HOST_BYTES_WRITTEN = "tier_host_bytes_written"
READ_ERRORS = "tier_read_errors"
CORRUPTIONS = "tier_corruptions"

ALL = (
    SPILLS,
    READS,
    PROMOTIONS,
    COLD_KEYS,
    CLEAN_KEYS,
    RESIDENT_KEYS,
    LIVE_BYTES,
    DISK_BYTES,
    HOST_BYTES_WRITTEN,
    READ_ERRORS,
    CORRUPTIONS,
)

MISSING, RESIDENT, CLEAN, SPILLING, COLD, FETCHING = (
    b"missing",
    b"resident",
    b"clean",
    b"spilling",
    b"cold",
    b"fetching",
)
RESIDENCIES = (MISSING, RESIDENT, CLEAN, SPILLING, COLD, FETCHING)
