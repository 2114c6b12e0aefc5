"""What the routes of the API have in common."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from extractor.web.api.models import Refusal

PREFIX = "/api/v1"
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "办好了"},
    400: {"model": Refusal, "description": "请求的内容读不出来"},
    401: {"model": Refusal, "description": "没有登录，或令牌无效"},
    403: {"model": Refusal, "description": "没有这项权限"},
    404: {"model": Refusal, "description": "台账中没有"},
    408: {"model": Refusal, "description": "内容迟迟没有送到"},
    409: {"model": Refusal, "description": "与台账的现状不符"},
    413: {"model": Refusal, "description": "内容太大"},
    422: {"model": Refusal, "description": "填写有误"},
    429: {"model": Refusal, "description": "同一人同时进行的请求太多，稍后再试"},
    503: {"model": Refusal, "description": "台账正忙，稍后再试"},
}


def api_router(tag: str) -> APIRouter:
    """A router of the API; `tag` is its heading in the documentation."""
    return APIRouter(prefix=PREFIX, tags=[tag], responses=ANSWERS)
