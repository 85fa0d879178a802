#!/usr/bin/env bash
# What a newcomer meets: a clean Debian, an account of their own, `make run`, a question, `make test`.
#
#   sudo benchmarks/newcomer.sh [folder for the root] [Debian's suite]
#
# Needs root, debootstrap and unshare. The packages are fetched once beforehand, into pip's cache, so that the times
# are without downloads. Ends with an error where a command fails, and prints how long each took.
set -euo pipefail

project=$(cd "$(dirname "$0")/.." && pwd)
root=${1:-$(mktemp -d)/root}
suite=${2:-bookworm}
port=8399
certificates=${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}

if [ ! -x "$root/usr/bin/make" ]; then
    debootstrap --variant=minbase --include=ca-certificates,make,python3,python3-venv "$suite" "$root" >/dev/null
    chroot "$root" useradd --create-home newcomer
fi
cp /etc/resolv.conf /etc/hosts "$root/etc/"
cp "$certificates" "$root/etc/ssl/certs/of-the-host.crt"

clone() {
    rm -rf "$root/home/newcomer/grounded"
    git clone --quiet "$project" "$root/home/newcomer/grounded"
    chroot "$root" chown -R newcomer: /home/newcomer
}

# A command as the newcomer, in the clone, with processes, /proc and /dev/shm of its own. No service is within reach.
as_newcomer() {
    unshare --mount --pid --fork --kill-child bash -c '
        mount -t proc proc "$0/proc" && mkdir -p "$0/dev/shm" && mount -t tmpfs tmpfs "$0/dev/shm"
        exec chroot --userspec=newcomer "$0" env -i HOME=/home/newcomer PATH=/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 \
            PIP_CERT=/etc/ssl/certs/of-the-host.crt \
            TEST_DATABASE_URL=postgres://nobody@127.0.0.1:1/none TEST_REDIS_URL=redis://127.0.0.1:1/0 \
            bash -c "cd ~/grounded && $1"' "$root" "$1"
}

seconds() { # how long it takes, into the variable that is named first
    local began=$EPOCHREALTIME
    "${@:2}"
    printf -v "$1" %.0f "$(bc -l <<<"$EPOCHREALTIME - $began")"
}

answers() { # make run, a log-in, a question
    as_newcomer "make run PORT=$port" >"$root/run.log" 2>&1 &
    local running=$!
    trap 'kill $running 2>/dev/null || true' EXIT
    until grep -q "is running" "$root/run.log"; do
        kill -0 $running 2>/dev/null || { cat "$root/run.log" >&2; return 1; }
        sleep 0.2
    done
    local password token
    password=$(sed -n 's/.*password \([^ ]*\) .*/\1/p' "$root/run.log")
    token=$(post auth/login/ "{\"username\": \"demo\", \"password\": \"$password\"}" | sed 's/.*"access":"\([^"]*\)".*/\1/')
    post chat/messages/ '{"content": "How do I index a PDF?"}' "Authorization: Bearer $token" | grep -q index_documents
}

post() {
    curl --silent --fail --noproxy '*' "http://127.0.0.1:$port/api/$1" -H 'Content-Type: application/json' \
        -H "${3:-Accept: application/json}" -d "$2"
}

clone
seconds downloads as_newcomer "make .venv/.installed-dev"
clone
seconds first_answer answers
kill %1 && wait %1 2>/dev/null || true
trap - EXIT
seconds tests as_newcomer "make test"
printf '\n%-58s %5s s\n' "packages, downloads included" "$downloads" \
    "make run, to the first answer (packages from pip's cache)" "$first_answer" \
    "make test (SQLite, no services)" "$tests" "both" $((first_answer + tests))
