import hashlib
import io
import json
import subprocess
import sys
import threading
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest

from dataforge.datasets import get_datasets_list, load_dataset
from dataforge.datasets._catalogue import CATALOGUE, Source
from dataforge.errors import DataError, UnknownName

LABELS = b"worker,task,label\nw1,t1,0\nw2,t1,1\nw1,t2,1\n" + b"w9,t9,0\n" * 5000
GOLD = b"task,label\nt1,0\nt2,1\n"


def put_labels(site, name: str = "relevance-2") -> bytes:
    return site.put(name, {f"{name}/crowd_labels.csv": LABELS, f"{name}/gt.csv": GOLD})


def zip_requests(site) -> list[str | None]:
    return [span for name, span in site.asked if name.endswith(".zip")]


def test_a_set_is_loaded_once_and_kept(site, tmp_path: Path) -> None:
    put_labels(site)
    answers, gold = load_dataset("relevance-2", tmp_path, mirror=site.address)
    assert answers.columns.tolist() == ["worker", "task", "label"]
    assert gold.to_dict() == {"t1": 0, "t2": 1}
    assert (gold.name, gold.index.name) == ("true_label", "task")
    again, _ = load_dataset("relevance-2", tmp_path, mirror=site.address)
    assert again.equals(answers)
    assert len(zip_requests(site)) == 1
    assert not list(tmp_path.glob("*.zip"))


def test_a_broken_download_goes_on_where_it_stopped(site, tmp_path: Path) -> None:
    archive = put_labels(site)
    site.cut = [100, 50]
    load_dataset("relevance-2", tmp_path, mirror=site.address)
    assert zip_requests(site) == [None, "bytes=100-", "bytes=150-"]
    first = json.loads((tmp_path / "checksums.json").read_text())
    assert first == {"relevance-2": hashlib.sha256(archive).hexdigest()}


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"labels.csv": LABELS, "gt.csv": GOLD}, r"relevance-2.crowd_labels.csv is not there"),
        (
            {"crowd_labels.csv": LABELS, "gt.csv": b"task,answer\n"},
            r"gt.csv needs the column 'label', it has task, answer",
        ),
        ({"crowd_labels.csv": b"", "gt.csv": GOLD}, r"No columns"),
    ],
)
def test_an_archive_that_cannot_be_read_leaves_nothing_behind(site, tmp_path: Path, files, message: str) -> None:
    site.put("relevance-2", files)
    with pytest.raises(DataError, match=f"so it is not kept: .*{message}"):
        load_dataset("relevance-2", tmp_path, mirror=site.address)
    assert not (tmp_path / "relevance-2").exists()
    assert not (tmp_path / "checksums.json").exists()
    put_labels(site)
    assert len(load_dataset("relevance-2", tmp_path, mirror=site.address)[1]) == 2


def test_a_later_call_goes_on_too(site, tmp_path: Path) -> None:
    put_labels(site)
    site.cut = [10, 10, 10, 10]
    with pytest.raises(DataError, match="broke off"):
        load_dataset("relevance-2", tmp_path, mirror=site.address)
    load_dataset("relevance-2", tmp_path, mirror=site.address)
    assert zip_requests(site)[-1] == "bytes=40-"


def test_a_file_that_changed_in_between_is_fetched_anew(site, tmp_path: Path) -> None:
    put_labels(site)
    site.cut = [10, 10, 10, 10]
    with pytest.raises(DataError):
        load_dataset("relevance-2", tmp_path, mirror=site.address)
    site.put("relevance-2", {"crowd_labels.csv": LABELS + b"w3,t3,1\n", "gt.csv": GOLD})
    answers, _ = load_dataset("relevance-2", tmp_path, mirror=site.address)
    assert answers.iloc[-1].tolist() == ["w3", "t3", 1]


def test_an_archive_that_differs_from_the_published_sum_is_refused(site, tmp_path: Path) -> None:
    put_labels(site)
    site.files["relevance-2.md5"] = b"0" * 32
    with pytest.raises(DataError, match="MD5"):
        load_dataset("relevance-2", tmp_path, mirror=site.address)
    assert not (tmp_path / "relevance-2").exists()


def test_an_archive_that_differs_from_the_first_download_is_refused(site, tmp_path: Path) -> None:
    put_labels(site)
    load_dataset("relevance-2", tmp_path, mirror=site.address)
    (tmp_path / "relevance-2").rename(tmp_path / "elsewhere")
    site.put("relevance-2", {"crowd_labels.csv": b"worker,task,label\n", "gt.csv": GOLD})
    with pytest.raises(DataError, match="the first download had"):
        load_dataset("relevance-2", tmp_path, mirror=site.address)


def test_a_mirror_may_be_a_folder_and_lack_the_sum(site, tmp_path: Path) -> None:
    folder = tmp_path / "mirror"
    folder.mkdir()
    (folder / "relevance-2.zip").write_bytes(put_labels(site))
    answers, _ = load_dataset("relevance-2", tmp_path / "data", mirror=folder)
    assert len(answers) == 5003
    with pytest.raises(DataError, match="the mirror has no file"):
        load_dataset("relevance-5", tmp_path / "data", mirror=folder)


def test_the_folder_and_the_mirror_can_come_from_the_environment(site, tmp_path: Path, monkeypatch) -> None:
    put_labels(site)
    monkeypatch.setenv("DATAFORGE_DATA", str(tmp_path / "kept"))
    monkeypatch.setenv("DATAFORGE_DATA_MIRROR", site.address)
    load_dataset("relevance-2")
    assert (tmp_path / "kept" / "relevance-2" / "gt.csv").is_file()


def test_a_missing_archive_and_a_closed_port_say_what_to_do(site, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="mirror= takes another address"):
        load_dataset("relevance-2", tmp_path, mirror=site.address)
    with pytest.raises(DataError, match="mirror= takes another address"):
        load_dataset("relevance-2", tmp_path, mirror="http://127.0.0.1:9")


def test_paths_that_lead_out_of_the_folder_are_refused(site, tmp_path: Path) -> None:
    site.put("relevance-2", {"../evil.csv": b"x", "gt.csv": GOLD})
    with pytest.raises(DataError, match="leads out of its folder"):
        load_dataset("relevance-2", tmp_path / "data", mirror=site.address)
    assert not (tmp_path / "evil.csv").exists()


def test_several_at_once_download_once(site, tmp_path: Path) -> None:
    put_labels(site)
    lengths: list[int] = []
    threads = [
        threading.Thread(
            target=lambda: lengths.append(len(load_dataset("relevance-2", tmp_path, mirror=site.address)[0]))
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert lengths == [5003] * 4
    assert len(zip_requests(site)) == 1


def test_progress_is_told(site, tmp_path: Path) -> None:
    archive = put_labels(site)
    told: list[tuple[int, int]] = []
    load_dataset("relevance-2", tmp_path, mirror=site.address, progress=lambda done, whole: told.append((done, whole)))
    assert told[-1] == (len(archive), len(archive))


def test_texts_and_workers_get_the_names_that_aggregation_knows(site, tmp_path: Path) -> None:
    site.put(
        "crowdspeech-dev-clean",
        {"crowd_labels.csv": b"task,performer,output\n1,w1,hello\n", "gt.csv": b"task,output\n1,hello\n"},
    )
    answers, gold = load_dataset("crowdspeech-dev-clean", tmp_path, mirror=site.address)
    assert answers.columns.tolist() == ["task", "worker", "text"]
    assert gold.to_dict() == {1: "hello"}


def test_the_winner_of_a_comparison_is_named(site, tmp_path: Path) -> None:
    site.put(
        "imdb-wiki-sbs",
        {
            "crowd_labels.csv": b"performer,left,right,label\nw1,a,b,left\nw2,a,b,right\n",
            "gt.csv": b"label,score\na,30\nb,40\n",
        },
    )
    answers, gold = load_dataset("imdb-wiki-sbs", tmp_path, mirror=site.address)
    assert answers["label"].tolist() == ["a", "b"]
    assert gold.index.name == "label"


def test_masks_come_as_arrays(site, tmp_path: Path) -> None:
    crowd, gold = io.BytesIO(), io.BytesIO()
    mask = np.array([[True, False]])
    np.savez(crowd, **{"7\tw1": mask, "7\tw2": ~mask})
    np.savez(gold, **{"7": mask})
    site.put("mscoco_small", {"crowd_labels.npz": crowd.getvalue(), "gt.npz": gold.getvalue()})
    answers, truth = load_dataset("mscoco_small", tmp_path, mirror=site.address)
    assert answers["task"].tolist() == [7, 7]
    assert (answers["segmentation"][1] == ~mask).all()
    assert (truth[7] == mask).all()
    assert truth.name == "true_segmentation"


def test_the_files_of_netease_are_renamed(site, tmp_path: Path) -> None:
    site.put(
        "NetEaseCrowd",
        {
            "crowd_labels.csv": b"taskId,tasksetId,workerId,answer\n1,2,3,4\n",
            "gt.csv": b"taskId,truth\n1,4\n",
        },
    )
    answers, gold = load_dataset("netease_crowd", tmp_path, mirror=site.address)
    assert answers.to_dict("list") == {"task": [1], "worker": [3], "label": [4]}
    assert answers.columns.tolist() == ["task", "worker", "label"]
    assert gold.index.name == "task"


@pytest.mark.parametrize("name", ["Relevance 2", "relevance_2", "RELEVANCE-2", "relevance2"])
def test_a_set_answers_to_its_name_as_papers_and_people_write_it(site, tmp_path: Path, name: str) -> None:
    put_labels(site)
    load_dataset(name, tmp_path, mirror=site.address)
    assert {path.name for path in tmp_path.iterdir() if path.is_dir()} == {"relevance-2"}


def test_no_two_sets_have_one_name(site) -> None:
    assert len({"".join(filter(str.isalnum, name.casefold())) for name, _ in get_datasets_list()}) == len(CATALOGUE)


def test_unknown_names_list_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="relevance-5"):
        load_dataset("relevance-6", tmp_path)
    assert len(get_datasets_list()) == 11


def test_a_damaged_folder_says_what_to_do(site, tmp_path: Path) -> None:
    put_labels(site)
    load_dataset("relevance-2", tmp_path, mirror=site.address)
    (tmp_path / "relevance-2" / "gt.csv").unlink()
    with pytest.raises(DataError, match="remove the folder"):
        load_dataset("relevance-2", tmp_path)


LOAD = """
import sys
from dataforge.datasets import load_dataset

print(len(load_dataset("relevance-2", sys.argv[1], mirror=sys.argv[2])[0]))
"""


def loading(site, folder: Path) -> subprocess.Popen[str]:
    """A process of its own that loads a set."""
    return subprocess.Popen([sys.executable, "-c", LOAD, str(folder), site.address], stdout=subprocess.PIPE, text=True)


def test_a_process_killed_in_the_middle_leaves_what_came_and_no_set(site, tmp_path: Path) -> None:
    site.put("relevance-2", {"crowd_labels.csv": LABELS * 100, "gt.csv": GOLD})
    site.stuck = 2_500_000
    process = loading(site, tmp_path)
    part = tmp_path / "relevance-2.part"
    while not part.is_file() or part.stat().st_size < 2 << 20:
        assert process.poll() is None
        site.go_on.wait(0.01)
    process.kill()
    process.communicate()
    site.go_on.set()
    assert not (tmp_path / "relevance-2").exists()
    load_dataset("relevance-2", tmp_path, mirror=site.address)
    assert zip_requests(site) == [None, f"bytes={2 << 20}-"]
    kept = sorted(path.name for path in tmp_path.iterdir() if not path.name.endswith(".lock"))
    assert kept == ["checksums.json", "relevance-2"]


def test_a_folder_half_unpacked_by_a_killed_process_is_cleared_away(site, tmp_path: Path) -> None:
    put_labels(site)
    half = tmp_path / ".relevance-2-abcdefgh" / "archive"
    half.mkdir(parents=True)
    (half / "crowd_labels.csv").write_bytes(LABELS[:100])
    answers, _ = load_dataset("relevance-2", tmp_path, mirror=site.address)
    assert len(answers) == 5003
    assert not half.parent.exists()


def test_two_processes_at_once_download_once(site, tmp_path: Path) -> None:
    put_labels(site)
    processes = [loading(site, tmp_path) for _ in range(2)]
    assert [process.communicate()[0].strip() for process in processes] == ["5003", "5003"]
    assert len(zip_requests(site)) == 1


def test_a_server_that_knows_no_parts_sends_the_whole_again(site, tmp_path: Path) -> None:
    put_labels(site)
    site.ranges = False
    site.cut = [100]
    assert len(load_dataset("relevance-2", tmp_path, mirror=site.address)[0]) == 5003
    assert zip_requests(site) == [None, None]


def test_a_part_that_begins_elsewhere_is_not_appended(site, tmp_path: Path) -> None:
    put_labels(site)
    site.cut, site.shift = [100], 7
    assert len(load_dataset("relevance-2", tmp_path, mirror=site.address)[0]) == 5003
    assert zip_requests(site) == [None, "bytes=100-", None]


def test_a_body_cut_short_by_a_server_that_tells_no_length_does_not_pass(site, tmp_path: Path) -> None:
    put_labels(site)
    site.lengths, site.cut = False, [100]
    with pytest.raises(DataError, match="is published: load it again"):
        load_dataset("relevance-2", tmp_path, mirror=site.address)
    assert len(load_dataset("relevance-2", tmp_path, mirror=site.address)[0]) == 5003


def test_an_archive_that_cannot_be_unpacked_is_not_taken_for_the_first_download(site, tmp_path: Path) -> None:
    damaged = bytearray(put_labels(site))
    damaged[200] ^= 255
    for wrong in (bytes(damaged), b"<html>Log in first</html>"):
        site.files["relevance-2.zip"] = wrong
        site.files["relevance-2.md5"] = hashlib.md5(wrong).hexdigest().encode()
        with pytest.raises(DataError, match="no zip archive that can be unpacked"):
            load_dataset("relevance-2", tmp_path, mirror=site.address)
    put_labels(site)
    assert len(load_dataset("relevance-2", tmp_path, mirror=site.address)[0]) == 5003


@pytest.mark.parametrize("path", ["../evil.csv", "a/../../evil.csv", "/evil.csv"])
def test_no_member_of_an_archive_is_written_elsewhere(site, tmp_path: Path, path: str) -> None:
    site.put("relevance-2", {path: b"x", "gt.csv": GOLD})
    with pytest.raises(DataError, match="leads out of its folder"):
        load_dataset("relevance-2", tmp_path / "data", mirror=site.address)
    assert not list(tmp_path.rglob("evil.csv"))


def test_a_link_in_an_archive_does_not_become_a_link(site, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_bytes(GOLD)
    link = zipfile.ZipInfo("gt.csv")
    link.external_attr = 0o120777 << 16
    site.put("relevance-2", {"crowd_labels.csv": LABELS, link: str(secret).encode()})
    with pytest.raises(DataError, match="needs the column 'task'"):
        load_dataset("relevance-2", tmp_path / "data", mirror=site.address)


def test_a_place_that_is_no_folder_and_records_that_are_no_json_say_what_to_do(site, tmp_path: Path) -> None:
    put_labels(site)
    (tmp_path / "checksums.json").write_text("{")
    with pytest.raises(DataError, match="mend or remove it"):
        load_dataset("relevance-2", tmp_path, mirror=site.address)
    with pytest.raises(DataError, match="data_dir needs to be a folder"):
        load_dataset("relevance-2", tmp_path / "checksums.json" / "below", mirror=site.address)


def npz(**arrays: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


MASK = np.array([[True, False]])
TABLES = {
    "labels": {"crowd_labels.csv": b"worker,task,label\nw,t,1\n", "gt.csv": b"task,label\nt,1\n"},
    "transcripts": {"crowd_labels.csv": b"output,task,performer\nhi,t,w\n", "gt.csv": b"task,output\nt,hi\n"},
    "comparisons": {
        "crowd_labels.csv": b"performer,left,right,label\nw,a,b,left\n",
        "gt.csv": b"label,score\na,2\nb,1\n",
    },
    "netease": {"crowd_labels.csv": b"taskId,workerId,answer\n1,2,3\n", "gt.csv": b"taskId,truth\n1,3\n"},
    "masks": {"crowd_labels.npz": npz(**{"7\tw": MASK}), "gt.npz": npz(**{"7": MASK})},
}
COLUMNS = {
    "labels": ["worker", "task", "label"],
    "transcripts": ["text", "task", "worker"],
    "comparisons": ["worker", "left", "right", "label"],
    "netease": ["task", "worker", "label"],
    "masks": ["task", "worker", "segmentation"],
}


@pytest.mark.parametrize("source", CATALOGUE, ids=lambda source: source.name)
def test_every_set_is_fetched_under_its_file_name_and_read_by_its_kind(site, tmp_path: Path, source: Source) -> None:
    # The kinds and their columns are those that Crowd-Kit 1.4.2 gives for the same files.
    kind = source.read.__name__
    stem = Path(urlsplit(source.url).path).stem
    assert Path(urlsplit(source.checksum_url).path).name == f"{stem}.md5"
    site.put(stem, TABLES[kind])
    answers, gold = load_dataset(source.name, tmp_path, mirror=site.address)
    assert answers.columns.tolist() == COLUMNS[kind]
    assert gold.index.name == ("label" if kind == "comparisons" else "task")
    assert gold.name == ("true_segmentation" if kind == "masks" else "true_label")
