from pathlib import Path

import pytest

from gcf_am.errors import ConfigError
from gcf_am.store import local_disk
from gcf_am.store.local_disk import network_file_system, require_local_disk

MOUNTS = r"""sysfs /sys sysfs rw 0 0
/dev/vda / ext4 rw 0 0
server:/home /home nfs4 rw,vers=4.2 0 0
tmpfs /home/alice/fast tmpfs rw 0 0
//server/share /mnt/my\040share cifs rw 0 0
sshfs#host: /mnt/remote fuse.sshfs rw 0 0
/dev/fuse /mnt/local fuse.ntfs-3g rw 0 0
/dev/vdb /twice ext4 rw 0 0
server:/twice /twice nfs rw 0 0
short line
"""


@pytest.mark.parametrize(
    ("directory", "kind"),
    [
        ("/var/lib/gcf_am", None),
        ("/", None),
        ("/home/bob", "nfs4"),
        ("/home", "nfs4"),
        ("/homestead", None),
        ("/home/alice/fast/db", None),
        ("/mnt/my share/db", "cifs"),
        ("/mnt/remote", "fuse.sshfs"),
        ("/mnt/local", None),
        ("/twice", "nfs"),
    ],
)
def test_the_deepest_mount_tells(directory: str, kind: str | None) -> None:
    assert network_file_system(Path(directory), MOUNTS) == kind


def test_a_database_on_a_network_file_system_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"server:/x {tmp_path} nfs4 rw 0 0\n")
    monkeypatch.setattr(local_disk, "_MOUNTS", mounts)
    with pytest.raises(ConfigError, match=r"url in \[store\].*nfs4.*local disk"):
        require_local_disk(tmp_path / "store.sqlite")


def test_a_link_is_judged_by_where_it_leads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote, mounts = tmp_path / "remote", tmp_path / "mounts"
    remote.mkdir()
    (tmp_path / "near").symlink_to(remote)
    mounts.write_text(f"/dev/vda / ext4 rw 0 0\nserver:/x {remote} nfs4 rw 0 0\n")
    monkeypatch.setattr(local_disk, "_MOUNTS", mounts)
    with pytest.raises(ConfigError, match="nfs4"):
        require_local_disk(tmp_path / "near" / "store.sqlite")


def test_without_mounts_there_is_nothing_to_judge(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_disk, "_MOUNTS", tmp_path / "none")
    require_local_disk(tmp_path / "store.sqlite")
