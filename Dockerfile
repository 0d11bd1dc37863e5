# syntax=docker/dockerfile:1
# Two stages: the first fills an environment from hashed pins, the last has only that, the code, and no way to build.

FROM python:3.13-slim AS build
WORKDIR /app
COPY requirements/run.txt requirements/run.txt
COPY ops/install.py ops/install.py
RUN python3 ops/install.py run

FROM python:3.13-slim
# pip and ensurepip could install more later: a service has no use for them.
RUN rm -rf /usr/local/lib/python3.13/site-packages/pip* /usr/local/lib/python3.13/ensurepip /usr/local/bin/pip* \
    && useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin trialbook \
    && install --directory --owner=trialbook --mode=0700 /data
WORKDIR /app
COPY --from=build /app/.venv .venv
COPY main.py assembly.py settings.py settings_hooks.py settings_kinds.py alembic.ini ./
COPY clinical clinical
COPY intake intake
COPY models models
COPY registry registry
COPY report report
COPY identity identity
COPY access access
COPY vault vault
COPY web web
COPY bulk bulk
COPY api api
COPY interop interop
COPY alembic alembic
COPY ops ops
ENV ENVIRONMENT=production HOST=0.0.0.0 PORT=8000 DATA_DIR=/data PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD [".venv/bin/python", "-m", "ops.health"]
# Waits for the database, migrates it, serves. Production needs DATABASE_URL, PUBLIC_URL, SECRET_KEY and ENCRYPTION_KEY,
# and says so without them.
CMD [".venv/bin/python", "-m", "ops.serve"]
