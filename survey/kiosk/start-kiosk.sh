#!/bin/sh
# How does a screen in the hall show nothing but the survey, and come back by itself?
#
#   survey/kiosk/start-kiosk.sh http://localhost:8501/s/skm?station=loket-1
#   survey/kiosk/start-kiosk.sh --trust-this-address http://192.168.1.10:8501/s/skm?station=tablet-1
#
# To register the device (README, "Register a device") start it once with the address of the app and /station at its end.
#
# Chromium runs full screen with a profile of its own, which holds what waits to be sent: never delete it by hand.
# When the browser crashes, it is started again; when it is closed in the ordinary way, the script ends.
#
# --trust-this-address   treat this plain http address as secure, so that the page starts without network. Only for an
#                        address in the office's own network.
# KIOSK_BROWSER          the browser, when it is not found by itself
# KIOSK_PROFILE          the folder of its profile, by default one below ~/.local/share
set -eu

usage() {
    sed -n '2,/^set -eu/p' "$0" | sed '$d; s/^# \{0,1\}//'
}

trusted=no
case "${1-}" in
    -h | --help)
        usage
        exit 0
        ;;
    --trust-this-address)
        trusted=yes
        shift
        ;;
esac
address=${1-}
case "$address" in
    http://* | https://*) ;;
    *)
        echo "Give the address of the survey, such as http://localhost:8501/s/skm?station=loket-1" >&2
        exit 2
        ;;
esac

browser=${KIOSK_BROWSER-}
if [ -z "$browser" ]; then
    for name in chromium chromium-browser google-chrome-stable google-chrome microsoft-edge-stable microsoft-edge; do
        if command -v "$name" >/dev/null 2>&1; then
            browser=$name
            break
        fi
    done
fi
if [ -z "$browser" ] || ! command -v "$browser" >/dev/null 2>&1; then
    echo "No Chromium, Chrome or Edge was found. On Debian or Ubuntu: sudo apt install chromium" >&2
    exit 2
fi

profile=${KIOSK_PROFILE-${XDG_DATA_HOME-$HOME/.local/share}/survey-kiosk}
mkdir -p "$profile"
chmod 700 "$profile"

# What the browser remembers of persons goes; its storage (IndexedDB: what waits; the page kept for offline) stays.
forget() {
    for left in History 'History-journal' Cookies 'Cookies-journal' Network Sessions 'Session Storage' 'Local Storage' \
        'Login Data' 'Login Data-journal' 'Web Data' 'Web Data-journal' Favicons 'Favicons-journal' 'Top Sites' \
        'Top Sites-journal' 'Visited Links' Shortcuts 'Shortcuts-journal'; do
        rm -rf "$profile/Default/$left"
    done
}

# The address without its path: what is to be treated as secure.
origin=$(printf '%s' "$address" | sed 's|^\([a-z]*://[^/?#]*\).*|\1|')

set -- --kiosk --user-data-dir="$profile" --no-first-run --no-default-browser-check --disable-session-crashed-bubble \
    --hide-crash-restore-bubble --disable-infobars --disable-pinch --overscroll-history-navigation=0 \
    --disable-features=Translate,MediaRouter --disable-component-update --disable-background-networking --disable-sync \
    --disable-breakpad --password-store=basic --noerrdialogs --disable-print-preview --deny-permission-prompts
if [ "$trusted" = yes ]; then
    set -- "$@" --unsafely-treat-insecure-origin-as-secure="$origin" --test-type
fi

# An X server would turn the screen off; the page asks for a wake lock where the browser has one.
if [ -n "${DISPLAY-}" ] && command -v xset >/dev/null 2>&1; then
    xset s off -dpms >/dev/null 2>&1 || true
fi

browsing=
trap 'if [ -n "$browsing" ]; then kill "$browsing" 2>/dev/null || true; fi; exit 0' INT TERM HUP

wait_before=1
while :; do
    forget
    began=$(date +%s)
    "$browser" "$@" "$address" &
    browsing=$!
    code=0
    wait "$browsing" || code=$?
    browsing=
    [ "$code" -eq 0 ] && exit 0
    # Longer and longer between crashes at the start, up to half a minute; anew after five good minutes.
    [ $(($(date +%s) - began)) -ge 300 ] && wait_before=1
    echo "The browser ended with $code; it starts again in $wait_before s." >&2
    sleep "$wait_before"
    wait_before=$((wait_before * 2))
    [ "$wait_before" -gt 30 ] && wait_before=30
done
