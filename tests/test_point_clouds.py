"""Clouds are read from files of every kind, and bad files are told from good ones."""

import struct
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from tests.clouds import FORMS, PCD, PLY, PROPERTIES, street, written

from dataforge.errors import DataError
from dataforge.media.point_clouds import MAGIC, MOST_SHOWN, Cloud, packed, read_cloud

SAMPLES = Path(__file__).parents[2] / "shared/media/pointclouds_sustech"

MANY_FIELDS = "FIELDS x y z{}\nSIZE 4 4 4{}\nTYPE F F F{}\nCOUNT 1 1 1{}\nPOINTS 1\nDATA ascii\n1 2 3".format(
    *(5_000 * word for word in (" a", " 1", " U", " 999"))
).encode()
NEGATIVE = PCD.format(count=25, data="binary").replace("POINTS 25", "WIDTH -5\nHEIGHT -5").encode() + bytes(999)
UNPACKED = (
    b"FIELDS x y z a\nSIZE 4 4 4 8\nTYPE F F F F\nCOUNT 1 1 1 30\nPOINTS 2000000\nDATA binary_compressed\n"
    + struct.pack("<II", 8, 2_000_000 * 252)
    + bytes(8)
)


def saved(shape: str) -> bytes:
    """What begins as an array of this shape does."""
    head = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + bytes(64)


@pytest.mark.parametrize("form", FORMS)
def test_each_kind_of_file_gives_the_same_points(form: str, tmp_path: Path) -> None:
    rows = street(60)
    # A run of equal bytes, such as packing looks for.
    rows[20:60] = rows[20]
    cloud = read_cloud(written(tmp_path, form, rows))
    np.testing.assert_allclose(cloud.points, rows[:, :3], rtol=1e-6)
    assert cloud.intensity is not None
    np.testing.assert_allclose(cloud.intensity, rows[:, 3], rtol=1e-6)
    assert cloud.nowhere == 0


@pytest.mark.parametrize("form", FORMS)
def test_points_that_are_nowhere_are_left_out_and_counted(form: str, tmp_path: Path) -> None:
    rows = street(10)
    rows[3, 0], rows[5, 2], rows[7, 1] = np.nan, np.inf, -1e12
    cloud = read_cloud(written(tmp_path, form, rows))
    assert len(cloud.points) == len(rows) - 3
    assert cloud.nowhere == 3
    assert np.isfinite(cloud.points).all()


@pytest.mark.parametrize("form", FORMS)
def test_a_cloud_without_points_is_refused(form: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no points|32-bit numbers"):
        read_cloud(written(tmp_path, form, street(4)[:0]))
    with pytest.raises(DataError, match="no point of the cloud is anywhere"):
        read_cloud(written(tmp_path, form, np.full((6, 4), np.nan, np.float32)))


@pytest.mark.parametrize("form", FORMS)
def test_a_file_that_ends_too_early_or_is_overwritten_is_refused_or_read_but_never_crashes(
    form: str, tmp_path: Path
) -> None:
    path = written(tmp_path, form, street(50))
    content = path.read_bytes()
    rng = np.random.default_rng(3)
    for cut in rng.integers(0, len(content), 40):
        path.write_bytes(content[:cut])
        _read_or_refused(path)
    for _ in range(120):
        damaged = bytearray(content)
        for place in rng.integers(0, len(content) if rng.random() < 0.5 else min(len(content), 300), 4):
            damaged[place] = rng.integers(0, 256)
        path.write_bytes(damaged)
        _read_or_refused(path)


def _read_or_refused(path: Path) -> None:
    with suppress(DataError):
        assert len(read_cloud(path).points)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pcd", PCD.format(count=10**15, data="binary").encode() + b"\0" * 160),
        ("a.pcd", PCD.format(count=10**6, data="binary").encode() + b"\0" * 160),
        ("a.pcd", PCD.format(count=-5, data="ascii").encode()),
        ("a.pcd", PCD.format(count=1, data="zip").encode()),
        (
            "a.pcd",
            PCD.replace("SIZE 4 4 4 4", "SIZE 4 4 4 999999").format(count=1, data="binary").encode() + b"\0" * 99,
        ),
        (
            "a.pcd",
            PCD.format(count=10**6, data="binary_compressed").encode() + struct.pack("<II", 8, 2**32 - 1) + b"\0" * 8,
        ),
        (
            "a.pcd",
            PCD.replace("FIELDS x y z intensity", "FIELDS a b c d").format(count=1, data="ascii").encode() + b"1 2 3 4",
        ),
        ("a.pcd", b"VERSION 0.7\n" * 9_000),
        ("a.pcd", b"<html><script>alert(1)</script></html>"),
        ("a.ply", PLY.format(form="ascii", count=10**9, properties=PROPERTIES).encode() + b"1 2 3 4 5"),
        ("a.ply", PLY.format(form="zip", count=1, properties=PROPERTIES).encode() + b"1 2 3 4 5"),
        ("a.ply", PLY.format(form="ascii", count=1, properties="property list uchar int x\n").encode() + b"1 2"),
        ("a.ply", b"ply\nformat ascii 1.0\nend_header\n"),
        ("a.npy", b"\x93NUMPY\x01\x00\x10\x00{'descr': '|O', }\n"),
        ("a.npy", saved("(100000000000000, 3)")),
        ("a.npy", saved("(2000000000, 3)")),
        ("a.npy", saved("(-1, 3)")),
        ("a.npz", b"PK"),
        ("a.pcd", MANY_FIELDS),
        ("a.pcd", NEGATIVE),
        ("a.pcd", UNPACKED),
        ("a.bin", b"12345"),
        ("a.xyz", b"1 2 3"),
    ],
)
def test_what_claims_too_much_or_is_no_cloud_is_refused_at_once(name: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError):
        read_cloud(path)


def test_columns_of_an_array_may_be_stored_one_after_another(tmp_path: Path) -> None:
    rows = np.arange(12.0).reshape(4, 3)
    np.save(tmp_path / "a.npy", np.asfortranarray(rows))
    assert np.array_equal(read_cloud(tmp_path / "a.npy").points, rows)


def test_an_array_of_objects_is_not_unpickled(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array([{}, {}, {}], object), allow_pickle=True)
    with pytest.raises(DataError, match="Python objects"):
        read_cloud(tmp_path / "a.npy")


def test_the_viewpoint_of_a_pcd_file_moves_no_point(tmp_path: Path) -> None:
    rows = street(5)
    path = written(tmp_path, "ascii.pcd", rows)
    assert b"VIEWPOINT 10 20 30 0 1 0 0" in path.read_bytes()
    np.testing.assert_allclose(read_cloud(path).points, rows[:, :3], rtol=1e-6)


def test_a_field_of_several_numbers_and_one_without_a_name_are_passed_over(tmp_path: Path) -> None:
    head = PCD.replace("FIELDS x y z intensity", "FIELDS x normal y _ z").replace("SIZE 4 4 4 4", "SIZE 4 4 4 2 4")
    head = head.replace("TYPE F F F F", "TYPE F F F U F").replace("COUNT 1 1 1 1", "COUNT 1 3 1 2 1")
    row = struct.pack("<ffffffHf", 1, 9, 9, 9, 2, 0, 0, 3)[:-4]
    row = struct.pack("<f3ff2Hf", 1, 9, 9, 9, 2, 8, 8, 3)
    path = tmp_path / "a.pcd"
    path.write_bytes(head.format(count=1, data="binary").encode() + row)
    assert read_cloud(path).points.tolist() == [[1, 2, 3]]
    path.write_bytes(head.format(count=1, data="ascii").encode() + b"1 9 9 9 2 8 8 3")
    assert read_cloud(path).points.tolist() == [[1, 2, 3]]


def unpacked(content: bytes) -> tuple[np.ndarray, np.ndarray | None, int]:
    """What the pages read."""
    magic, shown, bright, count, _, *origin = struct.unpack_from("<8sIIII3d", content)
    assert magic == MAGIC
    places = np.frombuffer(content, "<f4", 3 * shown, 48).reshape(-1, 3) + np.array(origin)
    rest = content[48 + 12 * shown :]
    return places, np.frombuffer(rest, np.uint8) if bright else None, count


def test_what_the_pages_read_has_every_point_by_lot_with_its_brightness() -> None:
    rows = street(500)
    places, bright, count = unpacked(packed(Cloud(rows[:, :3].astype(float), rows[:, 3], 0)))
    assert count == len(places) == len(rows)
    assert sorted(map(tuple, places.tolist())) == sorted(map(tuple, rows[:, :3].astype(float).tolist()))
    assert bright is not None
    assert bright.max() == 255
    on_ground = places[:200, 2] < 0.5
    assert 0.35 < on_ground.mean() < 0.65, "the first ones are a sample of all"


def test_places_far_from_the_origin_keep_their_millimetres() -> None:
    far = np.array([[6_200_123.4567, 412_345.6789, 150.0], [6_200_124.4567, 412_346.6789, 151.0]])
    places, bright, _ = unpacked(packed(Cloud(far, None, 0)))
    assert bright is None
    np.testing.assert_allclose(sorted(places[:, 0]), far[:, 0], atol=1e-4)


def test_of_a_huge_cloud_a_sample_is_shown_and_the_number_of_all_told() -> None:
    places, _, count = unpacked(packed(Cloud(np.zeros((MOST_SHOWN + 5, 3)), None, 0)))
    assert (len(places), count) == (MOST_SHOWN, MOST_SHOWN + 5)


@pytest.mark.skipif(not SAMPLES.exists(), reason="the sample scenes are not here")
def test_a_scan_of_a_real_sensor_is_read() -> None:
    cloud = read_cloud(SAMPLES / "lidar/000965.pcd")
    assert len(cloud.points) == 66_781
    assert np.abs(cloud.points).max() < 250
