"""The centralized lock as coursework writes it: Python, and a remote call for each message.

    mutex.py coordinator            prints its port and serves until it is killed
    mutex.py client PORT WARM_UP_S DURATION_S
                                    takes the lock and gives it back, over and over, and prints
                                    its waits in nanoseconds as JSON

REQUEST is a call of the client at the coordinator, GRANT one of the coordinator at the client,
RELEASE one of the client again. The queue is first come, first served.
"""

import collections
import json
import sys
import threading
import time
from xmlrpc.client import ServerProxy
from xmlrpc.server import SimpleXMLRPCServer


def serve(functions):
    """A server for these functions, in a thread of its own; gives the port."""
    server = SimpleXMLRPCServer(("127.0.0.1", 0), logRequests=False, allow_none=True)
    for function in functions:
        server.register_function(function)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def node(port):
    return ServerProxy(f"http://127.0.0.1:{port}", allow_none=True)


class Coordinator:
    def __init__(self):
        self.holder = None
        self.queue = collections.deque()

    def request(self, client):
        if self.holder is None:
            self.grant(client)
        else:
            self.queue.append(client)

    def release(self, client):
        if client != self.holder:
            raise ValueError("only the holder can release")
        self.holder = None
        if self.queue:
            self.grant(self.queue.popleft())

    def grant(self, client):
        self.holder = client
        node(client).grant()


def coordinate():
    coordinator = Coordinator()
    print(serve([coordinator.request, coordinator.release]), flush=True)
    threading.Event().wait()


def contend(port, warm_up_s, duration_s):
    granted = threading.Event()
    def grant():
        granted.set()

    me = serve([grant])
    coordinator = node(port)
    counts_from = time.monotonic() + warm_up_s
    over = counts_from + duration_s
    waits_ns = []
    while time.monotonic() < over:
        asked = time.monotonic_ns()
        granted.clear()
        coordinator.request(me)
        granted.wait()
        waited_ns = time.monotonic_ns() - asked
        coordinator.release(me)
        if time.monotonic() > counts_from:
            waits_ns.append(waited_ns)
    print(json.dumps(waits_ns))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["coordinator"]:
            coordinate()
        case ["client", port, warm_up_s, duration_s]:
            contend(int(port), float(warm_up_s), float(duration_s))
        case _:
            sys.exit(__doc__)
