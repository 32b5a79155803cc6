#!/bin/bash
# Makes the machine and .venv ready. With "tests": what the tests need besides. Does nothing twice.
set -euo pipefail
cd "$(dirname "$0")/.."
exec 9<requirements.lock
flock 9

BROWSERS="chromium-headless-shell chromium chromium-browser google-chrome" # as in tests/browser/conftest.py

say() { printf '%s\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }

choose_python() {
    local candidate
    for candidate in ${PYTHON:-/usr/bin/python3 python3 python3.14 python3.13 python3.12 python3.11}; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            python=$candidate
            return
        fi
    done
    fail "Python 3.11 or newer is needed: install it, or name it by PYTHON=/path/to/python3."
}

has_library() {
    "$python" -c 'import ctypes, sys; ctypes.CDLL(sys.argv[1])' "$1" 2>/dev/null
}

has_cyrillic_font() {
    if command -v fc-list >/dev/null; then
        [ -n "$(fc-list :lang=ru family 2>/dev/null | head -n 1)" ]
    else
        [ -n "$(find /usr/share/fonts /usr/local/share/fonts -name 'DejaVuSans.ttf' 2>/dev/null | head -n 1)" ]
    fi
}

has_any() {
    local name
    for name in "$@"; do
        if command -v "$name" >/dev/null; then return 0; fi
    done
    return 1
}

missing_packages() {
    "$python" -c 'import ensurepip, venv' 2>/dev/null || "$python" - <<'PY'
import sys
print("python3-venv" if sys.executable == "/usr/bin/python3" else "python%d.%d-venv" % sys.version_info[:2])
PY
    has_library libpango-1.0.so.0 || say libpango-1.0-0
    has_library libpangoft2-1.0.so.0 || say libpangoft2-1.0-0
    has_library libharfbuzz-subset.so.0 || say libharfbuzz-subset0
    has_cyrillic_font || say fonts-dejavu-core
    [ "$1" = tests ] || return 0
    has_library libatomic.so.1 || say libatomic1
    has_any $BROWSERS || say "$(. /etc/os-release && [ "$ID" = debian ] && echo chromium-headless-shell || echo chromium-browser)"
    has_any npm || say npm
    has_any pdftotext || say poppler-utils
    has_any openssl || say openssl
    has_any dovecot || [ -x /usr/sbin/dovecot ] || say dovecot-imapd
}

install_packages() {
    local log policy=/usr/sbin/policy-rc.d
    if ! has_any apt-get; then
        fail "Install what Debian calls: $* (then run make again)"
    fi
    if [ "$(id -u)" != 0 ]; then
        fail "Some system packages are missing. Run: sudo apt-get install -y --no-install-recommends $*"
    fi
    say "Installing system packages: $*"
    log=$(mktemp)
    export DEBIAN_FRONTEND=noninteractive
    # the mail server of the tests serves nobody else on this machine, neither now nor after a restart
    if [ -e "$policy" ]; then policy=; else printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy"; fi
    trap "rm -f $policy" EXIT
    if ! { apt-get update -q -o DPkg::Lock::Timeout=120 &&
        apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=120 "$@"; } </dev/null >"$log" 2>&1 9<&-; then
        tail -n 20 "$log" >&2
        fail "apt-get could not install: $*. Install them yourself, then run make again."
    fi
    rm -f "$log" $policy
    if [[ " $* " == *" dovecot-imapd "* ]] && has_any systemctl; then
        systemctl disable -q dovecot.service dovecot.socket 2>/dev/null || true
    fi
}

fingerprint() {
    { pwd; "$python" -c 'import sys; print(sys.version, sys.base_prefix)'; cat requirements.lock pyproject.toml; } | sha256sum
}

make_venv() {
    if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        say "Making .venv with $("$python" --version)"
        rm -rf .venv
        "$python" -m venv .venv
    fi
    .venv/bin/python -m pip --version >/dev/null 2>&1 || .venv/bin/python -m ensurepip --upgrade >/dev/null
}

# Says how far pip is while it collects the packages; notes in a file ($2) that it writes them from then on.
count() {
    awk -v all="$1" -v writing="$2" '
        /^(Collecting|Requirement already)/ { if (++n % 25 == 0) { print "  collected " n " of " all; fflush() } }
        /^Installing collected/ { print "  writing them to .venv"; fflush(); print >writing; close(writing) }'
}

# Says how far pip is while it writes the packages, which it does without a word.
progress() {
    local all=$1 writing=$2 seen before=0
    while sleep 10; do
        [ -s "$writing" ] || continue
        seen=$(find .venv/lib -maxdepth 4 -name '*.dist-info' | wc -l)
        if [ "$seen" -gt "$before" ] && [ "$seen" -lt "$all" ]; then say "  written $seen of $all packages"; fi
        before=$seen
    done
}

install_locked() {
    local log all writing pip=(.venv/bin/python -m pip --disable-pip-version-check --no-input install --progress-bar off)
    log=$(mktemp)
    writing=$(mktemp)
    all=$(grep -c '^[A-Za-z0-9].*==' requirements.lock)
    say "Installing the Python packages of requirements.lock (once; it takes a minute or two)"
    progress "$all" "$writing" 9<&- &
    watcher=$!
    trap 'kill "$watcher" 2>/dev/null || true' EXIT
    if ! { "${pip[@]}" --require-hashes -r requirements.lock | count "$all" "$writing" &&
        "${pip[@]}" --quiet --no-deps --no-build-isolation -e .; } 2>"$log" 9<&-; then
        tail -n 20 "$log" >&2
        fail "pip could not install requirements.lock: see above, put it right and run make again."
    fi
    kill "$watcher" 2>/dev/null || true
    rm -f "$log" "$writing"
}

choose_python
mapfile -t missing < <(missing_packages "${1:-run}")
if [ "${#missing[@]}" -gt 0 ]; then install_packages "${missing[@]}"; fi
if [ "$(cat .venv/.made-for 2>/dev/null)" != "$(fingerprint)" ]; then
    make_venv
    install_locked
    fingerprint >.venv/.made-for
fi
