# SPDX-License-Identifier: Apache-2.0
"""The programs a measurement asks: nginx, `wasmtime serve` and nacre, each pinned to one core, and what the kernel says of them."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SERVER_CORE = "0"
LOAD_CORE = "1"
GUESTS = ROOT / "build" / "guests" / "wasm32-wasip2" / "release"
HELLO = ROOT / "examples" / "hello" / "target" / "wasm32-wasip2" / "release" / "hello.wasm"
NACRE = Path(os.environ.get("NACRE_BINARY", ROOT / "build" / "release" / "nacre"))
WASMTIME = Path(os.environ.get("NACRE_PEER_WASMTIME", ROOT / "build" / "peers" / "bin" / "wasmtime"))
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"

# The best that `wasmtime serve` offers for a fresh instance per request; reuse is a flag of its rows.
WASMTIME_FLAGS = ["-Scli", "-Ccache=y", "-Opooling-memory-keep-resident=2097152",
                  "-Opooling-table-keep-resident=65536", "-Opooling-pagemap-scan=y"]
# No access log: neither peer writes one.
NACRE_FLAGS = ["--loops", "1", *os.environ.get("NACRE_BENCH_FLAGS", "--access-log off").split()]

NGINX_CONFIG = """
worker_processes 1;
daemon off;
error_log stderr crit;
pid {folder}/pid;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  default_type text/plain;
  keepalive_requests 1000000000;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{
    listen 127.0.0.1:{port} reuseport;
    location / {{ return 200 "Hello from nacre!\\n"; }}
  }}
}}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """One running program that listens; use it in a `with` statement."""

    def __init__(self, name: str, command: list[str], port: int, folder: str | None = None):
        self.name, self.command, self.port, self.folder = name, command, port, folder
        self.process: subprocess.Popen | None = None

    def start(self) -> "Server":
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(["taskset", "-c", SERVER_CORE, *self.command], stdout=self.log, stderr=self.log)
        return self

    def __enter__(self) -> "Server":
        self.start()
        self.wait_until_it_answers("/")
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def wait_until_it_answers(self, path: str, seconds: float = 60) -> float:
        """Seconds from now until the first whole answer begins."""
        began = time.monotonic()
        request = f"GET {path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n".encode()
        while time.monotonic() - began < seconds:
            if self.process.poll() is not None:
                self.log.seek(0)
                raise RuntimeError(f"{self.name} ended: {self.log.read().decode(errors='replace')[-2000:]}")
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
                    connection.sendall(request)
                    if connection.recv(12).startswith(b"HTTP/1.1 "):
                        return time.monotonic() - began
            except OSError:
                pass
            time.sleep(0.0002)
        raise RuntimeError(f"{self.name} did not answer within {seconds} s")

    def processes(self) -> list[int]:
        """This process and all below it."""
        found, todo = [], [self.process.pid]
        while todo:
            pid = todo.pop()
            found.append(pid)
            for task in Path(f"/proc/{pid}/task").glob("*/children"):
                try:
                    todo += [int(child) for child in task.read_text().split()]
                except OSError:
                    pass
        return found

    def cpu_seconds(self) -> float:
        """User and system time of all threads so far, those of ended children included."""
        ticks = 0
        for pid in self.processes():
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            ticks += sum(int(value) for value in fields[11:15])
        return ticks / os.sysconf("SC_CLK_TCK")

    def anonymous_bytes(self) -> int:
        total = 0
        for pid in self.processes():
            for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("RssAnon:"):
                    total += int(line.split()[1]) * 1024
        return total


def nginx() -> Server:
    port, folder = free_port(), tempfile.mkdtemp(prefix="nacre-bench-")
    os.chmod(folder, 0o755)  # its worker runs as another user
    config = Path(folder) / "nginx.conf"
    config.write_text(NGINX_CONFIG.format(port=port, folder=folder))
    return Server("nginx", [NGINX, "-c", str(config), "-e", "stderr"], port, folder)


def wasmtime(component: Path, *flags: str, name: str = "wasmtime") -> Server:
    port = free_port()
    return Server(name, [str(WASMTIME), "serve", *WASMTIME_FLAGS, "--addr", f"127.0.0.1:{port}", *flags,
                         str(component)], port)


def nacre(component: Path, *flags: str, name: str = "nacre") -> Server:
    port = free_port()
    return Server(name, [str(NACRE), "serve", str(component), "--addr", f"127.0.0.1:{port}", *NACRE_FLAGS, *flags], port)
