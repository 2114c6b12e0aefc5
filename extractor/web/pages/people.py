"""人员: the accounts of others, for those who manage them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response

from extractor.export import wording
from extractor.ledger.people import PERSON_ROLES, PersonError, PersonRole, change_person, people
from extractor.web.accounts import add_account, give_password, revoke_tokens, set_active
from extractor.web.errors import on_page
from extractor.web.visits import Visit, may

router = APIRouter(include_in_schema=False)

Field = Annotated[str, Form(max_length=1000)]
Manager = Annotated[Visit, may("people")]


@router.get("/people")
def list_people(visit: Manager) -> Response:
    """Who has an account."""
    return _shown(visit)


@router.post("/people")
def add(visit: Manager, name: Field, role: Annotated[PersonRole, Form()], password: Field) -> Response:
    """Someone new."""
    if visit.user.id is None and role != "admin":
        return _shown(visit, "第一个用户须为管理员，否则没有人能管理用户：请改选角色。", name)
    try:
        person = add_account(visit.ledger, visit.state.accounts, name, role, password)
    except PersonError as error:
        return _shown(visit, on_page(error, visit.ledger.path), name)
    return visit.redirect("/people", f"已添加{wording.PERSON_ROLES[person.role]}“{person.name}”。")


@router.post("/people/role")
def change_role(visit: Manager, name: Field, role: Annotated[PersonRole, Form()]) -> Response:
    """Another role."""
    person = change_person(visit.ledger, name, role=role)
    return visit.redirect("/people", f"“{person.name}”现在是{wording.PERSON_ROLES[person.role]}。")


@router.post("/people/active")
def change_active(visit: Manager, name: Field, active: Annotated[bool, Form()]) -> Response:
    """Shut someone out, or let them in again."""
    person = set_active(visit.ledger, visit.state.accounts, name, active=active)
    said = f"已重新启用“{person.name}”。" if active else f"已停用“{person.name}”，此人的登录和令牌都已失效。"
    return visit.redirect("/people", said)


@router.post("/people/password")
def reset_password(visit: Manager, name: Field, password: Field) -> Response:
    """A new password, which the person is told by other means."""
    person = give_password(visit.ledger, visit.state.accounts, name, password)
    said = f"已重设“{person.name}”的密码，此人原来的登录和令牌都已失效。请把新密码告诉本人。"
    return visit.redirect("/people", said)


@router.post("/people/tokens")
def end_tokens(visit: Manager, name: Field) -> Response:
    """End the tokens of someone's programs."""
    person = revoke_tokens(visit.ledger, visit.state.accounts, name)
    return visit.redirect("/people", f"已作废“{person.name}”的全部令牌。")


def _shown(visit: Visit, problem: str = "", entered: str = "") -> Response:
    return visit.show(
        "people.html",
        status=422 if problem else 200,
        people=people(visit.ledger),
        roles=PERSON_ROLES,
        problem=problem,
        entered=entered,
    )
