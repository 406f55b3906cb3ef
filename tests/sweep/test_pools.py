# mypy: disable-error-code="no-untyped-call"
"""Where tasks run: a cluster of ours is ours alone, and whatever else answers at an address is told as no cluster."""

import os
import socket
import threading
import time
from contextlib import contextmanager

import pytest
from distributed import Client, LocalCluster

from allocator.cli.main import main
from allocator.sweep import pools
from allocator.sweep.pools import NoCluster, cluster


def test_a_cluster_that_we_start_has_keys_of_its_own_and_no_server_of_pages():
    with cluster("local", 1) as pool:
        client = pool.executor._client  # type: ignore[attr-defined]
        address = client.scheduler.address
        assert address.startswith("tls://127.0.0.1:")
        assert client.submit(os.getpid).result() != os.getpid()
        assert client.run_on_scheduler(of_scheduler) == [] and list(client.run(of_worker).values()) == [[]]
        for other in (address, address.replace("tls://", "tcp://")):
            with pytest.raises((OSError, TypeError, ValueError, RuntimeError)):
                Client(other, timeout="2s")


def of_scheduler(dask_scheduler):
    return list(dask_scheduler.services)


def of_worker(dask_worker):
    return list(dask_worker.services)


def test_a_cluster_of_somebody_else_is_used_as_it_is():
    with LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, protocol="tcp://", dashboard_address=":0", silence_logs=50
    ) as theirs:
        with cluster(theirs.scheduler_address, 1) as pool:
            assert pool.width() == 1 and pool.executor.submit(os.getpid).result() == os.getpid()
        with pytest.raises(NoCluster, match="few-threads"), cluster(theirs.scheduler_address, 1, threads=2):
            pass  # its workers have one thread each


@contextmanager
def answering(text):
    """A port that accepts and says this to everybody."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held = []

        def serve():
            while True:
                try:
                    held.append(server.accept()[0])
                    held[-1].sendall(text)
                except OSError:
                    return

        threading.Thread(target=serve, daemon=True).start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
        for one in held:
            one.close()


WEB = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n\r\n<html></html>"


@pytest.mark.parametrize("answer", [b"", WEB, b"\0" * 64, b"\xff" * 64], ids=["silent", "web", "zeros", "ones"])
def test_what_is_no_cluster_is_told_within_a_time(answer, monkeypatch, capfd):
    monkeypatch.setattr(pools, "ANSWERS_S", 1)
    for scheme in ("tcp", "tls"):
        with answering(answer) as there:
            began = time.monotonic()
            with pytest.raises(NoCluster, match="no-cluster"), cluster(f"{scheme}://{there}", 1):
                pass
            assert time.monotonic() - began < 9
    assert capfd.readouterr().err == ""


def test_an_address_of_another_form_is_told_and_nothing_is_asked(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("distributed.Client", lambda *_, **__: pytest.fail("it was asked"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "model.yaml").write_text(
        "model: m\ntitle: m\nperiods: [2026]\nunits: {file: u.csv, id: u}\nprograms: {p: {decides: selection, quota: 1}}\n"
        "parameters: {x: 1}\nobjectives: [{id: o, total: {maximize: '1', of: p}}]\n",
        encoding="utf-8",
    )
    (tmp_path / "m" / "u.csv").write_text("u\na\n", encoding="utf-8")
    (tmp_path / "s.yaml").write_text("sweep: s\nbase: m\nlist: [{name: a}]\n", encoding="utf-8")
    for address in (
        "ucx://h:1",
        "http://h:80",
        "h:1",
        "tcp://h",
        "tcp://h:x",
        "",
        "tcp://h:1/x",
        "inproc://1",
        "a\x1b[2J",
    ):
        assert main(["sweep", "s.yaml", "--cluster", address, "--lang", "en"]) == 2, address
        told = capsys.readouterr().err
        assert "no cluster answers at" in told and "Traceback" not in told
