import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs torch: pip install torch transformers")

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


def numbered(layer: CrowdLayer) -> CrowdLayer:
    """The layer with 0.1, 0.2, 0.3 … in its first parameter and -0.2, -0.4 … in its second."""
    with torch.no_grad():
        for step, parameter in zip((0.1, -0.2), layer.parameters(), strict=False):
            parameter.copy_(torch.arange(1, parameter.numel() + 1).reshape(parameter.shape) * step)
    return layer


@pytest.mark.parametrize(
    ("kind", "expected"),
    # What the layers of Crowd-Kit 1.4.2 return for these weights and outputs.
    [
        ("mw", [[-1.5, -1.65, -1.8], [2.675, 3.35, 4.025]]),
        ("vw", [[1.0, -2.2, 0.6], [0.0, 0.125, 1.2]]),
        ("vb", [[2.0, -0.9, 1.7], [0.4, 0.75, 2.6]]),
        ("vw+b", [[-1.0, -4.4, -1.8], [-0.8, -0.875, 0.0]]),
    ],
)
def test_each_connection_is_that_of_the_paper(kind: str, expected: list[list[float]]) -> None:
    outputs, workers = torch.tensor([[1.0, -2.0, 0.5], [0.0, 0.25, 2.0]]), torch.tensor([3, 1])
    layer = numbered(CrowdLayer(3, 4, conn_type=kind))
    assert torch.allclose(layer(outputs, workers), torch.tensor(expected), atol=1e-6)
    assert torch.allclose(layer(outputs[:1], workers[:1]), torch.tensor(expected[:1]), atol=1e-6)


@pytest.mark.parametrize("kind", ["mw", "vw", "vb", "vw+b"])
def test_a_fresh_layer_takes_every_worker_at_their_word(kind: str) -> None:
    outputs = torch.tensor([[1.0, -2.0, 0.5]])
    assert torch.equal(CrowdLayer(3, 2, conn_type=kind, dtype=torch.float32)(outputs, torch.tensor([1])), outputs)


def test_an_unknown_connection_is_refused() -> None:
    with pytest.raises(SpecError, match="'mw', 'vw', 'vb' or 'vw\\+b'"):
        CrowdLayer(3, 2, conn_type="other")


@pytest.mark.parametrize("kind", ["mw", "vw", "vb", "vw+b"])
def test_a_classifier_learns_the_truth_through_a_worker_who_swaps_classes(kind: str) -> None:
    torch.manual_seed(0)
    points, workers, labels, truth = crowd()
    classifier, layer = torch.nn.Linear(3, 3), CrowdLayer(3, 4, conn_type=kind)
    optimiser = torch.optim.Adam([*classifier.parameters(), *layer.parameters()], lr=0.05)
    for _ in range(100):
        loss = torch.nn.functional.cross_entropy(layer(classifier(points).softmax(1), workers), labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert (classifier(points).argmax(1) == truth).float().mean() > 0.9
    if kind == "mw":
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


def test_conal_of_certain_classifiers_is_finite() -> None:
    layer = CoNAL(3, 2)
    found = layer(torch.ones(1, 5), torch.tensor([[500.0, 0.0, -500.0]]), torch.tensor([0]))
    assert torch.isfinite(found).all()


def test_workers_may_come_with_features() -> None:
    features = np.random.default_rng(0).normal(size=(4, 7)).astype(np.float32)
    layer = CoNAL(3, 4, user_feature=features)
    assert layer(torch.randn(2, 5, 6), torch.randn(2, 3), torch.tensor([0, 3])).shape == (2, 3)
    with pytest.raises(SpecError, match="one row for each of 4 workers"):
        CoNAL(3, 4, user_feature=features[:2])
