#!/bin/sh
# Makes the cluster of databases once, then serves it.
set -eu
bin=$(ls -d /usr/lib/postgresql/*/bin)
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  printf '%s' "$POSTGRES_PASSWORD" >/tmp/password
  "$bin/initdb" -D "$PGDATA" -U "${POSTGRES_USER:-postgres}" --pwfile=/tmp/password --auth=scram-sha-256 -E UTF8 --locale=C.UTF-8
  rm /tmp/password
  "$bin/pg_ctl" -D "$PGDATA" -o "-c listen_addresses= -c unix_socket_directories=/tmp" -w start
  for script in /docker-entrypoint-initdb.d/*.sql; do
    [ -e "$script" ] || continue
    PGPASSWORD=$POSTGRES_PASSWORD "$bin/psql" -v ON_ERROR_STOP=1 -h /tmp -U "${POSTGRES_USER:-postgres}" -d postgres -f "$script"
  done
  "$bin/pg_ctl" -D "$PGDATA" -w stop
  echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
fi
exec "$bin/postgres" -D "$PGDATA" -c "listen_addresses=*" -c unix_socket_directories=/tmp
