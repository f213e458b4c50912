"""A summarising model of the transformers library, three thousand weights large and made up on the spot."""

import pandas as pd
import pytest

pytest.importorskip("torch", reason="needs torch: pip install torch transformers")
transformers = pytest.importorskip("transformers", reason="needs transformers: pip install torch transformers")

from dataforge.learning import TextSummarization  # noqa: E402

WORDS = ["<pad>", "<s>", "</s>", "<unk>", "|", "the", "cat", "dog", "sat", "ran"]


def tokenizer() -> object:
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    words = Tokenizer(models.WordLevel({word: n for n, word in enumerate(WORDS)}, unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    words.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 2)])
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=words, pad_token="<pad>", eos_token="</s>", bos_token="<s>", unk_token="<unk>"
    )


def model() -> object:
    transformers.set_seed(0)
    config = transformers.T5Config(
        vocab_size=len(WORDS), d_model=8, d_kv=4, d_ff=16, num_layers=1, num_heads=2, decoder_start_token_id=0,
        pad_token_id=0, eos_token_id=2,
    )  # fmt: skip
    return transformers.T5ForConditionalGeneration(config).eval()


@pytest.mark.parametrize("n_permutations", [None, 2])
def test_a_model_of_transformers_writes_a_text_for_each_task(n_permutations: int | None) -> None:
    data = pd.DataFrame(
        {"task": ["t", "t", "u"], "worker": ["v", "w", "v"], "text": ["the cat sat", "the dog sat", "the dog ran"]}
    )
    summarization = TextSummarization(tokenizer(), model(), num_beams=2, n_permutations=n_permutations)
    found = summarization.fit_predict(data)
    assert found.index.tolist() == ["t", "u"]
    assert found.name == "agg_text"
    assert all(set(text.split()) <= set(WORDS[3:]) for text in found)
    assert summarization.fit_predict(data).equals(found)
