"""The look of a page, in 36 hexadecimal digits: whether two pages are pictures of the same thing."""

LONGUEUR = 36
BITS_DIFFERENTS = 5  # of 128: two pictures of the same page, resized or saved again
TEINTE = 8  # of 255


def semblables(une: str, autre: str) -> bool:
    """Whether two looks, as `documents.qualite` draws them, are those of one page; a blank one ("") is like none."""
    if not (len(une) == len(autre) == LONGUEUR):
        return False
    traits = (int(une[:32], 16) ^ int(autre[:32], 16)).bit_count()
    teintes = [abs(a - b) for a, b in zip(bytes.fromhex(une[32:]), bytes.fromhex(autre[32:]), strict=True)]
    return traits <= BITS_DIFFERENTS and max(teintes) <= TEINTE
