#!/usr/bin/env bash
# A container's file system out of this machine's own Debian packages, as a tar on standard output: nothing is downloaded.
# Usage: make_rootfs.sh PACKAGE...
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
base=(base-files base-passwd bash ca-certificates coreutils dash debianutils diffutils findutils git grep gzip hostname
      libc-bin libc6-dev mawk patch procps python3 python3-minimal sed tar tcc util-linux)
wanted=("${base[@]}" "$@")

# Documentation, and what no test runs: perl's modules beyond perl-base, character sets, git's own servers and helpers.
needless='^/usr/share/(doc|info|locale|man|perl|gitweb)/|^/usr/lib/[^/]+/(perl|gconv)/|/git-(http|remote|imap|daemon|shell|sh-i18n--envsubst)'

closure() {
  apt-cache depends --recurse --installed --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces \
    --no-enhances "${wanted[@]}" | grep '^[[:alnum:]]' | sort -u
}
# dpkg lists some files under /bin and /lib, which are links into /usr; the copy holds them once, under /usr.
# Virtual packages have no files, for which dpkg -L fails.
files() {
  closure | { xargs -r dpkg -L 2>/dev/null || true; } | sort -u | grep -vE "$needless" |
    while IFS= read -r path; do if [ -f "$path" ] || [ -L "$path" ]; then printf '%s\n' "$path"; fi; done |
    sed -E 's#^/(bin|sbin|lib|lib64)/#/usr/\1/#; s#^/##' | sort -u
}
root=$work/root
mkdir -p "$root"/{dev,etc,proc,root,run,sys,testbed,tmp,var/tmp,usr/bin,usr/sbin,usr/lib,usr/lib64}
chmod 1777 "$root/tmp" "$root/var/tmp"
for name in bin sbin lib lib64; do ln -s "usr/$name" "$root/$name"; done
files > "$work/files"
tar -C / --no-recursion --ignore-failed-read -cf - -T "$work/files" 2>/dev/null | tar -C "$root" -xf -
cp -a /etc/passwd /etc/group "$root/etc/"
[ ! -d /etc/alternatives ] || cp -a /etc/alternatives "$root/etc/"
ln -sfn mawk "$root/usr/bin/awk"
[ -e "$root/usr/bin/sh" ] || ln -s dash "$root/usr/bin/sh"
ldconfig -r "$root" 2>/dev/null || true
tar -C "$root" -cf - .
