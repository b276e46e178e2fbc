"""Takes out of a container's repository what tells the answer: everything but the history that led to its start.

An image may still hold the fixing commit in its ``.git`` (SWE-bench/SWE-bench#578), and agents have found it there
(SWE-agent/mini-swe-agent#787).
"""

import shlex

_TEMPLATE = r"""
set -eu
folder={folder}
base={base}
setup={setup}
cd "$folder"
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'
head=$(git rev-parse HEAD)
start=$(git rev-parse --verify "$base^{{commit}}")
if [ "$(git rev-parse -q --verify 'HEAD^' || true)" = "$start" ] && [ "$(git log -1 --format=%ae)" = "$setup" ]; then
  start=$head
fi
branch=$(git symbolic-ref -q --short HEAD || true)
[ "$head" = "$start" ] || git -c core.hooksPath=/dev/null checkout -q -f --detach "$start"
git update-ref --no-deref HEAD "$start"
git remote | while read -r name; do git config --remove-section "remote.$name" || true; done
(git config --get-regexp '^branch[.]' || true) | sed 's/ .*//; s/[.][^.]*$//' | sort -u | while read -r name; do
  git config --remove-section "$name" || true
done
git reflog expire --expire=now --expire-unreachable=now --all
git for-each-ref --format='%(refname)' | while read -r name; do git update-ref --no-deref -d "$name"; done
own=$(cd "$(git rev-parse --git-dir)" && pwd)
if [ ! -d "$own/reftable" ]; then
  rm -rf "$own/refs" "$own/packed-refs" "$own/logs"
  mkdir -p "$own/refs/heads" "$own/refs/tags"
  printf '%s\n' "$start" > "$own/HEAD"
fi
rm -rf "$own/worktrees" "$own/rebase-merge" "$own/rebase-apply" "$own/sequencer"
rm -f "$own"/*_HEAD "$own"/*_MSG "$own"/AUTO_MERGE "$own"/BISECT_* "$own"/gc.log
[ -z "$branch" ] || {{ git update-ref "refs/heads/$branch" "$start"; git symbolic-ref HEAD "refs/heads/$branch"; }}
rm -rf "$own/logs" "$own/objects/info/commit-graph" "$own/objects/info/commit-graphs"
rm -f "$own"/objects/pack/*.keep "$own"/objects/pack/*.promisor "$own"/objects/pack/multi-pack-index*
git config --unset-all extensions.partialClone || true
git repack -q -a -d
rm -f "$own/objects/info/alternates"
git prune --expire=now
[ "$(git rev-parse HEAD)" = "$start" ]
[ -z "$(git rev-list --all --not HEAD)" ]
[ -z "$(git fsck --connectivity-only --unreachable --no-reflogs 2> /dev/null)" ]
git rev-list --objects HEAD > /dev/null
"""


def hardening(folder: str, base_commit: str, setup_author: str = "") -> str:
    """A shell script that leaves of the repository in ``folder`` the base commit and its history alone.

    All other branches and tags, remotes, stashes, reflogs and notes go, and every object that only they reached. The
    files of the working tree stay as they are, unless HEAD was elsewhere. A single commit by ``setup_author`` on top of
    the base stays HEAD: some images are finished by one. Runs with any git since 1.8 and a POSIX shell, as the user
    whose repository it is, and fails if anything of this fails.
    """
    return _TEMPLATE.format(folder=shlex.quote(folder), base=shlex.quote(base_commit), setup=shlex.quote(setup_author))
