#!/usr/bin/env bash
# Records real clients that talk to servers of our own, on the network of a
# simulated bench: tcpdump reads the mirror of the device's port. One capture a
# client goes to DIR (default: a new folder below the temporary one, printed at
# the end). Needs root, Go, iproute2, tcpdump, curl, openssl, chromium. Touches
# no network but its own namespaces and leaves none behind.
#   record.sh [DIR]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$(mktemp -d)}
mkdir -p "$out" && out=$(cd "$out" && pwd)
work=$(mktemp -d)
bench=c$(($$ % 1000000))
dev=spanrig-$bench-device world=spanrig-$bench-world
cleanup() {
  kill "${world_pid:-}" "${dump_pid:-}" 2>/dev/null || true
  wait 2>/dev/null || true
  [ ! -x "$work/clients" ] || "$work/clients" -down "$bench" || true
  rm -rf "$work" "/etc/netns/$dev"
}
trap cleanup EXIT
(cd "$here" && CGO_ENABLED=0 go build -o "$work/clients" .)

"$work/clients" -up "$bench"
mkdir -p "/etc/netns/$dev" && echo "nameserver 10.20.0.1" >"/etc/netns/$dev/resolv.conf"
ip netns exec "$world" "$work/clients" -serve -ca "$work/ca.pem" >"$work/ready" &
world_pid=$!
for _ in $(seq 50); do [ -s "$work/ready" ] && break; sleep 0.1; done
ip netns exec "$dev" "$work/clients" -join

# record NAME COMMAND...: one client, one capture; a browser that does not start
# in time on a busy machine gets a second try.
record() {
  attempt "$@" || attempt "$@" || exit 1
}

attempt() {
  local name=$1 failed=
  shift
  tcpdump -i "span-$bench" -n -s 0 -U --immediate-mode -w "$work/$name.pcap" 2>"$work/$name.log" &
  dump_pid=$!
  for _ in $(seq 50); do grep -q 'listening on' "$work/$name.log" && break; sleep 0.1; done
  timeout 60 ip netns exec "$dev" "$@" >"$work/$name.out" 2>&1 || failed=1
  sleep 0.5
  kill -INT "$dump_pid" && wait "$dump_pid" || true
  dump_pid=
  if [ -n "$failed" ]; then
    echo "$name: client failed: $(tail -3 "$work/$name.out" | tr '\n' ' ')"
    return 1
  fi
  install -m 600 "$work/$name.pcap" "$out/$name.pcap"
  echo "$name: $(stat -c %s "$out/$name.pcap") bytes"
}
ca=$work/ca.pem
chromium=(chromium --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update
  --disable-sync --disable-default-apps --ignore-certificate-errors --dump-dom)
record curl curl -sS --cacert "$ca" https://curl.example/
record curl-http curl -sS http://curl-http.example/index.html
record openssl sh -c "echo | openssl s_client -connect openssl.example:443 -servername openssl.example -CAfile '$ca' -verify_return_error"
record openssl-reject sh -c "echo | openssl s_client -connect reject.example:443 -servername reject.example -verify_return_error || true"
record go "$work/clients" -ca "$ca" -get https://go.example/
record go-tls12 "$work/clients" -ca "$ca" -tls 1.2 -get https://go-tls12.example/
record quic-go "$work/clients" -ca "$ca" -quic -get https://quic-go.example/
record chromium "${chromium[@]}" --disable-quic --user-data-dir="$work/c1" https://chromium.example/
record chromium-quic "${chromium[@]}" --origin-to-force-quic-on=chromium-quic.example:443 --user-data-dir="$work/c2" https://chromium-quic.example/
echo "captures in $out"
