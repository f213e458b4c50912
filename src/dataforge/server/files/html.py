"""The built pages and what they load, with a content security policy that lets nothing else run."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from dataforge.errors import Refused
from dataforge.server.shared.context import Context
from dataforge.server.shared.routes import Call, Route

__all__ = ["CONTENT_SECURITY_POLICY", "KEPT_FOREVER", "ROUTES", "assets", "not_found", "respond", "wanted"]

# Items may show pictures, sound and film from anywhere, as the requester's data says; nothing else comes from outside.
# What a worker has just recorded or chosen shows from the device itself, as `blob:`.
# The preview at a phone's width frames its own page; nobody else may frame one, but for a preview by its name.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' http: https: data: blob:",
        "media-src 'self' http: https: data: blob:",
        "object-src 'none'",
        "frame-ancestors 'self'",
        "base-uri 'none'",
        "form-action 'self'",
    )
)
# A notebook shows a preview in a frame, wherever it is itself: who has the name of one may see it, and it does nothing.
FRAMED_POLICY = CONTENT_SECURITY_POLICY.replace("frame-ancestors 'self'; ", "")
# It fetches the worker's page and its files, and does nothing else.
SERVICE_WORKER_POLICY = "default-src 'none'; connect-src 'self'"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
PACKED = frozenset((".css", ".html", ".js", ".json", ".map", ".mjs", ".svg", ".txt"))
# How a built page begins the addresses of its files.
HERE = b'="./'
# Where its scripts put what it shows.
ROOM = b'<div id="app">'
NO_PAGE = (
    "There is no page at {path}. If a proxy has the server under a path, it has to take that path off before it passes "
    "a request on."
)
# For files at addresses that change with their content.
KEPT_FOREVER = "public, max-age=31536000, immutable"
ABSENT = (
    "The pages are not built. From a checkout: make pages (needs Node 20 or newer). "
    "The HTTP API works without them; see /docs."
)


@dataclass(frozen=True)
class _Asset:
    """A file in memory, packed where that helps; `digest` is the beginning of its SHA-256."""

    changed: int
    digest: str
    type: str
    plain: bytes
    packed: bytes | None


class _Assets:
    """Files that pages load, read when first asked for and again when they were changed."""

    def __init__(self) -> None:
        self.kept: dict[Path, _Asset] = {}

    def get(self, path: Path) -> _Asset | None:
        """The file, or None if there is none."""
        try:
            changed = path.stat().st_mtime_ns
            asset = self.kept.get(path)
            if asset is None or asset.changed != changed:
                asset = self.kept[path] = _load(path, changed)
        except OSError:
            return None
        return asset


def _load(path: Path, changed: int) -> _Asset:
    plain = path.read_bytes()
    packed = gzip.compress(plain, 6, mtime=0) if path.suffix in PACKED and len(plain) > 1000 else None
    return _Asset(changed, _digest(plain), TYPES.get(path.suffix, "application/octet-stream"), plain, packed)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


assets = _Assets()


async def _worker_page(call: Call[None]) -> Response:
    """The worker's page."""
    return _page(call, "worker.html")


async def _start_page(call: Call[None]) -> Response:
    """The requester's pages, but to a browser that only a worker is signed in with their tasks."""
    cookies, request = call.context.cookies, call.request
    if cookies.get(request, "worker") and not cookies.get(request, "requester"):
        return RedirectResponse("work")
    return _page(call, "requester.html")


async def _requester_page(call: Call[None]) -> Response:
    """The requester's pages."""
    return _page(call, "requester.html")


async def _preview_page(call: Call[None]) -> Response:
    """The requester's pages, at a preview; with `?frame` the preview alone, in a frame of whoever has its name."""
    framed = "frame" in call.request.query_params
    return _page(call, "requester.html", policy=FRAMED_POLICY if framed else CONTENT_SECURITY_POLICY)


def _page(call: Call[None], name: str, instead: str = "", policy: str = CONTENT_SECURITY_POLICY) -> Response:
    """The page, with what to read if its scripts are not found.

    It names its files from where it is shown, so that nobody has to know under which path a proxy has the server.
    """
    asset = assets.get(call.context.static / name)
    if asset is None:
        return PlainTextResponse(ABSENT, 503)
    text = asset.plain.replace(HERE, b'="' + _way_up(call.request)).replace(ROOM, ROOM + escape(instead).encode())
    response = _unless_known(call.request, Response(text, media_type=asset.type), _digest(text))
    response.headers["Content-Security-Policy"] = policy
    response.headers["Cache-Control"] = "no-cache"
    return response


def _way_up(request: Request) -> bytes:
    """The way from the request's address to the server's root, whatever a proxy has taken off in front of it."""
    path: bytes = request.scope.get("raw_path") or request.url.path.encode()
    return b"../" * (path.count(b"/") - 1) or b"./"


def wanted(request: Request) -> bool:
    """Whether a browser asks on behalf of somebody who follows a link, and not for data or a file."""
    return (
        request.method == "GET"
        and "text/html" in request.headers.get("accept", "")
        and not request.url.path.startswith(("/api/", "/assets/", "/widgets/"))
    )


def not_found(context: Context, request: Request) -> Response:
    """The page that says that there is none at this address; the address without a slash at its end, if it has one."""
    path = request.url.path.rstrip("/")
    if path and path != request.url.path:
        # Said from here, so that it is right under whatever path a proxy has the server.
        return RedirectResponse(f"../{quote(path.rpartition('/')[2])}")
    response = _page(Call(context, request, None), "requester.html", NO_PAGE.format(path=request.url.path))
    if response.status_code == 200:
        response.status_code = 404
    return response


async def _service_worker(call: Call[None]) -> Response:
    """The script that keeps the worker's page on the device; at the root, so that it may answer for `/work`."""
    asset = assets.get(call.context.static / "service-worker.js")
    if asset is None:
        raise Refused("there is no such file", status=404, code="not_found")
    response = respond(call, asset)
    response.headers["Content-Security-Policy"] = SERVICE_WORKER_POLICY
    response.headers["Cache-Control"] = "no-cache"
    return response


async def _asset_file(call: Call[None]) -> Response:
    """A file that a page loads; its name holds a hash of its content."""
    root = (call.context.static / "assets").resolve()
    try:
        path = (root / call.path("name")).resolve()
    except ValueError:
        path = root
    asset = assets.get(path) if path.is_relative_to(root) and path != root else None
    if asset is None:
        raise Refused("there is no such file", status=404, code="not_found")
    response = respond(call, asset)
    response.headers["Cache-Control"] = KEPT_FOREVER
    return response


def respond(call: Call[None], asset: _Asset) -> Response:
    """The file, packed for who can unpack it."""
    accepted = call.request.headers.get("accept-encoding", "")
    packed = asset.packed if "gzip" in accepted else None
    response = Response(asset.plain if packed is None else packed, media_type=asset.type)
    if asset.packed is not None:
        response.headers["Vary"] = "Accept-Encoding"
    if packed is not None:
        response.headers["Content-Encoding"] = "gzip"
    return _unless_known(call.request, response, asset.digest)


def _unless_known(request: Request, response: Response, digest: str) -> Response:
    """The response, without its content for who has it already: packed or not, it is the same."""
    response.headers["ETag"] = etag = f'W/"{digest}"'
    if etag not in request.headers.get("if-none-match", ""):
        return response
    kept = {name: value for name, value in response.headers.items() if name not in ("content-length", "content-type")}
    return Response(status_code=304, headers=kept)


WORKER = ("/join/{invitation}", "/work", "/work/{rest:path}")
REQUESTER = (
    "/login",
    "/inbox",
    "/inbox/{rest:path}",
    "/runs",
    "/runs/{rest:path}",
    "/people",
    "/people/{rest:path}",
    "/payouts",
    "/loops/{rest:path}",
    "/pipelines/{rest:path}",
    "/prices",
)

ROUTES = (
    Route("GET", "/", "anonymous", _start_page, "The requester's pages, or a worker's tasks"),
    *(Route("GET", path, "anonymous", _worker_page, "The worker's page") for path in WORKER),
    *(Route("GET", path, "anonymous", _requester_page, "The requester's pages") for path in REQUESTER),
    Route(
        "GET", "/preview/{preview}", "anonymous", _preview_page, "A task before it is launched, for who has its address"
    ),
    Route("GET", "/service-worker.js", "anonymous", _service_worker, "What shows the worker's page without a network"),
    Route("GET", "/assets/{name:path}", "anonymous", _asset_file, "What the pages load"),
)
