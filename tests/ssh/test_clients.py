"""Other clients than OpenSSH's, and what a stranger's scanner says of the listener."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import paramiko
import trio

AUDIT = Path(sys.executable).with_name("ssh-audit")


async def test_paramiko_runs_commands(here):
    def talk():
        client = paramiko.SSHClient()
        client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
        client.connect(
            "127.0.0.1",
            here.port,
            username=here.user,
            password=here.ticket,
            allow_agent=False,
            look_for_keys=False,
        )
        with client:
            stdin, stdout, stderr = client.exec_command("cat; echo err >&2; exit 9")
            stdin.write(b"typed\n")
            stdin.channel.shutdown_write()
            out, err = stdout.read(), stderr.read()
            status = stdout.channel.recv_exit_status()
            _, _, denied = client.exec_command("echo forbidden")
            told = denied.read()
            for handle in (stdin, stdout, stderr, denied):
                handle.close()
            return out, err, status, told

    out, err, status, told = await trio.to_thread.run_sync(talk)
    assert (out, err, status) == (b"typed\n", b"err\n", 9)
    assert b"never-forbidden" in told


async def test_a_scanner_finds_nothing_weak(here):
    """But that a key exchange without post-quantum protection is left to clients that know no other."""
    assert AUDIT.exists() or shutil.which("ssh-audit")
    done = await trio.run_process(
        [str(AUDIT), "--json", "--skip-rate-test", "-p", str(here.port), "127.0.0.1"],
        capture_stdout=True,
        check=False,
    )
    report = json.loads(done.stdout)
    noted = [
        (one["algorithm"], note)
        for kind in ("kex", "key", "enc", "mac")
        for one in report[kind]
        for level in ("fail", "warn")
        for note in one["notes"].get(level, [])
    ]
    assert {name.partition("@")[0] for name, _ in noted} <= {"curve25519-sha256"}
    assert all("post-quantum" in note for _, note in noted)
    assert "mlkem768x25519-sha256" in [one["algorithm"] for one in report["kex"]]
    assert report["enc"][0]["algorithm"] == "aes128-gcm@openssh.com"
