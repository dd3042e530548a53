import pytest

from pipfast.model.link import Link


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://host/a/demo-1.0.tar.gz", "demo-1.0.tar.gz"),
        ("https://host/a/demo-1.0%2Bcpu-py3-none-any.whl?x=1", "demo-1.0+cpu-py3-none-any.whl"),
        ("https://host/demo/", "demo"),
        ("https://host/a/..%2F..%2Fevil.tar.gz", "evil.tar.gz"),
        ("https://host/a/%2E%2E", ""),
        ("https://host/a/..%2F..", ""),
    ],
)
def test_a_file_name_is_one_part_of_a_path_and_leads_nowhere(url: str, name: str) -> None:
    assert Link(url=url).filename == name
