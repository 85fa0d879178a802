"""Jobs: what they keep, report and back up."""

from typing import Any

from config.prices import ESTIMATES
from config.settings.environment import DATA_DIR, ENV

# Days that things are kept (background_tasks/retention.py); 0 is for good.
KEPT_DAYS: dict[str, int] = {
    "conversations": ENV.conversations_kept_days,
    "traces": ENV.traces_kept_days,
    "gaps": ENV.gaps_kept_days,
    "access": ENV.access_records_kept_days,
    "unverified": ENV.unverified_accounts_kept_days,
    "audit": ENV.audit_names_kept_days,
    "interactions": ENV.interactions_kept_days,
    "runs": ENV.job_runs_kept_days,
}
# Of conversations, where a role has its own.
KEPT_DAYS_BY_ROLE: dict[str, int] = ENV.conversations_kept_days_by_role
# When jobs run, where not as they come (background_tasks/jobs.py).
JOB_SCHEDULES: dict[str, str] = ENV.job_schedules

# The daily report (background_tasks/reports/).
REPORTS: dict[str, Any] = {
    "TIME_ZONE": ENV.report_time_zone,
    "UNUSED_DAYS": ENV.report_unused_days,
    # Model, or the beginning of its name → US dollars for a million tokens read, and written.
    "PRICES": ENV.model_prices,
    "ESTIMATED_PRICES": ESTIMATES,
}

# Where backups go and how long they are kept (background_tasks/backups/).
BACKUPS: dict[str, Any] = {
    "DIR": ENV.backup_dir or DATA_DIR / "backups",
    "URL": ENV.backup_url,
    "S3_KEY": ENV.backup_s3_key,
    "S3_SECRET": ENV.backup_s3_secret,
    "PASSPHRASE": ENV.backup_passphrase,
    "SCRYPT_COST": 17,  # log2 of N: 128 MiB and half a second for each guess at a passphrase
    "KEEP": ENV.backup_keep,
    "KEPT_DAYS": ENV.backup_kept_days,
}
