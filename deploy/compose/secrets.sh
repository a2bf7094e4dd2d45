#!/bin/sh
# secrets.sh SERVER_DIRECTORY SERVER_USER CLIENT_DIRECTORY CLIENT_USER
# Makes a password, and a certificate for the host "postgres" with an authority that signs this one only.
set -eu
server=$1
server_user=$2
client=$3
client_user=$4
umask 077

if [ ! -s "$client/password" ]; then
  openssl rand -hex 24 > "$server/password"
  cp "$server/password" "$client/password"
fi

# A month before its end it is made anew, with a new authority; PostgreSQL and Holdfast read the files when they start.
if ! openssl x509 -in "$server/server.crt" -noout -checkend 2592000 > /dev/null 2>&1; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 365 \
    -subj "/CN=holdfast compose" -addext "basicConstraints=critical,CA:TRUE" \
    -keyout "$work/ca.key" -out "$work/ca.crt"
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=postgres" \
    -keyout "$work/server.key" -out "$work/server.csr"
  printf 'subjectAltName=DNS:postgres\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n' > "$work/server.ext"
  openssl x509 -req -in "$work/server.csr" -CA "$work/ca.crt" -CAkey "$work/ca.key" -days 365 \
    -set_serial "0x$(openssl rand -hex 8)" -extfile "$work/server.ext" -out "$work/server.crt"
  cat "$work/server.crt" "$work/ca.crt" > "$server/server.crt"
  cp "$work/server.key" "$server/server.key"
  cp "$work/ca.crt" "$client/ca.crt"
fi

chmod 755 "$server" "$client"
chown "$server_user" "$server" "$server"/*
chown "$client_user" "$client" "$client"/*
