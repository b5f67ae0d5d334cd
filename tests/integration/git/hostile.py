"""Hostile repositories: how each is laid out, and how plain git falls for it.

A trap is harmful when a program of the repository runs (`mark` appears), when something of another repository is
read (`SECRET` is printed), when something outside the repository is written (`outside` is no longer empty), or
when git believes what the objects do not say (`LIE` is printed).
"""

import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

SECRET = "KEY = 'of somebody else'"
LIE = "y = 'not what was committed'"

_WHO = {f"GIT_{who}_{what}": "n@localhost" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
_DATES = {f"GIT_{who}_DATE": "1700000000 +0000" for who in ("AUTHOR", "COMMITTER")}


class Ground(NamedTuple):
    """Where a trap is laid."""

    folder: Path
    """The repository."""
    private: Path
    """Another one, which holds the secret."""
    outside: Path
    """An empty folder."""
    mark: Path
    """What the repository's program makes."""
    program: Path


class Trap(NamedTuple):
    """How it is laid, and a command of plain git that walks into it."""

    lay: Callable[[Ground], None]
    walk: Callable[[Ground], str]


def git(
    folder: Path, *arguments: str, stdin: bytes = b"", check: bool = True, environment: Mapping[str, str] | None = None
) -> str:
    """Plain git, as the repository's owner runs it: what it printed."""
    given = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1", **_WHO, **_DATES}
    ran = subprocess.run(
        ["git", *arguments], cwd=folder, input=stdin, env={**given, **(environment or {})},
        capture_output=True, check=check, timeout=60,
    )  # fmt: skip
    return ran.stdout.decode("utf-8", "replace").strip()


def repository(folder: Path, content: str = "x = 1\n") -> Path:
    """A repository with one service and two commits."""
    (folder / "svc").mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    (folder / "suture.toml").write_text('[services.svc]\npath = "svc"\napp = "svc.a:app"\ntests = "svc/tests"\n')
    (folder / "svc" / "a.py").write_text("")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "one")
    (folder / "svc" / "a.py").write_text(content)
    git(folder, "commit", "-qam", "two")
    return folder


def ground(tmp_path: Path) -> Ground:
    """An honest repository, and what a trap needs around it."""
    outside, mark, program = tmp_path / "outside", tmp_path / "mark", tmp_path / "program"
    outside.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho ran >> {mark}\ncat >/dev/null 2>&1 </dev/null\n")
    program.chmod(0o755)
    private = repository(tmp_path / "private", f"{SECRET}\n")
    return Ground(repository(tmp_path / "repository"), private, outside, mark, program)


def harm(at: Ground, printed: str) -> bool:
    """Whether a trap has snapped."""
    return at.mark.exists() or SECRET in printed or LIE in printed or any(at.outside.iterdir())


def _config(at: Ground, text: str) -> None:
    with (at.folder / ".git" / "config").open("a") as config:
        config.write(text)


def _tell(at: Ground, *pairs: str) -> None:
    for name, value in zip(pairs[::2], pairs[1::2], strict=True):
        git(at.folder, "config", name, value)


def _lose(at: Ground) -> None:
    """Take away the object of the newest file, so that git looks for it elsewhere."""
    blob = git(at.folder, "rev-parse", "HEAD:svc/a.py")
    (at.folder / ".git" / "objects" / blob[:2] / blob[2:]).unlink()


def _promise(at: Ground, url: str, more: str = "") -> None:
    _lose(at)
    _config(
        at,
        "[core]\nrepositoryformatversion = 1\n[extensions]\npartialClone = origin\n"
        f'[remote "origin"]\nurl = {url}\npromisor = true\n{more}\n',
    )


def _swap(inner: Path, target: Path) -> None:
    """A link in the place of a file or folder, which is moved out of the way."""
    if inner.exists():
        inner.rename(inner.with_name(inner.name + ".old"))
    inner.parent.mkdir(parents=True, exist_ok=True)
    inner.symlink_to(target)


def _head(folder: Path, revision: str = "HEAD") -> str:
    return git(folder, "rev-parse", revision)


def _show(at: Ground) -> str:
    return git(at.folder, "show", "main:svc/a.py", check=False)


def _status(at: Ground) -> str:
    return git(at.folder, "status", check=False)


def _new_branch(at: Ground) -> str:
    return git(at.folder, "update-ref", "refs/heads/suture/inc-1", "HEAD", check=False)


def _new_blob(at: Ground) -> str:
    return "".join(git(at.folder, "hash-object", "-w", "--stdin", stdin=b"%d" % n, check=False) for n in range(40))


# What follows lays one trap each.


def ext_remote(at: Ground) -> None:
    _promise(at, f"ext::{at.program}", '[protocol "ext"]\nallow = always')


def upload_pack(at: Ground) -> None:
    _promise(at, str(at.private), f"uploadpack = {at.program}")


def ssh_command(at: Ground) -> None:
    _promise(at, "ssh://host.invalid/x", f"[core]\nsshCommand = {at.program}")


def git_proxy(at: Ground) -> None:
    _promise(at, "git://host.invalid/x", f"[core]\ngitProxy = {at.program}")


def remote_helper(at: Ground) -> None:
    """`url.insteadOf` turns an innocent address into one of a helper."""
    _promise(
        at,
        "https://example.invalid/x",
        f'[url "ext::{at.program} "]\ninsteadOf = https://example.invalid/\n[protocol "ext"]\nallow = always',
    )


def local_remote(at: Ground) -> None:
    """A missing object is fetched from another repository of this machine."""
    (at.folder / ".git" / "refs" / "heads" / "main").write_text(_head(at.private) + "\n")
    _config(at, "[core]\nrepositoryformatversion = 1\n[extensions]\npartialClone = origin\n"
                f'[remote "origin"]\nurl = {at.private}\npromisor = true\n')  # fmt: skip
    git(at.private, "config", "uploadpack.allowAnySHA1InWant", "true")


def fsmonitor(at: Ground) -> None:
    _tell(at, "core.fsmonitor", str(at.program))


def included_config(at: Ground) -> None:
    (at.outside.parent / "included").write_text(f"[core]\nfsmonitor = {at.program}\n")
    _tell(at, "include.path", str(at.outside.parent / "included"))


def included_for_this_folder(at: Ground) -> None:
    (at.outside.parent / "included").write_text(f"[core]\nfsmonitor = {at.program}\n")
    _tell(at, f"includeIf.gitdir:{at.folder}/.path", str(at.outside.parent / "included"))


def worktree_config(at: Ground) -> None:
    _config(at, "[core]\nrepositoryformatversion = 1\n[extensions]\nworktreeConfig = true\n")
    (at.folder / ".git" / "config.worktree").write_text(f"[core]\nfsmonitor = {at.program}\n")


def hook(at: Ground) -> None:
    made = at.folder / ".git" / "hooks" / "reference-transaction"
    made.parent.mkdir(exist_ok=True)
    made.write_bytes(at.program.read_bytes())
    made.chmod(0o755)


def hooks_elsewhere(at: Ground) -> None:
    hooks = at.outside.parent / "hooks"
    hooks.mkdir()
    (hooks / "reference-transaction").symlink_to(at.program)
    _tell(at, "core.hooksPath", str(hooks))


def smudge(at: Ground) -> None:
    (at.folder / ".gitattributes").write_text("* filter=evil\n")
    git(at.folder, "add", "-A")
    git(at.folder, "commit", "-qm", "attributes")
    _tell(at, "filter.evil.smudge", str(at.program))


def filter_process(at: Ground) -> None:
    """`info/attributes` needs no commit."""
    (at.folder / ".git" / "info").mkdir(exist_ok=True)
    (at.folder / ".git" / "info" / "attributes").write_text("* filter=evil\n")
    _tell(at, "filter.evil.process", str(at.program))


def textconv(at: Ground) -> None:
    (at.folder / ".git" / "info").mkdir(exist_ok=True)
    (at.folder / ".git" / "info" / "attributes").write_text("* diff=evil\n")
    _tell(at, "diff.evil.textconv", str(at.program))


def external_diff(at: Ground) -> None:
    _tell(at, "diff.external", str(at.program))


def signature(at: Ground) -> None:
    body = git(at.folder, "cat-file", "commit", "HEAD") + "\n"
    head, _, message = body.partition("\n\n")
    signed = f"{head}\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n\n{message}"
    made = git(at.folder, "hash-object", "-t", "commit", "-w", "--stdin", stdin=signed.encode())
    git(at.folder, "update-ref", "refs/heads/main", made)
    _tell(at, "gpg.program", str(at.program), "log.showSignature", "true")


def alternates(at: Ground) -> None:
    (at.folder / ".git" / "objects" / "info").mkdir(exist_ok=True)
    (at.folder / ".git" / "objects" / "info" / "alternates").write_text(f"{at.private}/.git/objects\n")
    (at.folder / ".git" / "refs" / "heads" / "main").write_text(_head(at.private) + "\n")


def git_file(at: Ground) -> None:
    (at.folder / ".git").rename(at.folder / "old")
    (at.folder / ".git").write_text(f"gitdir: {at.private}/.git\n")


def git_link(at: Ground) -> None:
    _swap(at.folder / ".git", at.private / ".git")


def common_dir(at: Ground) -> None:
    (at.folder / ".git" / "commondir").write_text(f"{at.private}/.git\n")


def objects_link(at: Ground) -> None:
    _swap(at.folder / ".git" / "objects", at.private / ".git" / "objects")
    (at.folder / ".git" / "refs" / "heads" / "main").write_text(_head(at.private) + "\n")


def _borrow(at: Ground, wanted: tuple[str, ...]) -> None:
    """Links to single objects of the other repository."""
    (at.folder / ".git" / "refs" / "heads" / "main").write_text(_head(at.private) + "\n")
    for revision in wanted:
        name = _head(at.private, revision)
        _swap(at.folder / ".git/objects" / name[:2] / name[2:], at.private / ".git/objects" / name[:2] / name[2:])


def object_links(at: Ground) -> None:
    _borrow(at, ("HEAD", "HEAD^{tree}", "HEAD:svc", "HEAD:svc/a.py"))


def object_folder_links(at: Ground) -> None:
    (at.folder / ".git" / "refs" / "heads" / "main").write_text(_head(at.private) + "\n")
    for inner in (at.private / ".git" / "objects").iterdir():
        if len(inner.name) == 2:
            _swap(at.folder / ".git" / "objects" / inner.name, inner)


def pack_links(at: Ground) -> None:
    git(at.private, "repack", "-adq")
    (at.folder / ".git" / "refs" / "heads" / "main").write_text(_head(at.private) + "\n")
    for file in (at.private / ".git" / "objects" / "pack").iterdir():
        _swap(at.folder / ".git" / "objects" / "pack" / file.name, file)


def pack_folder_link(at: Ground) -> None:
    git(at.private, "repack", "-adq")
    (at.folder / ".git" / "refs" / "heads" / "main").write_text(_head(at.private) + "\n")
    _swap(at.folder / ".git" / "objects" / "pack", at.private / ".git" / "objects" / "pack")


def ref_link(at: Ground) -> None:
    """A branch's file is a link to another repository's, whose objects are there, too."""
    object_folder_links(at)
    (at.folder / ".git" / "refs" / "heads" / "main").unlink()
    _swap(at.folder / ".git" / "refs" / "heads" / "main", at.private / ".git" / "refs" / "heads" / "main")


def replaced_object(at: Ground) -> None:
    lie = git(at.folder, "hash-object", "-w", "--stdin", stdin=f"{LIE}\n".encode())
    git(at.folder, "replace", git(at.folder, "rev-parse", "HEAD:svc/a.py"), lie)


def grafts(at: Ground) -> None:
    """The history is given another parent, which says something else."""
    lie = git(at.folder, "commit-tree", "-m", LIE, "HEAD^{tree}")
    (at.folder / ".git" / "info").mkdir(exist_ok=True)
    (at.folder / ".git" / "info" / "grafts").write_text(f"{_head(at.folder)} {lie}\n")


def wrong_content(at: Ground) -> None:
    """An object that is not what its id says; git checks that only in fsck."""
    lie = git(at.folder, "hash-object", "-w", "--stdin", stdin=f"{LIE}\n".encode())
    blob = git(at.folder, "rev-parse", "HEAD:svc/a.py")
    right, wrong = (at.folder / ".git" / "objects" / name[:2] / name[2:] for name in (blob, lie))
    right.unlink()
    right.write_bytes(wrong.read_bytes())


def work_tree_elsewhere(at: Ground) -> None:
    (at.folder / ".git" / "index").unlink()
    _tell(at, "core.worktree", str(at.private))


def branches_elsewhere(at: Ground) -> None:
    _swap(at.folder / ".git" / "refs" / "heads" / "suture", at.outside)


def reflog_elsewhere(at: Ground) -> None:
    _swap(at.folder / ".git" / "logs" / "refs" / "heads" / "suture", at.outside)


def new_objects_elsewhere(at: Ground) -> None:
    for number in range(256):
        if not (at.folder / ".git" / "objects" / f"{number:02x}").exists():
            (at.folder / ".git" / "objects" / f"{number:02x}").symlink_to(at.outside)


TRAPS: dict[str, Trap] = {
    "a remote that is a program": Trap(ext_remote, _show),
    "an upload-pack of its own": Trap(upload_pack, _show),
    "an ssh of its own": Trap(ssh_command, _show),
    "a git proxy of its own": Trap(git_proxy, _show),
    "an address that becomes a program": Trap(remote_helper, _show),
    "a remote that is another repository here": Trap(local_remote, _show),
    "a file system monitor": Trap(fsmonitor, _status),
    "an included configuration": Trap(included_config, _status),
    "a configuration included for this folder": Trap(included_for_this_folder, _status),
    "a configuration of the worktree": Trap(worktree_config, _status),
    "a hook": Trap(hook, _new_branch),
    "hooks elsewhere": Trap(hooks_elsewhere, _new_branch),
    "a smudge filter": Trap(smudge, lambda at: git(at.folder, "archive", "HEAD", check=False)),
    "a filter process": Trap(filter_process, lambda at: git(at.folder, "archive", "HEAD", check=False)),
    "a textconv": Trap(textconv, lambda at: git(at.folder, "log", "-p", "--textconv", check=False)),
    "an external diff": Trap(external_diff, lambda at: git(at.folder, "diff", "HEAD~1", "HEAD", check=False)),
    "a program that checks signatures": Trap(signature, lambda at: git(at.folder, "log", check=False)),
    "objects of another repository": Trap(alternates, _show),
    "a file in the place of .git": Trap(git_file, lambda at: git(at.folder, "show", "HEAD:svc/a.py")),
    "a link in the place of .git": Trap(git_link, lambda at: git(at.folder, "show", "HEAD:svc/a.py")),
    "a common folder elsewhere": Trap(common_dir, lambda at: git(at.folder, "show", "main:svc/a.py", check=False)),
    "a link in the place of the objects": Trap(objects_link, _show),
    "links in the place of objects": Trap(object_links, _show),
    "links in the place of folders of objects": Trap(object_folder_links, _show),
    "links in the place of packs": Trap(pack_links, _show),
    "a link in the place of the packs": Trap(pack_folder_link, _show),
    "a link in the place of a branch": Trap(ref_link, _show),
    "a replaced object": Trap(replaced_object, _show),
    "a grafted history": Trap(grafts, lambda at: git(at.folder, "log", check=False)),
    "an object that is not what its id says": Trap(wrong_content, lambda at: git(at.folder, "cat-file", "--batch",
                                    stdin=f"{git(at.folder, 'rev-parse', 'HEAD:svc/a.py')}\n".encode(), check=False)),
    "a work tree elsewhere": Trap(work_tree_elsewhere, lambda at: git(at.folder, "add", "-A")
                                  + git(at.folder, "show", ":svc/a.py")),
    "branches elsewhere": Trap(branches_elsewhere, _new_branch),
    "a reflog elsewhere": Trap(reflog_elsewhere, _new_branch),
    "new objects elsewhere": Trap(new_objects_elsewhere, _new_blob),
}  # fmt: skip
