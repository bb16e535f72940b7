"""The little of H.264's file format that joining segments needs (ISO/IEC 14496-15, section 5.3.3)."""

from collections.abc import Sequence


def parameter_sets(avcc: bytes) -> list[bytes]:
    """The SPS and PPS of an AVCDecoderConfigurationRecord; none if it is not one."""
    if len(avcc) < 7 or avcc[0] != 1:
        return []
    found: list[bytes] = []
    position = 5
    for mask in (0x1F, 0xFF):
        if position >= len(avcc):
            return found
        count = avcc[position] & mask
        position += 1
        for _ in range(count):
            length = int.from_bytes(avcc[position : position + 2])
            unit = avcc[position + 2 : position + 2 + length]
            position += 2 + length
            if length and len(unit) == length:
                found.append(unit)
    return found


def in_band(units: Sequence[bytes]) -> bytes:
    """NAL units as they stand in a block, with lengths of four bytes."""
    return b"".join(len(unit).to_bytes(4) + unit for unit in units)
