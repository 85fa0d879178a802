"""A second factor beside the password: codes of an authenticator app (TOTP), and recovery codes."""
