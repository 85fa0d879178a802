"""Single sign-on: logging in by the organisation's own identity provider (OpenID Connect)."""
