"""GEOSEARCH and GEOSEARCHSTORE BYPOLYGON, with the examples of Valkey's documentation and tests."""

import pytest

SICILY = (13.361389, 38.115556, "Palermo", 15.087269, 37.502669, "Catania")
EDGES = (12.758489, 38.788135, "edge1", 17.241510, 38.788135, "edge2")
NORTH_OF_SICILY = (
    *("BYPOLYGON", 5, 12.41098696654226, 38.05033923003755, 15.107936245794182, 38.00616649901906),
    *(18.148439288534455, 38.63804787603499, 17.80831874257693, 39.50316813110968),
    *(12.458468633214036, 38.57719533463012),
)
SYDNEY = (
    *(151.20932132005692, -33.877723137822436, "elizabeth", 151.2119820713997, -33.87697539508043, "connaught"),
    *(151.2119820713997, -33.87156123068408, "st-james", 151.2229523062706, -33.883973760201364, "oxford"),
    *(151.22852593660355, -33.88116782387797, "goodhope", 151.2224105000496, -33.87544442350019, "kings-cross"),
    *(151.22953444719315, -33.874838625143106, "oval"),
)
HORSESHOE = (
    *("BYPOLYGON", 11, 151.21619137411474, -33.869643764947696, 151.20408853981647, -33.87845382042545),
    *(151.2123775086366, -33.87864711938855, 151.21046943124387, -33.87588862400425),
    *(151.21701035939626, -33.874286511854834, 151.2239557405701, -33.8735722632175),
    *(151.22495056246407, -33.87893571656996, 151.2274447496748, -33.882307713036354),
    *(151.23212935868654, -33.88136096120022, 151.23097291274465, -33.87456240592362),
    *(151.22475424781445, -33.87099633192101),
)
STAR = (
    *("BYPOLYGON", 5, 151.2154285314146, -33.867438205607186, 151.20024487595015, -33.88138572784347),
    *(151.2374118848648, -33.87601765283626, 151.19695829592922, -33.87272872054441),
    *(151.2278336546125, -33.88345323146266),
)
RAGUSA = (14.733333, 36.933333, "Ragusa", 15.287602, 37.070104, "Siracusa", 13.588412, 37.311348, "Agrigento")
ACROSS_SICILY = (
    *("BYPOLYGON", 6, 13.268550, 38.354626, 15.379554, 37.143270, 14.7, 36.6, 14.193438, 37.334376),
    *(12.972021, 38.138380, 13.3, 38.2),
)
TRIANGLE = ("BYPOLYGON", 3, 0, 0, 2, 0, 1, 2)


@pytest.fixture(scope="module")
def server(start_shared_server):
    return start_shared_server()


@pytest.fixture
def run(server):
    with server.connect() as connection:
        connection.command("FLUSHALL")
        connection.command("GEOADD", "Sicily", *SICILY, *EDGES)
        connection.command("GEOADD", "sydney", *SYDNEY)
        yield connection.command


def names(reply):
    return [item.value.decode() for item in reply.value]


def test_members_inside(run):
    assert names(run("GEOSEARCH", "Sicily", *NORTH_OF_SICILY)) == ["Palermo", "edge2"]
    run("GEOADD", "Sicily", *RAGUSA)
    assert names(run("GEOSEARCH", "Sicily", *ACROSS_SICILY)) == ["Palermo", "Ragusa", "Siracusa"]
    assert names(run("GEOSEARCH", "sydney", *HORSESHOE)) == ["goodhope", "oval", "elizabeth"]
    assert names(run("GEOSEARCH", "sydney", *STAR)) == ["elizabeth", "st-james", "kings-cross"]
    assert run("GEOSEARCH", "missing", *TRIANGLE).value == ()


def test_distances_are_from_the_center_of_the_vertices_in_meters(run):
    def with_distances(*arguments):
        return [(item.value[0].value, item.value[1].value) for item in run("GEOSEARCH", *arguments, "WITHDIST").value]

    assert with_distances("Sicily", *NORTH_OF_SICILY, "ASC") == [
        (b"Palermo", b"166482.0159"),
        (b"edge2", b"180861.7725"),
    ]
    assert with_distances("sydney", *HORSESHOE, "DESC") == [
        (b"elizabeth", b"1035.7735"),
        (b"goodhope", b"929.4979"),
        (b"oval", b"858.3013"),
    ]
    assert with_distances("sydney", *HORSESHOE, "COUNT", 1) == [(b"oval", b"858.3013")]


def test_every_option_that_needs_no_center(run):
    (palermo,) = run("GEOSEARCH", "Sicily", "WITHCOORD", "WITHHASH", "COUNT", 1, *NORTH_OF_SICILY).value
    assert palermo.value[0].value == b"Palermo"
    assert palermo.value[1].value == 3479099956230698
    assert [degrees.value for degrees in palermo.value[2].value] == [b"13.36138933897018433", b"38.11555639549629859"]
    assert len(run("GEOSEARCH", "sydney", *HORSESHOE, "COUNT", 2, "ANY").value) == 2


def test_store(run):
    assert run("GEOSEARCHSTORE", "to", "sydney", *HORSESHOE, "ASC", "STOREDIST", "COUNT", 2).value == 2
    reply = run("ZRANGE", "to", 0, -1, "WITHSCORES").value
    assert [reply[0].value, reply[2].value] == [b"oval", b"goodhope"]
    assert [round(float(reply[1].value), 4), round(float(reply[3].value), 4)] == [858.3013, 929.4979]
    assert run("GEOSEARCHSTORE", "to", "sydney", *TRIANGLE).value == 0
    assert run("EXISTS", "to").value == 0


def test_around_the_whole_map(run):
    """Cells that meet at the edges of the map are searched once each."""
    run("GEOADD", "all", -179.5, 80, "nw", 179.5, 80, "ne", -179.5, -80, "sw", 179.5, -80, "se", 0, 0, "middle")
    map_edges = ("BYPOLYGON", 4, -180, -85, 180, -85, 180, 85, -180, 85)
    assert sorted(names(run("GEOSEARCH", "all", *map_edges))) == ["middle", "ne", "nw", "se", "sw"]
    polar = ("BYPOLYGON", 4, -180, 79, 180, 79, 180, 85, -180, 85)
    assert sorted(names(run("GEOSEARCH", "all", *polar))) == ["ne", "nw"]


def test_errors(run):
    def error_of(*arguments):
        reply = run("GEOSEARCH", "sydney", *arguments)
        assert reply.is_error
        return reply.value.decode()

    few = "ERR GEOSEARCH BYPOLYGON must have at least 3 vertices"
    assert error_of("BYPOLYGON", 2, 1, 1, 2, 2) == few
    assert error_of("BYPOLYGON", 3, 1, 1, 2, 2) == few
    assert error_of("BYPOLYGON", -1, 1, 1, 2, 2) == few
    assert error_of("BYPOLYGON", "x", 1, 1, 2, 2, 3, 3) == "ERR invalid number of vertices"
    assert error_of("BYPOLYGON", 3, 1, 1, 2, 2, 3, "x") == "ERR value is not a valid float"
    assert error_of("BYPOLYGON", 3, 1, 1, 2, 2, 3, 86).startswith("ERR invalid longitude,latitude pair 3.0")
    for other in (("BYBOX", 1, 1, "km"), ("BYRADIUS", 1, "km"), ("FROMLONLAT", 1, 1), ("FROMMEMBER", "oval")):
        assert error_of(*TRIANGLE, *other) == "ERR syntax error"
        assert error_of(*other, *TRIANGLE) == "ERR syntax error"
    assert error_of(*TRIANGLE, "STOREDIST") == "ERR syntax error"
    assert error_of(*TRIANGLE, "ANY") == "ERR the ANY argument requires COUNT argument"
    shapes = "ERR exactly one of BYRADIUS, BYBOX and BYPOLYGON can be specified for GEOSEARCH"
    assert error_of("FROMLONLAT", 1, 1, "ASC", "WITHDIST") == shapes
    reply = run("GEOSEARCHSTORE", "to", "sydney", *TRIANGLE, "WITHDIST")
    assert reply.value == b"ERR GEOSEARCHSTORE is not compatible with WITHDIST, WITHHASH and WITHCOORD options"
