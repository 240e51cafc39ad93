"""An address is claimed once, and a claim that fails is a sentence that names the setting to change."""

import socket

import pytest

from shared.serving import cant_listen, listen


def test_an_address_is_taken_before_anything_is_served_on_it() -> None:
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(OSError, match="Errno") as caught:
            listen("127.0.0.1", port)
    assert cant_listen(caught.value, "127.0.0.1", port, "COURSEWATCH_COURSE_PORT") == (
        f"Can't listen on 127.0.0.1:{port}: stop what uses the port, or set COURSEWATCH_COURSE_PORT to a free one."
    )


def test_a_host_that_is_not_here_is_not_blamed_on_the_port() -> None:
    with pytest.raises(OSError, match="Errno") as caught:
        listen("192.0.2.1", 0)
    for error in (caught.value, socket.gaierror(socket.EAI_NONAME, "unknown")):
        assert cant_listen(error, "192.0.2.1", 8001, "COURSEWATCH_COURSE_PORT") == (
            "Can't listen on 192.0.2.1: it is no address of this machine. Set COURSEWATCH_HOST to one, like 127.0.0.1."
        )


def test_a_port_that_this_user_may_not_use_is_said_so() -> None:
    sentence = cant_listen(PermissionError(13, "refused"), "127.0.0.1", 80, "COURSEWATCH_COURSE_PORT")
    assert (
        sentence == "Can't listen on 127.0.0.1:80: this user may not. Set COURSEWATCH_COURSE_PORT to a port above 1023."
    )


def test_a_client_that_never_reads_takes_no_more_than_a_small_part_of_the_kernels_memory() -> None:
    with listen("127.0.0.1", 0) as listening, _never_reads(listening):
        serving, _ = listening.accept()
        with serving:
            serving.setblocking(False)
            sent = 0
            while (taken := _taken(serving)) and sent < 64 << 20:
                sent += taken
    assert sent < 1 << 20


def _never_reads(listening: socket.socket) -> socket.socket:
    """A client with a small buffer of its own."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(listening.getsockname())
    return client


def _taken(serving: socket.socket) -> int:
    """How many bytes the kernel takes now."""
    try:
        return serving.send(b"x" * 4096)
    except BlockingIOError:
        return 0
