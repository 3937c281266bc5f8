FROM node:22-bookworm-slim AS assets
WORKDIR /app
COPY package.json package-lock.json ./
COPY static static
RUN npm ci --no-audit --no-fund && npm run build

FROM python:3.13-slim-bookworm
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
COPY requirements.lock .
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . .
COPY --from=assets /app/static/vendor static/vendor
RUN for language in fr nl; do pybabel --quiet compile --input-file locale/$language/LC_MESSAGES/django.po \
      --output-file locale/$language/LC_MESSAGES/django.mo --locale $language; done \
 && python manage.py collectstatic --noinput --verbosity 0 \
 && rm -rf var && mkdir var && useradd --system --uid 10001 app && chown app var
USER app
EXPOSE 8000
CMD ["gunicorn", "apicenter.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "8", \
     "--access-logfile", "-", "--logger-class", "apicenter.access_log.AccessLog"]
