import pytest

from satispy.accounts.passwords import nobodys_hash, password_hasher, require_strong
from satispy.core.errors import WeakPassword

GUESSED = [
    "",
    "admin",
    "password",
    "changeme",
    "short one",
    "Password123!",
    "P@ssw0rd2026",
    "passw0rd!!!!",
    "CHANGEME!!!!",
    "Motdepasse1",
    "mot de passe",
    "Môt dé passé !",
    "!!!!azerty!!!!",
    "azertyuiop",
    "qwertyuiop[]",
    "1q2w3e4r5t6y",
    "abcdefghijklm",
    "mlkjhgfdsq",
    "adminadmin",
    "adminpassword",
    "administrateur",
    "Satispy2026!",
    "iloveyou1234",
    "12345678901",
    "2026-11-21",
    "06 12 34 56 78",
    "aaaaaaaaaaaa",
    "abababababab",
    "sunshineabc",
    "xxsunshinex",
]
GOOD = [
    "admin's password",
    "un mot que je connais",
    "correct-cheval-pile-agrafe",
    "tR7#kq!x2Lp9",
    "Xq3-_azerty-9fTk2pQ",
    "73019285640172839465",
    "日本語のとても長い秘密の言葉です",
    "long enough",
]


@pytest.mark.parametrize("password", GUESSED)
def test_what_anybody_tries_first_is_refused_and_not_repeated(password):
    with pytest.raises(WeakPassword) as refused:
        require_strong(password, "alice")
    assert len(password) < 10 or password not in str(refused.value)


@pytest.mark.parametrize("password", GOOD)
def test_other_passwords_will_do(password):
    require_strong(password, "alice")


def test_generated_passwords_will_do():
    import secrets

    for _ in range(200):
        require_strong(secrets.token_urlsafe(18), "admin")


@pytest.mark.parametrize(
    "password", ["bartholomea", "BARTHOLOMEA", "Bartholomea1!", "Bartholoméa", "2026bartholomea"]
)
def test_the_users_own_name_is_refused_also_with_a_year(password):
    with pytest.raises(WeakPassword, match="user's name"):
        require_strong(password, "Bartholomea")
    require_strong(password, "somebody else")


@pytest.mark.parametrize("password", ["long\0enough!", "long enough\n", "long \ud800 enough"])
def test_what_no_keyboard_sends_is_refused(password):
    with pytest.raises(WeakPassword, match="control character"):
        require_strong(password)


def test_a_password_longer_than_a_page_is_refused():
    with pytest.raises(WeakPassword, match="1024"):
        require_strong("long enough " * 100)


def test_the_hash_of_nobody_costs_what_every_hash_costs_and_matches_nothing():
    from argon2 import extract_parameters
    from argon2.exceptions import VerifyMismatchError

    hasher = password_hasher()
    assert extract_parameters(nobodys_hash()) == extract_parameters(hasher.hash("long enough"))
    with pytest.raises(VerifyMismatchError):
        hasher.verify(nobodys_hash(), "long enough")


def test_two_verifications_at_once_leave_the_api_its_memory():
    """The API rests at about 215 MiB and may take 300."""
    from argon2 import extract_parameters

    assert 2 * extract_parameters(nobodys_hash()).memory_cost / 1024 < 50
