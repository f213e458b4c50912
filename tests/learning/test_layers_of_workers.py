import numpy as np
import pytest

torch = pytest.importorskip("torch")

from dataforge.errors import SpecError  # noqa: E402
from dataforge.learning import CoNAL, CrowdLayer  # noqa: E402


def crowd(n: int = 600) -> tuple[object, object, object, object]:
    """Points of three classes, answered by four workers of whom the last one swaps two classes."""
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, n)
    points = np.eye(3)[truth] * 3 + rng.normal(size=(n, 3))
    workers = rng.integers(0, 4, n)
    swapped = np.array([1, 0, 2])[truth]
    labels = np.where(workers == 3, swapped, np.where(rng.random(n) < 0.85, truth, rng.integers(0, 3, n)))
    tensors = (points.astype(np.float32), workers, labels, truth)
    return tuple(torch.from_numpy(array) for array in tensors)


@pytest.mark.parametrize("kind", ["mw", "vw", "vb", "vw+b"])
def test_a_fresh_layer_keeps_the_order_of_the_classes(kind: str) -> None:
    logits = torch.tensor([[3.0, 1.0, 0.5]])
    found = CrowdLayer(3, 2, conn_type=kind)(logits, torch.tensor([1]))
    assert found.shape == (1, 3)
    assert found.argmax().item() == 0


def test_a_confusion_matrix_gives_log_probabilities_of_the_answers() -> None:
    layer = CrowdLayer(3, 2)
    with torch.no_grad():
        layer.weight[1] = torch.randn(3, 3, generator=torch.Generator().manual_seed(0))
    logits = torch.tensor([[1.0, -2.0, 0.3]])
    found = layer(logits, torch.tensor([1]))
    expected = torch.softmax(logits, -1) @ torch.softmax(layer.weight[1], -1)
    assert torch.allclose(found.exp(), expected, atol=1e-6)


def test_certain_classifiers_do_not_give_infinite_losses() -> None:
    found = CrowdLayer(3, 1)(torch.tensor([[500.0, 0.0, -500.0]]), torch.tensor([0]))
    assert torch.isfinite(found).all()


def test_an_unknown_connection_is_refused() -> None:
    with pytest.raises(SpecError, match="'mw', 'vw', 'vb' or 'vw\\+b'"):
        CrowdLayer(3, 2, conn_type="other")


def test_a_classifier_learns_the_truth_through_a_worker_who_swaps_classes() -> None:
    torch.manual_seed(0)
    points, workers, labels, truth = crowd()
    classifier, layer = torch.nn.Linear(3, 3), CrowdLayer(3, 4)
    optimiser = torch.optim.Adam([*classifier.parameters(), *layer.parameters()], lr=0.05)
    for _ in range(200):
        loss = torch.nn.functional.nll_loss(layer(classifier(points), workers), labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert (classifier(points).argmax(1) == truth).float().mean() > 0.9
    assert layer.weight[3][0].argmax() == 1


def test_conal_gives_log_probabilities_and_learns() -> None:
    torch.manual_seed(0)
    points, workers, labels, truth = crowd()
    classifier, layer = torch.nn.Linear(3, 3), CoNAL(3, 4)
    first = layer(points, classifier(points), workers)
    assert torch.allclose(first.exp().sum(1), torch.ones(len(points)), atol=1e-5)
    optimiser = torch.optim.Adam([*classifier.parameters(), *layer.parameters()], lr=0.05)
    for _ in range(200):
        loss = torch.nn.functional.nll_loss(layer(points, classifier(points), workers), labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert (classifier(points).argmax(1) == truth).float().mean() > 0.9


def test_workers_may_come_with_features() -> None:
    features = np.random.default_rng(0).normal(size=(4, 7)).astype(np.float32)
    layer = CoNAL(3, 4, user_feature=features)
    assert layer(torch.randn(2, 5, 6), torch.randn(2, 3), torch.tensor([0, 3])).shape == (2, 3)
    with pytest.raises(SpecError, match="one row for each of 4 workers"):
        CoNAL(3, 4, user_feature=features[:2])
