#!/bin/sh
# secrets.sh SERVER_DIRECTORY SERVER_USER CLIENT_DIRECTORY CLIENT_USER
# Makes a password, and a certificate for the host "postgres" with an authority that signs this one only.
set -eu
server=$1
server_user=$2
client=$3
client_user=$4
umask 077

# Each file takes its place whole, or not at all.
place() {
  cp "$1" "$2.new"
  mv "$2.new" "$2"
}

# PostgreSQL keeps the password that it was made with: one that is anywhere is never made anew.
if [ ! -s "$server/password" ] && [ -s "$client/password" ]; then
  place "$client/password" "$server/password"
elif [ ! -s "$server/password" ]; then
  openssl rand -hex 24 > "$server/password.new"
  mv "$server/password.new" "$server/password"
fi
cmp -s "$server/password" "$client/password" || place "$server/password" "$client/password"

# A month before its end it is made anew, with a new authority; PostgreSQL and Holdfast read the files when they start.
if [ ! -s "$client/ca.crt" ] || [ ! -s "$server/server.key" ] \
  || ! openssl x509 -in "$server/server.crt" -noout -checkend 2592000 > /dev/null 2>&1; then
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
  cat "$work/server.crt" "$work/ca.crt" > "$work/chain.crt"
  # The certificate goes first and comes last: without it, the next start makes all of them anew.
  rm -f "$server/server.crt"
  place "$work/server.key" "$server/server.key"
  place "$work/ca.crt" "$client/ca.crt"
  place "$work/chain.crt" "$server/server.crt"
fi

chmod 755 "$server" "$client"
chown "$server_user" "$server" "$server"/*
chown "$client_user" "$client" "$client"/*
