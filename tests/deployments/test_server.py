import os
import socket
import sys
import time
from pathlib import Path

import pytest

from deployments.child import start_child
from deployments.server import ServerNotReady, free_port, is_healthy, start_server, wait_until_healthy
from tests.prefect_server import process_environment


def test_a_taken_port_is_named_before_anything_starts(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(
            ServerNotReady, match=f"expected port {port} .* to be free.*choose another port with --port"
        ):
            start_server(tmp_path / "home", port=port, base=process_environment())

    assert not (tmp_path / "home" / "server.log").exists()


def test_a_server_that_ends_at_start_is_reported_with_the_end_of_its_log(tmp_path):
    command = [sys.executable, "-c", "print('the reason'); raise SystemExit(3)"]
    child = start_child(command, environment={}, directory=tmp_path, log=tmp_path / "server.log")

    with pytest.raises(ServerNotReady, match=r"ended with exit code 3(.|\n)*server\.log(.|\n)*the reason"):
        wait_until_healthy(child, free_port(), ready_within=30)


def test_a_server_that_does_not_answer_is_stopped_and_reported(tmp_path):
    with pytest.raises(ServerNotReady, match="did not answer within 0 s"):
        start_server(tmp_path, port=0, base=process_environment(), ready_within=0)


def test_nothing_is_healthy_where_nothing_listens():
    assert not is_healthy(free_port())


@pytest.mark.prefect
def test_the_server_of_the_session_is_healthy_and_lives_in_its_home(prefect_server):
    assert is_healthy(prefect_server.port)
    assert (prefect_server.home / "prefect.db").exists()
    assert prefect_server.environment["PREFECT_API_URL"] == prefect_server.api_url


def test_a_child_that_does_not_listen_is_ended_with_its_own_children(tmp_path):
    deaf = "import signal, subprocess, sys, time; signal.signal(15, signal.SIG_IGN); " + (
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); "
        "print(child.pid, flush=True); time.sleep(60)"
    )
    child = start_child([sys.executable, "-c", deaf], environment=os.environ, directory=tmp_path, log=tmp_path / "log")
    while not child.log_tail():
        assert child.is_running()

    assert child.stop(grace=0.2) == -9
    assert not is_alive(int(child.log_tail()))


def is_alive(process: int) -> bool:
    status = Path(f"/proc/{process}/stat")
    deadline = time.monotonic() + 5
    while status.exists() and status.read_text().split()[2] != "Z":
        if time.monotonic() > deadline:
            return True
    return False
