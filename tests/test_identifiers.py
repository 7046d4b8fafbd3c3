"""Identity numbers, telephones, credit codes and their masks, by the vectors of rules §4."""

import string
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.identifiers import (
    BadIdentifier,
    Identity,
    check_identity,
    credit_code,
    credit_code_check,
    identity_kinds,
    mask_email,
    mask_identity,
    mask_name,
    mask_phone,
    mask_text,
    mobile,
    normalised,
    phone,
    resident_check_character,
)

TODAY = date(2026, 11, 23)
STANDARD = "11010519491231002X"


def refused(check: Callable[..., object], *arguments: object) -> str:
    """The code with which a check refuses its arguments."""
    with pytest.raises(BadIdentifier) as caught:
        check(*arguments)
    return caught.value.code


def resident(area: str, born: date, sequence: int) -> str:
    first17 = f"{area}{born:%Y%m%d}{sequence:03}"
    return first17 + resident_check_character(first17)


areas = st.sampled_from(["110105", "440106", "469030", "500101", "650102", "810000", "830000"])
birth_dates = st.dates(date(1900, 1, 1), TODAY)
residents = st.builds(resident, areas, birth_dates, st.integers(0, 999))


# Resident numbers


def test_the_example_of_the_standard_tells_birth_date_and_gender() -> None:
    assert check_identity("resident_id", STANDARD, TODAY) == Identity(STANDARD, date(1949, 12, 31), "female")


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("440524188001010014", "id_age"),
        ("440106201002290010", "id_date"),
        ("110105194912310021", "id_checksum"),
        ("911840199001010018", "id_area"),
        ("110105491231002", "id_old_15"),
        ("1101051949123100", "id_format"),
        ("1101051949123100X2", "id_format"),
        ("", "id_format"),
        ("١١٠١٠٥١٩٤٩١٢٣١٠٠٢X", "id_format"),
    ],
)
def test_a_resident_number_is_refused_for_what_is_wrong_with_it(number: str, code: str) -> None:
    assert refused(check_identity, "resident_id", number, TODAY) == code


def test_the_standards_second_example_is_valid_where_the_age_limit_is_higher() -> None:
    identity = check_identity("resident_id", "440524188001010014", TODAY, max_age=146)
    assert identity == Identity("440524188001010014", date(1880, 1, 1), "male")


def test_the_age_limit_is_reached_on_the_birthday() -> None:
    number = resident("110105", date(1895, 11, 24), 1)
    assert check_identity("resident_id", number, TODAY).birth_date == date(1895, 11, 24)
    assert refused(check_identity, "resident_id", number, date(2026, 11, 24)) == "id_age"


def test_nobody_is_born_tomorrow() -> None:
    assert check_identity("resident_id", resident("110105", TODAY, 1), TODAY).birth_date == TODAY
    assert refused(check_identity, "resident_id", resident("110105", TODAY + timedelta(1), 1), TODAY) == "id_date"


def test_the_refusal_never_repeats_the_number() -> None:
    with pytest.raises(BadIdentifier) as caught:
        check_identity("resident_id", "110105194912310021", TODAY)
    assert "1949" not in repr(caught.value)


@pytest.mark.parametrize(
    "typed",
    [
        "11010519491231002x",
        " 110105 19491231 002X ",
        "110105-19491231-002X",
        "１１０１０５１９４９１２３１００２Ｘ",
        "\u202d11010519491231002X\u202c",
    ],
)
def test_the_way_a_number_was_typed_does_not_matter(typed: str) -> None:
    assert check_identity("resident_id", typed, TODAY).number == STANDARD


@given(areas, birth_dates, st.integers(0, 999))
def test_a_made_number_gives_back_what_it_was_made_of(area: str, born: date, sequence: int) -> None:
    number = resident(area, born, sequence)
    expected = Identity(number, born, "male" if sequence % 2 else "female")
    assert check_identity("resident_id", number, TODAY) == expected


@given(residents, st.integers(0, 17), st.sampled_from("0123456789X"))
def test_any_single_changed_character_is_refused(number: str, place: int, character: str) -> None:
    changed = number[:place] + character + number[place + 1 :]
    if changed == number:
        assert check_identity("resident_id", changed, TODAY).number == number
    else:
        assert refused(check_identity, "resident_id", changed, TODAY).startswith("id_")


@given(residents, st.integers(0, 16))
def test_two_swapped_neighbours_are_refused(number: str, place: int) -> None:
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if swapped != number:
        assert refused(check_identity, "resident_id", swapped, TODAY).startswith("id_")


# The other documents


@pytest.mark.parametrize(
    ("number", "gender"),
    [("810000199001010019", "male"), ("820000199001010029", "female"), ("830000199001010039", "male")],
)
def test_a_residence_permit_tells_birth_date_and_gender(number: str, gender: str) -> None:
    identity = check_identity("residence_permit", number, TODAY)
    assert (identity.birth_date, identity.gender) == (date(1990, 1, 1), gender)


def test_a_residence_permit_is_issued_for_three_areas_only() -> None:
    assert refused(check_identity, "residence_permit", STANDARD, TODAY) == "id_area"
    assert refused(check_identity, "residence_permit", resident("810001", date(1990, 1, 1), 1), TODAY) == "id_area"


def test_a_permanent_resident_card_is_old_without_or_new_with_a_birth_date() -> None:
    new = check_identity("foreign_permanent", "911840199001010018", TODAY)
    assert new == Identity("911840199001010018", date(1990, 1, 1), "male")
    assert check_identity("foreign_permanent", "usa110190010101", TODAY) == Identity("USA110190010101")


@pytest.mark.parametrize(
    ("number", "code"),
    [("911840199001010019", "id_checksum"), (STANDARD, "id_area"), ("US110190010101", "id_format")],
)
def test_a_wrong_permanent_resident_card_is_refused(number: str, code: str) -> None:
    assert refused(check_identity, "foreign_permanent", number, TODAY) == code


@pytest.mark.parametrize(
    ("id_type", "typed", "number"),
    [
        ("hk_id", "a123456(3)", "A1234563"),
        ("hk_id", "AB123456（A）", "AB123456A"),
        ("macau_id", "1234567(8)", "12345678"),
        ("taiwan_id", "a123456789", "A123456789"),
        ("passport", "E12345678", "E12345678"),
        ("passport", "EA1234567", "EA1234567"),
        ("passport", "x 12-345", "X12345"),
        ("hk_macau_permit", "H12345678", "H12345678"),
        ("hk_macau_permit", "m1234567801", "M12345678"),
        ("taiwan_permit", "12345678", "12345678"),
        ("taiwan_permit", "1234567801(B)", "1234567801B"),
        ("officer_card", "军字第1234567号", "军字第1234567号"),
        ("soldier_card", "士字第 7654321 号", "士字第7654321号"),
        ("other", "AB-1234", "AB1234"),
    ],
)
def test_a_document_without_personal_digits_is_checked_by_shape(id_type: str, typed: str, number: str) -> None:
    assert check_identity(id_type, typed, TODAY) == Identity(number, None, None)


@pytest.mark.parametrize(
    ("id_type", "number"),
    [
        ("hk_id", "ABC123456(3)"),
        ("hk_id", "A123456(B)"),
        ("macau_id", "123456(7)"),
        ("taiwan_id", "A323456789"),
        ("passport", "E123"),
        ("passport", "E12345678901234567"),
        ("passport", "护照12345"),
        ("hk_macau_permit", "T12345678"),
        ("hk_macau_permit", "H123456780"),
        ("taiwan_permit", "123456789"),
        ("other", "A1234"),
        ("other", "A" * 21),
        ("officer_card", "12345"),
        ("soldier_card", "123456;DROP"),
    ],
)
def test_a_document_of_another_shape_is_refused(id_type: str, number: str) -> None:
    assert refused(check_identity, id_type, number, TODAY) == "id_format"


@pytest.mark.parametrize("id_type", ["other", "officer_card", "soldier_card"])
@pytest.mark.parametrize("number", [STANDARD, "440524188001010014", "1101051949123100-2x"])
def test_a_resident_number_cannot_pass_as_another_document(id_type: str, number: str) -> None:
    assert refused(check_identity, id_type, number, TODAY) == "id_is_resident"


def test_a_type_outside_the_table_is_refused() -> None:
    assert refused(check_identity, "library_card", "A1234567", TODAY) == "id_unknown_type"


def test_the_document_table_holds_the_national_codes() -> None:
    national = {kind: entry.national_code for kind, entry in identity_kinds.items() if entry.national_code}
    assert national == {
        "resident_id": "01",
        "hk_id": "02",
        "macau_id": "03",
        "taiwan_id": "04",
        "passport": "05",
        "officer_card": "06",
        "soldier_card": "07",
        "other": "99",
    }
    assert len({entry.label for entry in identity_kinds.values()}) == len(identity_kinds) == 12


typed_text = st.text(
    st.sampled_from(string.ascii_letters + string.digits + " -()（）０９Ａｚ—\u200b\u3000军字号"), max_size=24
)


@given(st.text(st.characters(codec="utf-8"), max_size=24) | typed_text, st.sampled_from(sorted(identity_kinds)))
def test_an_accepted_number_is_accepted_again_unchanged(typed: str, id_type: str) -> None:
    try:
        accepted = check_identity(id_type, typed, TODAY)
    except BadIdentifier:
        return
    assert check_identity(id_type, accepted.number, TODAY) == accepted


@given(typed_text)
def test_normalising_twice_is_normalising_once(typed: str) -> None:
    assert normalised(normalised(typed)) == normalised(typed)


# Telephones


@pytest.mark.parametrize(
    "typed",
    [
        "13800138000",
        "+86 138-0013-8000",
        "0086 13800138000",
        "１３８００１３８０００",
        "(+86)138 0013 8000",
        "\u202d13800138000\u202c",
        "＋86—138—0013—8000",
    ],
)
def test_a_mobile_number_is_its_eleven_digits(typed: str) -> None:
    assert mobile(typed) == phone(typed) == "13800138000"


@pytest.mark.parametrize(
    "typed", ["12800138000", "1380013800", "138001380000", "", "020-87330001", "١٣٨٠٠١٣٨٠٠٠", "1380013800O"]
)
def test_what_is_no_mobile_number_is_refused(typed: str) -> None:
    assert refused(mobile, typed) == "phone_format"


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("020-87330001", "020-87330001"),
        ("02087330001", "020-87330001"),
        ("(020) 8733 0001", "020-87330001"),
        ("0755-1234567-801", "0755-1234567-801"),
        ("０７５５１２３４５６７８", "0755-12345678"),
        ("+86-010-12345678", "010-12345678"),
        ("400-800-1234", "4008001234"),
        ("8008001234", "8008001234"),
    ],
)
def test_a_landline_keeps_its_parts_and_a_hotline_its_digits(typed: str, number: str) -> None:
    assert phone(typed) == number
    assert phone(number) == number


@pytest.mark.parametrize(
    "typed", ["87330001", "020-873300", "020-87330001-", "500-800-1234", "12800138000", "120", "020-87330001-1234567"]
)
def test_what_is_no_telephone_number_is_refused(typed: str) -> None:
    assert refused(phone, typed) == "phone_format"


@given(
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.sets(st.integers(1, 10)), st.sampled_from(["", "+86", "0086 "])
)
def test_a_mobile_number_survives_any_grouping(number: str, breaks: set[int], prefix: str) -> None:
    grouped = "".join("-" * (place in breaks) + digit for place, digit in enumerate(number))
    assert mobile(prefix + grouped) == number


# Credit codes


@pytest.mark.parametrize(
    "code",
    [
        "91110000600037341L",
        "91350100M000100Y43",
        "12440000MA00000X7T",
        "524401050987654300",
        "53440000MJK000006Q",
        "51440100MJK123452B",
        "810000199001010019",
        "820000199001010029",
        "830000199001010039",
    ],
)
def test_a_valid_credit_code_is_returned_as_it_is(code: str) -> None:
    assert credit_code(code) == code


def test_a_credit_code_may_be_typed_in_any_width_case_and_grouping() -> None:
    assert credit_code(" 9111 0000-600037341ｌ") == "91110000600037341L"


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("12440000455857628A", "credit_code_checksum"),
        ("9111000060003734L", "credit_code_format"),
        ("91110000600037341LL", "credit_code_format"),
        ("9111000060003734IL", "credit_code_format"),
        ("9111000060003734OL", "credit_code_format"),
        ("9111000060003734SL", "credit_code_format"),
        ("9111000060003734VL", "credit_code_format"),
        ("9111000060003734ZL", "credit_code_format"),
        ("91A10000600037341L", "credit_code_format"),
        ("", "credit_code_format"),
    ],
)
def test_a_wrong_credit_code_is_refused(code: str, error: str) -> None:
    assert refused(credit_code, code) == error


def test_the_vector_that_fails_expected_another_character() -> None:
    assert credit_code_check("12440000455857628") == "M"


ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
first17s = st.tuples(
    st.text(ALPHABET, min_size=2, max_size=2),
    st.text("0123456789", min_size=6, max_size=6),
    st.text(ALPHABET, min_size=9, max_size=9),
).map("".join)


@given(first17s)
def test_a_made_credit_code_is_valid_even_with_registrar_letters(first17: str) -> None:
    code = first17 + credit_code_check(first17)
    assert credit_code(code.lower()) == code


@given(first17s, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_any_single_changed_character_of_a_credit_code_is_refused(first17: str, place: int, character: str) -> None:
    code = first17 + credit_code_check(first17)
    changed = code[:place] + character + code[place + 1 :]
    if changed != code:
        assert refused(credit_code, changed).startswith("credit_code_")


# Masks


@pytest.mark.parametrize(
    ("mask", "value", "shown"),
    [
        (mask_identity, STANDARD, "110*************2X"),
        (mask_identity, "H12345678", "H12****78"),
        (mask_identity, "12345678", "12****78"),
        (mask_identity, "123456", "1****6"),
        (mask_identity, "123", "***"),
        (mask_identity, "", ""),
        (mask_phone, "13800138000", "138****8000"),
        (mask_phone, "020-87330001", "020*****0001"),
        (mask_phone, "4008001234", "40******34"),
        (mask_name, "张三", "张*"),
        (mask_name, "张三丰", "张**"),
        (mask_name, "欧阳修远", "欧**"),
        (mask_name, "阿依古丽·买买提", "阿**"),
        (mask_name, " Anna Smith ", "A**"),
        (mask_name, "张", "*"),
        (mask_name, "", ""),
        (mask_email, "anna.smith@example.org", "a***@example.org"),
        (mask_email, "a@example.org", "***@example.org"),
        (mask_email, "anna", "***"),
        (mask_email, "", ""),
        (mask_text, "天河路1号", "***"),
        (mask_text, " ", ""),
    ],
)
def test_a_mask_shows_what_a_list_may_show(mask: Callable[[str], str], value: str, shown: str) -> None:
    assert mask(value) == shown


@given(residents)
def test_the_mask_hides_birth_date_and_sequence(number: str) -> None:
    assert set(mask_identity(number)[6:16]) == {"*"}


@given(st.sampled_from([mask_identity, mask_phone]), st.text(string.ascii_uppercase + string.digits, max_size=24))
def test_a_mask_never_reveals_the_middle(mask: Callable[[str], str], number: str) -> None:
    shown = mask(number)
    assert len(shown) == len(number)
    middle = shown.strip(string.ascii_uppercase + string.digits)
    assert set(middle) <= {"*"}
    assert len(middle) >= min(4, (len(number) + 1) // 2)


@given(st.text(st.characters(categories=["Lo", "Lu", "Ll"]), min_size=2))
def test_a_masked_name_keeps_one_character(name: str) -> None:
    assert mask_name(name) in (name[0] + "*", name[0] + "**")
