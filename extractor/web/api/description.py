"""The API described: as OpenAPI for programs, as a page for people, and who one is in it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi.responses import JSONResponse, Response

from extractor.web.api import models
from extractor.web.api.routes import PREFIX, api_router
from extractor.web.visits import Visit, csrf_token, may, program_may

router = api_router("说明")


@router.get("/session", summary="当前用户", description="以谁的身份、有哪些权限。")
def session(visit: Annotated[Visit, program_may("read")]) -> models.Session:
    """Who asks, and what they may do."""
    return models.Session(
        name=visit.user.name,
        role=visit.user.role,
        rights=sorted(visit.user.rights),
        csrf_token=None if visit.by_token else csrf_token(visit.request),
    )


@router.get("/openapi.json", include_in_schema=False)
def openapi(visit: Annotated[Visit, program_may("read")]) -> Response:
    """The description for programs."""
    return JSONResponse(visit.request.app.openapi())


@router.get("/docs", include_in_schema=False)
def docs(visit: Annotated[Visit, may("read")]) -> Response:
    """The description for people."""
    schema = visit.request.app.openapi()
    operations = [
        {"method": method.upper(), "path": path, **operation}
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    ]
    return visit.show(
        "api.html",
        prefix=PREFIX,
        address=visit.state.settings.address.rstrip("/"),
        operations=operations,
        models=schema["components"]["schemas"],
        type_of=type_of,
    )


def type_of(schema: dict[str, Any]) -> str:
    """What a schema stands for, in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(type_of(one) for one in schema["anyOf"]))
    if "enum" in schema:
        return " | ".join(f'"{value}"' for value in schema["enum"])
    if "const" in schema:
        return f'"{schema["const"]}"'
    if "prefixItems" in schema:
        return f"[{', '.join(type_of(one) for one in schema['prefixItems'])}]"
    if schema.get("type") == "array":
        return f"{type_of(schema['items'])}[]"
    return str(schema.get("format") or schema.get("type") or "any")
