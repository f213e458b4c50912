"""The store in memory forgets what it needs no longer."""

from tests.issue.histories import in_memory, publication

from dataforge.issue.memory._queue import Queue
from dataforge.issue.rows import EVERY, StoredItem, Stretch
from dataforge.records import AddItems, Item

BATCH = 50


def test_the_queue_of_a_run_that_is_fed_for_long_holds_what_is_open_and_not_what_is_done() -> None:
    tried = in_memory()
    tried.store.accounts.set_known(tried.account("ann").id)
    tried.publish(0.0, publication(real_per_page=BATCH, prices=(1,) * BATCH))
    for batch in range(100):
        items = tuple(Item(f"item {batch} {n}", {"caption": "a cat"}) for n in range(BATCH))
        tried.execute(0.0, "run", [AddItems(f"add {batch}", items)])
        page = tried.take(0.0, "run", "ann", [])
        tried.submit(0.0, page["page"], [{"answer": True}] * BATCH)
    [(queue, *others)] = tried.store.items.queues.values()
    assert len(queue.items) < 30 * BATCH
    assert not any(other.items for other in others)


def test_a_queue_in_which_one_item_stays_while_others_move_on_again_and_again_stays_short() -> None:
    queue, [stays, *others] = Queue(), [StoredItem(n, f"known {n}", True, n, None, b"{}", 0, 1) for n in range(5)]
    for item in (stays, *others):
        queue.put(item)
    for position in range(5, 5_000):
        moved = others[position % 4]
        moved.position = position
        queue.put(moved)
        assert queue.has_open(Stretch(-1, position), ())
        assert len(queue.items) <= 500
    shown = queue.controls_behind(-1, EVERY, lambda item: False, 9, fresh=True)
    assert [item.key for item in shown] == [f"known {n}" for n in range(5)]


def test_who_needs_a_control_item_that_others_had_is_not_led_past_all_that_are_fresh() -> None:
    tried = in_memory()
    tried.publish(0.0, publication(real_per_page=1, control_per_page=1, prices=(1, 2)))
    reals = tuple(Item(f"item {n}", {"caption": f"cat {n}"}, wanted=9) for n in range(9))
    known = tuple(Item(f"known {n}", {"caption": f"dog {n}"}, control=True, wanted=1) for n in range(50))
    tried.execute(0.0, "run", [AddItems("add", (*reals, *known))])
    for name in ("ann", "bob", "eve"):
        tried.store.accounts.set_known(tried.account(name).id)
        assert tried.take(0.0, "run", name, [])["page"]
    [(fresh, others)] = tried.store.items.controls.values()
    assert [item.held for item in others.items] == [1, 1, 1]
    assert sum(item.held == 0 for item in fresh.items) == 47
