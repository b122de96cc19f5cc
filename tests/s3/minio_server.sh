#!/usr/bin/env bash
# Runs a command beside a real MinIO server on loopback, and stops the server with it.
#   tests/s3/minio_server.sh COMMAND [ARGUMENT...]
# The server is built once by Go into the user's cache folder; without Go, a `minio` on PATH is used.
# The command finds it in YANGGUANG_S3_ENDPOINT, _ACCESS, _SECRET and _SECURE, and the program in YANGGUANG_MINIO.
# Where YANGGUANG_S3_ENDPOINT names a server already, the command is run on that one.
set -euo pipefail

if [ -n "${YANGGUANG_S3_ENDPOINT:-}" ]; then
    echo "testing on the S3 server $YANGGUANG_S3_ENDPOINT" >&2
    exec "$@"
fi

version=v0.0.0-20260212201848-7aac2a2c5b7c
cache="${XDG_CACHE_HOME:-$HOME/.cache}/yangguang/bin"
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
data="$root/var/s3/minio-$$"

# What a killed run has left: its number is nobody's any more.
clear_left() {
    local left
    for left in "$root"/var/s3/minio-*; do
        kill -0 "${left##*-}" 2>/dev/null || rm -rf "$left"
    done
}

find_program() {
    if [ -x "$cache/minio-$version" ]; then
        echo "$cache/minio-$version"
    elif command -v go >/dev/null; then
        mkdir -p "$cache/build"
        echo "building MinIO, once; this takes some minutes" >&2
        GOBIN="$cache/build" GOFLAGS="-trimpath -ldflags=-s" nice -n 10 \
            go install "github.com/minio/minio@$version" >&2
        mv "$cache/build/minio" "$cache/minio-$version"
        echo "$cache/minio-$version"
    elif command -v minio >/dev/null; then
        command -v minio
    else
        echo "neither Go nor a minio on PATH: no S3 server to test against" >&2
        return 1
    fi
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

random_word() {
    python3 -c 'import secrets; print(secrets.token_hex(12))'
}

answers() {
    python3 - "$1" 2>/dev/null <<'PY'
import sys, urllib.request
urllib.request.build_opener(urllib.request.ProxyHandler({})).open(sys.argv[1], timeout=5)
PY
}

wait_until_ready() {
    for _ in $(seq 150); do
        kill -0 "$server" 2>/dev/null || break
        answers "http://$YANGGUANG_S3_ENDPOINT/minio/health/ready" && return 0
        sleep 0.1
    done
    tail -n 5 "$data/server.log" >&2
    return 1
}

YANGGUANG_MINIO="$(find_program)"
YANGGUANG_S3_ENDPOINT="127.0.0.1:$(free_port)"
YANGGUANG_S3_ACCESS="$(random_word)"
YANGGUANG_S3_SECRET="$(random_word)"
YANGGUANG_S3_SECURE=false
export YANGGUANG_MINIO YANGGUANG_S3_ENDPOINT YANGGUANG_S3_ACCESS YANGGUANG_S3_SECRET YANGGUANG_S3_SECURE

clear_left
mkdir -p "$data/objects"
MINIO_ROOT_USER="$YANGGUANG_S3_ACCESS" MINIO_ROOT_PASSWORD="$YANGGUANG_S3_SECRET" MINIO_BROWSER=off \
    "$YANGGUANG_MINIO" server "$data/objects" --address "$YANGGUANG_S3_ENDPOINT" --quiet >"$data/server.log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$data"' EXIT
wait_until_ready
"$@"
