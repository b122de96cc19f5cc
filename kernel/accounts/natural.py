"""A natural person as his own unit: without a credit code, only as the owner of a project."""

from kernel import codes
from kernel.accounts.keys import Keys
from kernel.accounts.schemas import RegisterOrganisation
from kernel.errors import Problem

MARK = "P"
"""No code of GB 32100 begins with it: its first character names the registering department."""


def as_unit(command: RegisterOrganisation, keys: Keys) -> RegisterOrganisation:
    """The registration as that of a unit: a person's carries a code made of the keyed hash of his identity number.

    The same person always gets the same code, and nobody reads a number out of it.
    """
    if command.kind != "person":
        return command
    number = keys.identity(codes.tidy(command.identity_number)).hex()[:17].upper()
    stands = {"credit_code": MARK + number, "organisation_name": command.person_name, "kind": "individual"}
    return command.model_copy(update=stands)


def is_natural(code: str) -> bool:
    """Whether this code is a natural person's."""
    return code.startswith(MARK)


def unit_problems(command: RegisterOrganisation) -> list[Problem]:
    """What is wrong with the unit's code and name as they were typed; a natural person may only own."""
    if command.kind == "person":
        if command.role == "purchaser":
            return []
        says = "自然人只能作为项目业主登记"
        return [Problem("natural_person_owns", says, "投标、代理和中介服务请以单位登记", field="role")]
    code = codes.tidy(command.credit_code)
    wrong = codes.check_credit_code("" if is_natural(code) else code, "credit_code")
    found = [wrong] if wrong else []
    if not command.organisation_name:
        says = "没有填写单位名称"
        found.append(Problem("organisation_name_missing", says, "请按营业执照填写", field="organisation_name"))
    return found
