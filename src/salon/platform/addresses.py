"""E-mail addresses."""

from email_validator import EmailNotValidError, validate_email


def check_email(address: str) -> str:
    """The address in its normal form.

    Raises:
        ValueError: it is none.
    """
    try:
        found = validate_email(address.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError as fault:
        raise ValueError("this is not an e-mail address") from fault
    top = found.ascii_domain.rpartition(".")[2]
    if "." not in found.ascii_domain or len(top) < 2 or not (top.isalpha() or top.startswith("xn--")):
        raise ValueError("this is not an e-mail address")
    return found.normalized
