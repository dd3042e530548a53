import pytest

from pipfast.net.http_cache import lifetime


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"cache-control": "max-age=600, public"}, 600),
        ({"cache-control": "max-age=600", "age": "100"}, 500),
        ({"cache-control": "max-age=60", "age": "100"}, 0),
        ({"cache-control": "no-cache, max-age=600"}, 0),
        ({"cache-control": "no-store"}, None),
        ({"vary": "*", "cache-control": "max-age=600"}, None),
        ({"cache-control": "max-age=bogus"}, 0),
        ({}, 0),
        (
            {
                "date": "Mon, 01 Jan 2024 00:00:00 GMT",
                "expires": "Mon, 01 Jan 2024 00:01:00 GMT",
            },
            60,
        ),
        ({"expires": "0"}, 0),
    ],
)
def test_the_headers_give_the_freshness_lifetime(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert lifetime(headers) == seconds


def test_a_lifetime_that_is_no_number_is_none_at_all() -> None:
    assert lifetime({"cache-control": "max-age=\u00b2"}) == 0
    assert lifetime({"cache-control": "max-age=5", "age": "\u00b2"}) == 5
    assert lifetime({"cache-control": "max-age=" + "9" * 12}) == 1 << 31
    assert lifetime({"cache-control": "max-age=" + "9" * 5000}) == 1 << 31
