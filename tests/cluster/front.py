"""What ends TLS before an installation, as an ingress does, with a certificate of the tests' own."""

from __future__ import annotations

from base64 import b64encode

import httpx

from tests.kube import Kubectl, image
from tests.registry.certificates import Authority

_NAME = "front"
_CERTIFICATE = "certificate"
_LABELS = {"app": _NAME}
_PORT = 8443


class Front:
    """A proxy in a namespace of its own, for a host and those right below it.

    Args:
        kubectl: asks in that namespace.
        authority: signs the certificate.
        host: has no address but for those who come by `transport`, or are told `address`.
        to: where it sends everything on to, over http: the Service of an installation's proxy.
    """

    def __init__(self, kubectl: Kubectl, authority: Authority, host: str, *, to: str) -> None:
        self._kubectl = kubectl
        self._authority = authority
        self._host = host
        self._to = to
        kubectl.apply(self._secret(), self._pod(), self._service())
        kubectl("wait", "--for=condition=Ready", f"pod/{_NAME}", "--timeout=50s")
        service = kubectl.get("service", _NAME)
        assert service is not None
        self.address: str = service["spec"]["clusterIP"]

    def transport(self) -> httpx.BaseTransport:
        """Leads a client's requests here, which trusts the certificate for what it says and no other."""
        return _To(self.address, self._authority)

    def _secret(self) -> dict[str, object]:
        key, certificate = self._authority.issued(self._host, f"*.{self._host}")
        data = {"tls.key": b64encode(key).decode(), "tls.crt": b64encode(certificate).decode()}
        return {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": _CERTIFICATE},
            "type": "kubernetes.io/tls",
            "data": data,
        }

    def _pod(self) -> dict[str, object]:
        """As an ingress it leaves `Host` as it is, and says in `X-Forwarded-Proto` how people came."""
        files = "/certificate"
        secured = {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "runAsNonRoot": True,
            "runAsUser": 1000,
            "seccompProfile": {"type": "RuntimeDefault"},
        }
        container = {
            "name": _NAME,
            "image": image("proxy"),
            "command": ["configurable-http-proxy"],
            "args": [
                *(f"--ssl-key={files}/tls.key", f"--ssl-cert={files}/tls.crt"),
                *("--ip=", f"--port={_PORT}", f"--default-target={self._to}"),
            ],
            "ports": [{"containerPort": _PORT}],
            "readinessProbe": {"tcpSocket": {"port": _PORT}, "periodSeconds": 1},
            "securityContext": secured,
            "volumeMounts": [{"name": _CERTIFICATE, "mountPath": files}],
        }
        return {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": _NAME, "labels": _LABELS},
            "spec": {
                "automountServiceAccountToken": False,
                "terminationGracePeriodSeconds": 0,
                "containers": [container],
                "volumes": [{"name": _CERTIFICATE, "secret": {"secretName": _CERTIFICATE}}],
            },
        }

    def _service(self) -> dict[str, object]:
        return {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": _NAME},
            "spec": {"selector": _LABELS, "ports": [{"port": 443, "targetPort": _PORT}]},
        }


class _To(httpx.HTTPTransport):
    """Goes to one address, whatever the host, and asks for the certificate of the host."""

    def __init__(self, address: str, authority: Authority) -> None:
        super().__init__(verify=authority.trusting(), trust_env=False)
        self._address = address

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        moved = httpx.Request(
            request.method,
            request.url.copy_with(host=self._address),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": request.url.host},
        )
        return super().handle_request(moved)
