"""Routing that costs the same for the first and the last route: one look-up a path segment, no scan."""

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, Response
from fastapi.params import Form
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from access.operations import OPERATIONS
from web.bodies import CheckedRequest, read_json, whole_form
from web.bounded import bound
from web.guard import Gate, own_alone
from web.parameters import known_to

if TYPE_CHECKING:
    from web.deps import Service

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class CheckedRoute(APIRoute):
    """A route behind its gate, that refuses parameters which it does not read, and reads JSON strictly."""

    def get_route_handler(self) -> Handler:
        """Ask the gate first, then look at the parameters, then at the body, where there is one to read."""
        gate, handle = Gate(str(self.operation_id)), self._checked(super().get_route_handler())

        async def pass_gate(request: Request) -> Response:
            return await gate.through(request, handle)

        return pass_gate

    def _checked(self, handle: Handler) -> Handler:
        parameters = known_to(self.dependant)
        if self.body_field is None or isinstance(self.body_field.field_info, Form):

            async def check_then_handle(request: Request) -> Response:
                parameters.check(request)
                if self.body_field is None:
                    return await handle(request)
                # Whoever asks for a token is nobody yet: what they send is bounded as everywhere.
                return await handle(await whole_form(request, request.app.state.service.seconds_for_a_body))

            return check_then_handle
        bound(self.dependant)
        operation = OPERATIONS[str(self.operation_id)]

        async def read_then_handle(request: Request) -> Response:
            parameters.check(request)
            checked = CheckedRequest(request.scope, request.receive)
            service: Service = request.app.state.service
            await read_json(checked, service.max_body_bytes, service.seconds_for_a_body)
            checked.checked = own_alone(checked, operation, checked.checked)
            return await handle(checked)

        return read_then_handle


def noun_router(tag: str) -> APIRouter:
    """A router for the routes of one noun, under /v1."""
    return APIRouter(prefix="/v1", tags=[tag], route_class=CheckedRoute)


class Node:
    """One step of a path: literal continuations, a parameter, and the routes that end here by method."""

    def __init__(self) -> None:
        """An end with nothing."""
        self.literals: dict[str, Node] = {}
        self.parameter: Node | None = None
        self.routes: dict[str, Route] = {}

    def step(self, segment: str) -> "Node":
        """The continuation for a segment of a route's own path, made if need be."""
        if segment.startswith("{"):
            self.parameter = self.parameter or Node()
            return self.parameter
        return self.literals.setdefault(segment, Node())

    def find(self, segments: list[str]) -> "Node | None":
        """The end of a path that was asked. A literal is preferred to a parameter; an empty segment is none."""
        node: Node | None = self
        for segment in segments:
            if node is None:
                return None
            node = node.literals.get(segment) or (node.parameter if segment else None)
        return node if node and node.routes else None


class FlatRouter(APIRouter):
    """All routes side by side in one tree of path segments; what is no plain route (mounts) is tried last."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - whatever APIRouter takes
        """Take what APIRouter takes."""
        super().__init__(**options)
        self._tree: Node | None = None
        self._known = 0

    def adopt(self, router: APIRouter) -> None:
        """Add the routes of another router, flat."""
        self.routes.extend(router.routes)

    def _root(self) -> Node:
        """The tree, built again when a route was added since."""
        if self._tree is None or self._known != len(self.routes):
            self._known, self._tree = len(self.routes), Node()
            for route in self.routes:
                if isinstance(route, Route):
                    _plant(self._tree, route)
        return self._tree

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Find the route of a request and hand the request over."""
        if scope["type"] != "http":
            await super().app(scope, receive, send)
            return
        scope.setdefault("router", self)
        if scope["method"] == "HEAD":
            # A copy: the server looks at its own to know that it must leave the body out.
            copied = {**scope, "method": "GET"}
            scope["trialbook.as_get"] = copied
            scope = copied
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        node = self._root().find(path.split("/")[1:])
        route = self._elsewhere(scope) if node is None else _route_at(node, scope)
        _, found = route.matches(scope)
        scope.update(found)
        _tell_trace(scope, route)
        await route.handle(scope, receive, send)

    def _elsewhere(self, scope: Scope) -> BaseRoute:
        for route in self.routes:
            if not isinstance(route, Route) and route.matches(scope)[0].value:
                return route
        raise HTTPException(404)


def _tell_trace(scope: Scope, route: BaseRoute) -> None:
    """Name the route's template to the framework's telemetry, as its own router does."""
    traced = scope.get("fastapi.telemetry")
    if traced is not None:
        traced.route = getattr(route, "path_format", None)


def _plant(root: Node, route: Route) -> None:
    node = root
    for segment in route.path.split("/")[1:]:
        node = node.step(segment)
    for method in route.methods or ():
        node.routes.setdefault(method, route)


def _route_at(node: Node, scope: Scope) -> Route:
    """The route for the method.

    Raises:
        HTTPException: 405 with all methods that this path answers.
    """
    method = scope["method"]
    if method not in node.routes:
        raise HTTPException(405, headers={"Allow": ", ".join(sorted(node.routes))})
    return node.routes[method]
