"""Blocks: what was written comes back, or the damage is named."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftboard.data.block import decode, encode, id_column, id_list
from driftboard.data.ids import new_ids
from driftboard.errors import StoreError

COLUMNS = pa.record_batch({"a": pa.array([1.5, None]), "b": pa.array(["x", "é"]), "c": pa.array([None, True])})
LAYOUT = COLUMNS.schema.serialize().to_pybytes()


def test_a_block_comes_back_as_it_was() -> None:
    """Types, values and missing values are kept."""
    encoded = encode(COLUMNS)
    assert decode(encoded.payload, encoded.checksum, LAYOUT, name="block 1").equals(COLUMNS)


@given(st.integers(0, len(encode(COLUMNS).payload) * 8 - 1))
def test_any_flipped_bit_is_noticed(bit: int) -> None:
    """A damaged disk gives an error that names the block, never a wrong number."""
    encoded = encode(COLUMNS)
    damaged = bytearray(encoded.payload)
    damaged[bit // 8] ^= 1 << bit % 8
    with pytest.raises(StoreError, match="block 7 is damaged"):
        decode(bytes(damaged), encoded.checksum, LAYOUT, name="block 7")


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1)))
def test_ids_of_any_length_come_back(ids: list[str]) -> None:
    """Fixed width is only a saving."""
    assert id_list(id_column(ids)) == ids


def test_new_ids_are_unique_and_ordered() -> None:
    """Also beyond the counter of one prefix."""
    ids = new_ids(70_000)
    assert len(set(ids)) == len(ids)
    assert {len(each) for each in ids} == {20}
    assert ids[:65_536] == sorted(ids[:65_536])
