"""The map of a date."""

import httpx


def test_crossings_are_points_and_borders_lines(client: httpx.Client) -> None:
    answer = client.get("/api/v1/map.geojson?as_of=2025-10-28")
    assert answer.headers["content-type"] == "application/geo+json"
    found = answer.json()
    assert found["type"] == "FeatureCollection"
    features = {each["id"]: each for each in found["features"]}
    margara = features["margara"]
    assert margara["geometry"] == {"type": "Point", "coordinates": [44.18, 40.03]}
    assert margara["properties"]["status"] == "closed"
    assert features["AM-TR"]["geometry"]["type"] in ("LineString", "MultiLineString")
    assert features["AM-AZ-NX"]["geometry"] is not None
    assert features["ru-az-ge-am"]["geometry"]["type"] == "LineString"
    assert all(each["geometry"] is None or each["geometry"]["coordinates"] for each in features.values())


def test_the_status_of_a_feature_is_that_of_its_worst_lane(client: httpx.Client) -> None:
    for each in client.get("/api/v1/map.geojson?as_of=2025-10-28&mode=rail").json()["features"]:
        properties = each["properties"]
        assert properties["severity"] == max(lane["severity"] for lane in properties["lanes"])
        assert {lane["mode"] for lane in properties["lanes"]} == {"rail"}


def test_the_series_says_what_the_state_says(client: httpx.Client) -> None:
    """The last row of each lane is its state on that date."""
    rows = client.get("/api/v1/series?kind=corridor&as_of=2025-10-28&limit=5000").json()
    assert [each["time"] for each in rows] == sorted(each["time"] for each in rows)
    last = {(each["subject"], each["mode"], each["traffic"], each["direction"]): each["status"] for each in rows}
    for subject in client.get("/api/v1/state?kind=corridor&as_of=2025-10-28").json():
        for lane in subject["lanes"]:
            assert last[subject["subject"], lane["mode"], lane["traffic"], lane["direction"]] == lane["status"]


def test_a_series_begins_with_what_held_then(client: httpx.Client) -> None:
    rows = client.get("/api/v1/series?subject=margara&from=2025-03-15&as_of=2025-03-16").json()
    assert {each["time"] for each in rows} == {"2025-03-15T00:00:00+04:00"}
    assert {each["status"] for each in rows} >= {"closed"}
