import re


def test_every_answer_names_its_request(api, user):
    answers = [
        api.get("/health"),
        api.get("/nowhere"),
        api.get("/status"),
        api.get("/status", auth=user),
        api.post("/comment", content=b"{"),
    ]
    names = [answer.headers["x-request-id"] for answer in answers]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch("[0-9a-f]{32}", name) for name in names)


def test_the_senders_name_is_kept_where_it_can_be_written_down(api):
    def named(name):
        return api.get("/health", headers={"X-Request-ID": name}).headers["x-request-id"]

    assert named("order-42.a_b") == "order-42.a_b"
    for forged in ("a b", "x" * 65, 'a"}', "a\tb", ""):
        assert named(forged) != forged
