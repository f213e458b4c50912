import hashlib
import io
import json
import threading
from pathlib import Path

import numpy as np
import pytest

from dataforge.datasets import get_datasets_list, load_dataset
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
    assert answers.to_dict("list") == {"worker": [3], "task": [1], "label": [4]}
    assert gold.index.name == "task"


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
