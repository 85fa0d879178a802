"""Backups: what the database and the original files hold, as one archive that restores on either kind of database.

``making.py`` writes archives, ``checking.py`` reads them whole, ``restoring.py`` puts one back, ``rehearsing.py`` tries
that out beside the installation. The form of an archive is in docs/backups.md.
"""
