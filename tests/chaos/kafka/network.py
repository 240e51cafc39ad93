"""Networks of their own for processes, with one wire to this machine, on which traffic can be stopped in many ways.

All of it lies in the namespace: what this machine's own firewall holds is not touched, and goes with the namespace.
"""

import ctypes
import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Literal

Way = Literal["drop", "reject", "nothing goes out", "nothing comes in", "loss of 30 %"]
WAYS: tuple[Way, ...] = ("drop", "reject", "nothing goes out", "nothing comes in", "loss of 30 %")
ENTERED = "CHAOS_NETWORK"
_CLONE_NEWNET = 0x40000000
_DROP, _REFUSE = ("-j", "DROP"), ("-j", "REJECT", "--reject-with", "tcp-reset")
_LOSE = ("-m", "statistic", "--mode", "random", "--probability", "0.3", *_DROP)


class NoNetworks(RuntimeError):
    """This machine grants no network of one's own; the text says what is missing."""


class Network:
    """`inside` is the address of what runs there, `outside` this machine's on the wire to it."""

    def __init__(self, number: int) -> None:
        self.name = f"chaos-{os.getpid()}-{number}"
        subnet = f"10.{64 + os.getpid() // 256 % 64}.{os.getpid() % 256}"
        self.outside, self.inside = f"{subnet}.{4 * number + 1}", f"{subnet}.{4 * number + 2}"
        wire, end = f"chw{os.getpid() % 100000}x{number}", f"che{os.getpid() % 100000}x{number}"
        _run("ip", "netns", "add", self.name)
        try:
            _run("ip", "link", "add", wire, "type", "veth", "peer", "name", end, "netns", self.name)
            _run("ip", "address", "add", f"{self.outside}/30", "dev", wire)
            _run("ip", "link", "set", wire, "up")
            self._within("ip", "address", "add", f"{self.inside}/30", "dev", end)
            for link in ("lo", end):
                self._within("ip", "link", "set", link, "up")
            self._within("ip", "route", "add", "default", "via", self.outside)
        except NoNetworks:
            self.close()
            raise

    def cut(self, port: int, way: Way) -> None:
        """Stops the traffic with a port on the other side."""
        out, back = ("OUTPUT", "--dport"), ("INPUT", "--sport")
        rules = {
            "drop": [(*out, _DROP), (*back, _DROP)],
            "reject": [(*out, _REFUSE), (*back, _REFUSE)],
            "nothing goes out": [(*out, _DROP)],
            "nothing comes in": [(*back, _DROP)],
            "loss of 30 %": [(*out, _LOSE), (*back, _LOSE)],
        }
        for chain, side, what in rules[way]:
            self._within("iptables", "-w", "-A", chain, "-p", "tcp", side, str(port), *what)

    def heal(self) -> int:
        """Lets everything through again; how many packets were stopped."""
        stopped = 0
        for chain in ("OUTPUT", "INPUT"):
            listed = self._within("iptables", "-w", "-L", chain, "-v", "-x", "-n")
            stopped += sum(int(line.split()[0]) for line in listed.splitlines()[2:])
            self._within("iptables", "-w", "-F", chain)
        return stopped

    def close(self) -> None:
        # The wire goes with its end.
        with suppress(NoNetworks):
            _run("ip", "netns", "delete", self.name)

    def _within(self, *command: str) -> str:
        return _run("ip", "netns", "exec", self.name, *command)


def enter() -> None:
    """This process, and the threads it will have, in the network that its environment names."""
    network = Path("/run/netns") / os.environ[ENTERED]
    with network.open("rb") as file:
        if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), _CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"{network} could not be entered")


def _run(*command: str) -> str:
    for program in ("ip", "iptables"):
        if shutil.which(program) is None:
            raise NoNetworks(f"Networks of their own need `{program}`, which was not found.")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoNetworks(f"Networks of their own need root and iptables: `{' '.join(command)}`: {done.stderr.strip()}")
    return done.stdout
