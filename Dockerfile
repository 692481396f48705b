# One image for the web server, the worker and the clock; docker-compose.yml says how each is started.
FROM python:3.12-slim-bookworm

# What WeasyPrint draws PDFs with.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /srv/consultations
ENV PYTHONUNBUFFERED=1 \
    VAR_DIR=/var/lib/consultations \
    FILES_DIR=/var/lib/consultations/files

COPY requirements.txt .
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes --requirement requirements.txt

COPY . .
# The static files belong to the code, so they are in the image; only FILES_DIR is kept in a volume.
RUN useradd --system --home-dir "$VAR_DIR" consultations \
    && mkdir -p "$FILES_DIR" "$VAR_DIR/pages" \
    && python manage.py collectstatic --noinput \
    && chown -R consultations: "$VAR_DIR"
USER consultations
