#!/usr/bin/env bash
# Runs a command beside a real Ceph object gateway on loopback, and stops the cluster with it.
#   tests/s3/ceph_server.sh COMMAND [ARGUMENT...]
# Needs the Debian packages ceph-mon, ceph-osd, radosgw and ceph-common. One monitor, one disk in a file, one
# gateway; nothing of it outlives the command, which finds it in YANGGUANG_S3_ENDPOINT, _ACCESS, _SECRET, _SECURE.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
data="$root/var/s3/ceph-$$"
conf="$data/ceph.conf"

# What a killed run has left: its number is nobody's any more.
clear_left() {
    local left
    for left in "$root"/var/s3/ceph-*; do
        kill -0 "${left##*-}" 2>/dev/null || rm -rf "$left"
    done
}

for program in ceph-mon ceph-osd radosgw radosgw-admin ceph; do
    command -v "$program" >/dev/null || { echo "$program is not installed" >&2; exit 1; }
done

free_ports() {
    python3 - "$1" <<'PY'
import socket, sys
held = [socket.create_server(("127.0.0.1", 0)) for _ in range(int(sys.argv[1]))]
print(*(s.getsockname()[1] for s in held))
PY
}

random_word() {
    python3 -c 'import secrets; print(secrets.token_hex(12))'
}

write_configuration() {
    # cephx stays on: the gateway cannot join a cluster without it.
    cat >"$conf" <<CONF
[global]
fsid = $1
mon_initial_members = a
mon_host = v2:127.0.0.1:$2
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 8
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
bluestore_block_size = 4294967296
osd_memory_target = 939524096
run_dir = $data/run
admin_socket =
log_file = $data/\$name.log
mon_data = $data/mon
osd_data = $data/osd
keyring = $data/keyring
[client]
rgw_frontends = beast endpoint=127.0.0.1:$3
rgw_data = $data/rgw
CONF
}

start_monitor() {
    ceph-authtool -C "$data/keyring" --gen-key -n mon. --cap mon 'allow *' >/dev/null
    ceph-authtool "$data/keyring" --gen-key -n client.admin \
        --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *' >/dev/null
    monmaptool --create --fsid "$1" --addv a "[v2:127.0.0.1:$2]" "$data/monmap" >/dev/null
    ceph-mon -c "$conf" --mkfs -i a --monmap "$data/monmap" --keyring "$data/keyring"
    ceph-mon -c "$conf" -i a -f >>"$data/mon.err" 2>&1 &
    servers+=($!)
}

start_disk() {
    local disk key
    disk="$(cat /proc/sys/kernel/random/uuid)"
    key="$(ceph-authtool --gen-print-key)"
    printf '{"cephx_secret": "%s"}' "$key" | timeout 30 ceph -c "$conf" osd new "$disk" -i - >/dev/null
    ceph-authtool -C "$data/osd.keyring" -n osd.0 --add-key "$key" >/dev/null
    ceph-osd -c "$conf" -i 0 --mkfs --osd-uuid "$disk" --keyring "$data/osd.keyring" 2>>"$data/osd.err"
    ceph-osd -c "$conf" -i 0 --keyring "$data/osd.keyring" -f >>"$data/osd.err" 2>&1 &
    servers+=($!)
    until_true 60 disk_is_up
}

disk_is_up() {
    timeout 5 ceph -c "$conf" osd stat 2>/dev/null | grep -q '1 up'
}

start_gateway() {
    radosgw -c "$conf" -n client.admin -f >>"$data/rgw.err" 2>&1 &
    servers+=($!)
    until_true 120 gateway_answers
    radosgw-admin -c "$conf" user create --uid test --display-name test \
        --access-key "$YANGGUANG_S3_ACCESS" --secret "$YANGGUANG_S3_SECRET" >/dev/null 2>>"$data/rgw.err"
}

gateway_answers() {
    python3 - "http://$YANGGUANG_S3_ENDPOINT" 2>/dev/null <<'PY'
import sys, urllib.request
urllib.request.build_opener(urllib.request.ProxyHandler({})).open(sys.argv[1], timeout=5)
PY
}

until_true() {
    local tries="$1"
    for _ in $(seq "$tries"); do
        "$2" && return 0
        sleep 0.5
    done
    echo "$2: not within $tries tries" >&2
    tail -n 5 "$data"/*.err >&2
    return 1
}

stop_all() {
    for ((i = ${#servers[@]} - 1; i >= 0; i--)); do
        kill "${servers[i]}" 2>/dev/null || true
        wait "${servers[i]}" 2>/dev/null || true
    done
    rm -rf "$data"
}

clear_left
mkdir -p "$data"/{mon,osd,rgw,run}
servers=()
trap stop_all EXIT
read -r monitor_port gateway_port <<<"$(free_ports 2)"
YANGGUANG_S3_ENDPOINT="127.0.0.1:$gateway_port"
YANGGUANG_S3_ACCESS="$(random_word)"
YANGGUANG_S3_SECRET="$(random_word)"
YANGGUANG_S3_SECURE=false
export YANGGUANG_S3_ENDPOINT YANGGUANG_S3_ACCESS YANGGUANG_S3_SECRET YANGGUANG_S3_SECURE

cluster="$(cat /proc/sys/kernel/random/uuid)"
write_configuration "$cluster" "$monitor_port" "$gateway_port"
start_monitor "$cluster" "$monitor_port"
start_disk
start_gateway
"$@"
