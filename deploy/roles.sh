#!/bin/sh
# Makes the two roles, the database and its extensions; run it as PostgreSQL's superuser, once:
#   OWNER_PASSWORD=... APPLICATION_PASSWORD=... deploy/roles.sh
# The compose file has the database container run it.
set -eu
: "${OWNER_PASSWORD:?is not set}" "${APPLICATION_PASSWORD:?is not set}"

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --dbname "${MAINTENANCE_DATABASE:-postgres}" \
    --set owner_password="$OWNER_PASSWORD" --set application_password="$APPLICATION_PASSWORD" <<'SQL'
CREATE ROLE fifth_visit_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'owner_password';
CREATE ROLE fifth_visit LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'application_password';
CREATE DATABASE fifth_visit OWNER fifth_visit_owner TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8';
REVOKE ALL ON DATABASE fifth_visit FROM PUBLIC;
REVOKE TEMPORARY ON DATABASE postgres, template1 FROM PUBLIC;
GRANT CONNECT ON DATABASE fifth_visit TO fifth_visit;
\connect fifth_visit
GRANT EXECUTE ON FUNCTION lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea) TO fifth_visit_owner;
REVOKE EXECUTE ON FUNCTION lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea) FROM PUBLIC;
CREATE EXTENSION btree_gist;
CREATE EXTENSION pg_trgm;
CREATE EXTENSION unaccent;
SQL
