"""A keep-alive HTTP/1.1 connection that does nothing beyond what it must: an answer is there when its last byte is."""
import json
import socket


class Connection:
    """To one address, with the same headers on every request."""

    def __init__(self, host, port, headers=()):
        self.socket = socket.create_connection((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.headers = "".join(f"{name}: {value}\r\n" for name, value in (("host", f"{host}:{port}"), *headers))
        self.rest = b""

    def request(self, path, body=None, method=None, kind="application/json"):
        """The bytes of a request; a body is JSON, or bytes as they are."""
        text = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        head = f"{method or ('GET' if body is None else 'POST')} {path} HTTP/1.1\r\n{self.headers}"
        if body is not None:
            head += f"content-type: {kind}\r\ncontent-length: {len(text)}\r\n"
        return f"{head}\r\n".encode() + text

    def get(self, path):
        return self.ask(self.request(path))[0]

    def ask(self, request, answers=1):
        """The bodies of the answers to one or more requests; of a missing thing nothing."""
        found = self.exchange(request, answers)
        for status, body in found:
            if status not in (200, 404):
                raise RuntimeError(f"status {status}: {body[:2000].decode()}")
        return [body if status == 200 else b"" for status, body in found]

    def exchange(self, request, answers=1):
        self.socket.sendall(request)
        return [self.answer() for _ in range(answers)]

    def answer(self):
        received = self.rest
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += self.more()
        head = received[:end].lower()
        length = int(head.split(b"\r\ncontent-length:", 1)[1].split(b"\r\n", 1)[0])
        parts, missing = [received[end + 4:]], length - (len(received) - end - 4)
        while missing > 0:
            parts.append(self.more())
            missing -= len(parts[-1])
        body = b"".join(parts)
        body, self.rest = body[:length], body[length:]
        return int(head.split(b" ", 2)[1]), body

    def more(self):
        received = self.socket.recv(1 << 18)
        if not received:
            raise ConnectionError("the server closed the connection")
        return received

    def close(self):
        self.socket.close()
